// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "config/codec.h"
#include "tests/unit/config/support.h"

namespace sallyport::cfg::test {
namespace {

const Field& any_field() {
    return field_of("gateway.name");
}

TEST(Encode, WritesEachTypeAsItIsRead) {
    EXPECT_EQ(encode(true, any_field()).text, "true");
    EXPECT_EQ(encode(std::uint16_t{1500}, field_of("tcp.client_mss")).text, "1500");
    EXPECT_EQ(encode(std::uint32_t{65536}, field_of("memory.sessions")).text, "65536");
    EXPECT_EQ(encode(std::uint64_t{65536}, field_of("memory.hold_bytes")).text, "64 KiB");
    EXPECT_EQ(encode(std::chrono::milliseconds(7440000), any_field()).text, "2h4m");
    EXPECT_EQ(encode(address("192.0.2.1"), any_field()).text, "192.0.2.1");
    EXPECT_EQ(encode(prefix("192.0.2.0/24"), any_field()).text, "192.0.2.0/24");
    EXPECT_EQ(encode(InterfaceAddress{address("192.0.2.1"), 24, {}}, any_field()).text,
              "192.0.2.1/24");
    EXPECT_EQ(encode(PortRange{1, 2}, any_field()).text, "1-2");
    EXPECT_EQ(encode(ProtocolPort{Protocol::Tls, 443}, any_field()).text, "tls/443");
    EXPECT_EQ(encode(Answer::Reset, any_field()).text, "reset");
}

TEST(Encode, QuotesWhatYamlWouldTakeForSomethingElse) {
    for (const auto* text : {"", "yes", "off", "true", "null", "12", "1e3", "a b", "a: b", "*x"})
        EXPECT_TRUE(encode(std::string(text), any_field()).quoted) << text;
    for (const auto* text : {"web", "a.example", "/run/x.sock", "default-allow"})
        EXPECT_FALSE(encode(std::string(text), any_field()).quoted) << text;
}

TEST(Encode, QuotesWildcards) {
    const Node node = encode(HostPattern{"example.com", true, {}}, any_field());
    EXPECT_EQ(node.text, "*.example.com");
    EXPECT_TRUE(node.quoted);
}

}  // namespace
}  // namespace sallyport::cfg::test

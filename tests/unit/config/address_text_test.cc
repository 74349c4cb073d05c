// SPDX-License-Identifier: Apache-2.0
#include "config/address_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/config/support.h"

namespace sallyport::cfg::test {
namespace {

using ::testing::ElementsAre;

TEST(AddressText, ReadsAndWritesAnAddress) {
    const auto decoded = decode<IpAddr>("egress[].addresses", "203.0.113.7");
    ASSERT_TRUE(decoded.value);
    EXPECT_EQ(*decoded.value, address("203.0.113.7"));
    EXPECT_EQ(address_text(*decoded.value), "203.0.113.7");
}

TEST(AddressText, ReadsIpv6InTheOneFormThatIsItsOwn) {
    EXPECT_EQ(decode<IpAddr>("egress[].addresses", "2001:db8::1").value, address("2001:db8::1"));
    const auto mapped = decode<IpAddr>("egress[].addresses", "::ffff:192.0.2.1");
    EXPECT_FALSE(mapped.value);
    EXPECT_THAT(codes_of(mapped.findings), ElementsAre("SP1401"));
}

TEST(AddressText, RefusesWhatIsNoAddress) {
    for (const auto* text : {"", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.256", "::1%eth0", "a"}) {
        const auto decoded = decode<IpAddr>("egress[].addresses", text);
        EXPECT_FALSE(decoded.value) << text;
        EXPECT_THAT(codes_of(decoded.findings), ElementsAre("SP1401")) << text;
    }
}

TEST(AddressText, KeepsHostBitsOfAnInterfaceAddress) {
    const auto decoded =
        decode<InterfaceAddress>("ports.{inside,outside}.addresses", "10.10.0.1/24");
    ASSERT_TRUE(decoded.value);
    EXPECT_EQ(decoded.value->address, address("10.10.0.1"));
    EXPECT_EQ(decoded.value->prefix_length, 24);
    EXPECT_EQ(decoded.value->mark, (Mark{1, 1}));
}

TEST(AddressText, WantsALengthFrom0To32) {
    for (const auto* text : {"10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/a"}) {
        const auto decoded = decode<InterfaceAddress>("ports.{inside,outside}.addresses", text);
        EXPECT_FALSE(decoded.value) << text;
        EXPECT_THAT(codes_of(decoded.findings), ElementsAre("SP1402")) << text;
    }
    EXPECT_TRUE(decode<IpPrefix>("policy.rules[].sources", "0.0.0.0/0").value);
    EXPECT_TRUE(decode<IpPrefix>("policy.rules[].sources", "2001:db8::/128").value);
    EXPECT_FALSE(decode<IpPrefix>("policy.rules[].sources", "2001:db8::/129").value);
    EXPECT_TRUE(decode<IpPrefix>("policy.rules[].sources", "192.0.2.1/32").value);
}

}  // namespace
}  // namespace sallyport::cfg::test

// SPDX-License-Identifier: Apache-2.0
// Values of rules: hosts, sources, protocols, endpoints, times, labels.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/codec.h"
#include "config/time_text.h"
#include "tests/unit/config/support.h"

namespace sallyport::cfg::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(CodecRules, ReadsHostsWithTheirPlace) {
    const auto decoded =
        decode<HostPattern>("policy.rules[].hosts", "*.Example.COM.", Style::Quoted);
    EXPECT_EQ(decoded.value,
              (HostPattern{.name = "example.com", .wildcard = true, .mark = {1, 1}}));
}

TEST(CodecRules, TakesLettersBeyondAsciiForTheirALabels) {
    const auto decoded = decode<HostPattern>("policy.rules[].hosts", "*.B\u00dcCHER.example");
    ASSERT_TRUE(decoded.value);
    EXPECT_EQ(decoded.value->name, "xn--bcher-kva.example");
    EXPECT_EQ(encode(*decoded.value, field_of("policy.rules[].hosts")).text,
              "*.xn--bcher-kva.example");
    EXPECT_THAT(codes_of(decode<HostPattern>("policy.rules[].hosts", "\u2603.example").findings),
                ElementsAre("SP1407"));
}

TEST(CodecRules, ReadsProtocolsWithPorts) {
    const auto read = [](std::string_view text) {
        return decode<ProtocolPort>("policy.rules[].protocols", text);
    };
    EXPECT_EQ(read("tls/65535").value, (ProtocolPort{Protocol::Tls, 65535}));
    EXPECT_EQ(read("udp/123").value, (ProtocolPort{Protocol::Udp, 123}));
    EXPECT_EQ(read("icmp").value, (ProtocolPort{Protocol::Icmp, 0}));
    for (const auto* text : {"icmp/8", "tcp", "tcp/", "tcp/0", "udp/65536", "sctp/1", "TCP/1"})
        EXPECT_THAT(codes_of(read(text).findings), ElementsAre("SP1409")) << text;
    EXPECT_THAT(codes_of(read("tcp/022").findings), ElementsAre("SP1207"));
    EXPECT_THAT(read("https/443").findings[0].hint, HasSubstr("tls/443"));
    const Field& field = field_of("policy.rules[].protocols");
    EXPECT_EQ(encode(ProtocolPort{Protocol::Icmp, 0}, field).text, "icmp");
    EXPECT_EQ(encode(ProtocolPort{Protocol::Tcp, 22}, field).text, "tcp/22");
}

TEST(CodecRules, TellsNetworksFromGroups) {
    const auto read = [](std::string_view text) {
        return decode<Source>("policy.rules[].sources", text);
    };
    EXPECT_EQ(read("10.0.0.0/8").value, (Source{prefix("10.0.0.0/8"), {}}));
    EXPECT_EQ(read("fd00::/8").value, (Source{prefix("fd00::/8"), {}}));
    EXPECT_EQ(read("ci-runners").value, (Source{{}, "ci-runners"}));
    EXPECT_THAT(codes_of(read("10.0.0.1").findings), ElementsAre("SP1402"));
    EXPECT_THAT(codes_of(read("10.0.0.1/8").findings), ElementsAre("SP1403"));
    EXPECT_THAT(codes_of(read("a b").findings), ElementsAre("SP1401"));
    EXPECT_EQ(encode(Source{{}, "ci"}, field_of("policy.rules[].sources")).text, "ci");
}

TEST(CodecRules, ReadsEndpointsOfBothFamilies) {
    const Field& field = field_of("policy.rules[].endpoints");
    const auto read = [](std::string_view text) {
        return decode<Endpoint>("policy.rules[].endpoints", text);
    };
    for (const auto* text :
         {"203.0.113.9", "203.0.113.9:8443", "2001:db8::1", "[2001:db8::1]:443"}) {
        const auto decoded = read(text);
        ASSERT_TRUE(decoded.value) << text;
        EXPECT_EQ(encode(*decoded.value, field).text, text);
    }
    EXPECT_EQ(read("203.0.113.9:8443").value->port, 8443);
    EXPECT_EQ(read("[2001:db8::1]").value->address, address("2001:db8::1"));
    for (const auto* text :
         {"", "a.example", "a.example:443", "203.0.113.9:", "203.0.113.9:0", "203.0.113.9:65536",
          "[203.0.113.9", "[2001:db8::1]443", "203.0.113.9/32"})
        EXPECT_THAT(codes_of(read(text).findings), ElementsAre("SP1414")) << text;
    EXPECT_THAT(codes_of(read("203.0.113.9:0443").findings), ElementsAre("SP1207"));
    EXPECT_THAT(codes_of(read("::ffff:203.0.113.9").findings), ElementsAre("SP1401"));
}

TEST(CodecRules, ReadsMomentsAndTimesOfTheWeek) {
    const auto moment =
        decode<std::chrono::sys_seconds>("policy.rules[].expires", "2026-12-31T18:00:00Z");
    ASSERT_TRUE(moment.value);
    EXPECT_EQ(format_moment(*moment.value), "2026-12-31T18:00:00Z");
    const auto zone =
        decode<std::chrono::sys_seconds>("policy.rules[].expires", "2026-12-31T18:00:00+01:00");
    ASSERT_THAT(codes_of(zone.findings), ElementsAre("SP1415"));
    EXPECT_THAT(zone.findings[0].hint, HasSubstr("UTC"));
    EXPECT_TRUE(decode<TimeWindow>("policy.rules[].schedule", "Mon-Fri 08:00-18:00").value);
    EXPECT_THAT(codes_of(decode<TimeWindow>("policy.rules[].schedule", "nights").findings),
                ElementsAre("SP1416"));
}

TEST(CodecRules, ReadsLabels) {
    const auto read = [](std::string_view text) {
        return decode<Label>("kubernetes.selector", text);
    };
    EXPECT_EQ(read("istio=egressgateway").value, (Label{"istio", "egressgateway"}));
    EXPECT_EQ(read("app.kubernetes.io/name=curl").value, (Label{"app.kubernetes.io/name", "curl"}));
    EXPECT_EQ(read("a=").value, (Label{"a", ""}));
    for (const auto* text : {"", "a", "=b", "a/=b", "/a=b", "a b=c", "a=b c", "a=b=c", "a=-"})
        EXPECT_THAT(codes_of(read(text).findings), ElementsAre("SP1417")) << text;
}

}  // namespace
}  // namespace sallyport::cfg::test

// SPDX-License-Identifier: Apache-2.0
#include "config/codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/config/support.h"

namespace sallyport::cfg::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Codec, TakesOnlyTrueAndFalseAsBooleans) {
    EXPECT_EQ(decode<bool>("policy.rules[].private", "true").value, true);
    EXPECT_EQ(decode<bool>("policy.rules[].private", "false").value, false);
    for (const auto* word : {"yes", "No", "on", "OFF", "y", "N", "True", "FALSE"})
        EXPECT_THAT(codes_of(decode<bool>("policy.rules[].private", word).findings),
                    ElementsAre("SP1208"))
            << word;
    for (const auto* word : {"1", "0", "maybe"})
        EXPECT_THAT(codes_of(decode<bool>("policy.rules[].private", word).findings),
                    ElementsAre("SP1201"))
            << word;
    EXPECT_FALSE(decode<bool>("policy.rules[].private", "true", Style::Quoted).value);
}

TEST(Codec, TakesIntegersUpToTheLimitsOfTheRow) {
    EXPECT_EQ(decode<std::uint32_t>("workers.count", "1").value, 1U);
    EXPECT_EQ(decode<std::uint32_t>("workers.count", "64").value, 64U);
    for (const auto* text : {"0", "65", "18446744073709551616"})
        EXPECT_THAT(codes_of(decode<std::uint32_t>("workers.count", text).findings),
                    ElementsAre("SP1206"))
            << text;
}

TEST(Codec, TakesNoQuotedNumber) {
    EXPECT_THAT(codes_of(decode<std::uint32_t>("workers.count", "1", Style::Quoted).findings),
                ElementsAre("SP1201"));
}

TEST(Codec, RefusesNumbersThatLookOctal) {
    EXPECT_THAT(codes_of(decode<std::uint16_t>("ports.{inside,outside}.mtu", "01500").findings),
                ElementsAre("SP1207"));
}

TEST(Codec, ReadsSizesAndDurationsInTheirUnits) {
    EXPECT_EQ(decode<std::uint64_t>("memory.hold_bytes", "1 MiB").value, 1048576U);
    EXPECT_EQ(decode<std::uint64_t>("memory.hold_bytes", "65536").value, 65536U);
    EXPECT_EQ(decode<std::chrono::milliseconds>("tcp.idle_timeout", "2h4m").value,
              std::chrono::minutes(124));
}

TEST(Codec, SaysThatTheUnitIsMissing) {
    const auto decoded = decode<std::chrono::milliseconds>("tcp.hello_timeout", "5");
    ASSERT_THAT(codes_of(decoded.findings), ElementsAre("SP1212"));
    EXPECT_THAT(decoded.findings[0].hint, HasSubstr("5s?"));
}

TEST(Codec, ReadsChoices) {
    EXPECT_EQ(decode<Idle>("workers.idle", "poll").value, Idle::Poll);
    EXPECT_EQ(decode<Hugepages>("memory.hugepages", "on").value, Hugepages::On);
    EXPECT_THAT(codes_of(decode<Idle>("workers.idle", "Poll").findings), ElementsAre("SP1209"));
    EXPECT_THAT(codes_of(decode<LogFormat>("log.access.format", "json").findings),
                ElementsAre("SP1204"));
    EXPECT_EQ(decode<std::string>("log.level", "warn").value, "warn");
}

TEST(Codec, ReadsPortRanges) {
    const auto decoded = decode<PortRange>("egress[].ports", "1024-65535");
    ASSERT_TRUE(decoded.value);
    EXPECT_EQ(decoded.value->first, 1024);
    EXPECT_EQ(decoded.value->last, 65535);
    EXPECT_EQ(decode<PortRange>("egress[].ports", "4000").value->last, 4000);
    for (const auto* text : {"", "-", "1-", "-1", "0-1", "2-1", "1-65536", "1-2-3", "a-b"})
        EXPECT_THAT(codes_of(decode<PortRange>("egress[].ports", text).findings),
                    ElementsAre("SP1410"))
            << text;
    EXPECT_THAT(codes_of(decode<PortRange>("egress[].ports", "01024-65535").findings),
                ElementsAre("SP1207"));
}

TEST(Codec, RefusesHostBitsAndProposesTheNetwork) {
    const auto decoded = decode<IpPrefix>("policy.rules[].sources", "10.10.0.1/24");
    ASSERT_THAT(codes_of(decoded.findings), ElementsAre("SP1403"));
    EXPECT_THAT(decoded.findings[0].hint, HasSubstr("10.10.0.0/24"));
}

TEST(Codec, PassesOverWhatIsBrokenAlready) {
    Report report;
    report.open("x", "test.yaml");
    Node node;
    node.kind = Node::Kind::Broken;
    const std::string path = "workers.count";
    std::uint32_t count = 7;
    EXPECT_FALSE(decode_into(Value{node, field_of(path), path, report}, count));
    EXPECT_EQ(count, 7U);
    EXPECT_THAT(report.take(), IsEmpty());
}

}  // namespace
}  // namespace sallyport::cfg::test

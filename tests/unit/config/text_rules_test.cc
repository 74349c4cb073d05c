// SPDX-License-Identifier: Apache-2.0
#include "config/text_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/config/support.h"

namespace sallyport::cfg::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> codes(std::string_view field, std::string_view text,
                               Style style = Style::Quoted) {
    return codes_of(decode<std::string>(field, text, style).findings);
}

TEST(TextRules, TakeNames) {
    EXPECT_TRUE(decode<std::string>("gateway.name", "egress-a.1_b").value);
    EXPECT_TRUE(decode<std::string>("gateway.name", std::string(63, 'a')).value);
    for (const auto& name : {std::string(), std::string("-a"), std::string("a b"),
                             std::string("a/b"), std::string(64, 'a')})
        EXPECT_THAT(codes("gateway.name", name), ElementsAre("SP1404")) << name;
}

TEST(TextRules, WantQuotesAroundWhatIsNoText) {
    for (const auto* text : {"12", "true", "null", "1.5"}) {
        EXPECT_THAT(codes("gateway.name", text, Style::Plain), ElementsAre("SP1201")) << text;
        EXPECT_TRUE(decode<std::string>("gateway.name", text, Style::Quoted).value) << text;
    }
}

TEST(TextRules, TakeDevicesAsDpdkWritesThem) {
    constexpr std::string_view kDevice = "ports.{inside,outside}.device";
    for (const auto* device : {"0000:8a:00.1", "8a:00.1", "0000:8a:00.1,txq=1", "net_tap0",
                               "net_af_packet0,iface=gi", "auxiliary:mlx5_core.sf.4"})
        EXPECT_TRUE(decode<std::string>(kDevice, device).value) << device;
    for (const auto* device : {"", "my device", "net_tap0\n", "eno1"})
        EXPECT_THAT(codes(kDevice, device), ElementsAre("SP1411")) << device;
    EXPECT_THAT(decode<std::string>(kDevice, "eth0").findings[0].hint,
                HasSubstr("net_af_packet0,iface=eth0"));
}

TEST(TextRules, TakeAbsolutePathsThatFit) {
    EXPECT_TRUE(decode<std::string>("control.socket", '/' + std::string(106, 'a')).value);
    EXPECT_THAT(codes("control.socket", '/' + std::string(107, 'a')), ElementsAre("SP1412"));
    EXPECT_THAT(codes("control.socket", "stdout"), ElementsAre("SP1412"));
    EXPECT_THAT(codes("control.socket", std::string_view("/a\0b", 4)), ElementsAre("SP1412"));
    EXPECT_THAT(codes("control.socket", "/a\nb"), ElementsAre("SP1412"));
    EXPECT_TRUE(decode<std::string>("log.access.path", "stdout").value);
    EXPECT_TRUE(decode<std::string>("log.access.path", "/var/log/access.log").value);
    EXPECT_THAT(codes("log.access.path", "access.log"), ElementsAre("SP1412"));
}

}  // namespace
}  // namespace sallyport::cfg::test

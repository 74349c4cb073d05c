// SPDX-License-Identifier: Apache-2.0
#include "control/text.h"

#include <gtest/gtest.h>

namespace sallyport::ctl {
namespace {

using std::chrono::milliseconds;
using std::chrono::system_clock;

TEST(Text, TimeIsRfc3339WithMilliseconds) {
    EXPECT_EQ(time_text(system_clock::time_point(milliseconds(0))), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(time_text(system_clock::time_point(milliseconds(1709251199999))),
              "2024-02-29T23:59:59.999Z");
}

TEST(Text, TimeBeforeTheEpochRoundsDown) {
    EXPECT_EQ(time_text(system_clock::time_point(milliseconds(-1))), "1969-12-31T23:59:59.999Z");
}

TEST(Text, EndpointPutsIpv6InBrackets) {
    EXPECT_EQ(endpoint_text(Ipv4Addr{{192, 0, 2, 1}}, Port{443}), "192.0.2.1:443");
    EXPECT_EQ(endpoint_text(IpAddr{}, Port{0}), "[::]:0");
}

TEST(Text, AddressHasNoPort) {
    EXPECT_EQ(address_text(Ipv4Addr{{192, 0, 2, 1}}), "192.0.2.1");
    EXPECT_EQ(address_text(IpAddr{}), "::");
}

TEST(Text, SessionIdHasSixteenDigits) {
    EXPECT_EQ(session_id_text(0), "0000000000000000");
    EXPECT_EQ(session_id_text(~0ULL), "ffffffffffffffff");
}

TEST(Text, LogTokenIsOneTokenOfPrintableAscii) {
    EXPECT_EQ(log_token(""), "-");
    EXPECT_EQ(log_token("*.example.com"), "*.example.com");
    EXPECT_EQ(log_token("a b\"\\\n\x7f\xc3"), "a\\x20b\\x22\\x5c\\x0a\\x7f\\xc3");
}

TEST(Text, LogTextKeepsBlanksAndNothingElse) {
    EXPECT_EQ(log_text(""), "-");
    EXPECT_EQ(log_text("curl/7 (X11; \"Linux\")"), "curl/7 (X11; \\x22Linux\\x22)");
    EXPECT_EQ(log_text("a\tb\r\n\\\x1b\x7f\xff"), "a\\x09b\\x0d\\x0a\\x5c\\x1b\\x7f\\xff");
    EXPECT_EQ(log_text(std::string_view("\0", 1)), "\\x00");
}

}  // namespace
}  // namespace sallyport::ctl

// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/base/ip_addr.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <string>

#include "tcpstack/base/rng.h"

namespace sallyport {
namespace {

std::string text_of(const IpAddr& a) {
    std::array<char, kIpTextMax> out;
    return std::string(format(a, out));
}

TEST(IpAddrParse, ReadsADottedQuad) {
    const auto a = IpAddr::parse("192.0.2.254");
    ASSERT_TRUE(a);
    EXPECT_TRUE(a->is_v4());
    EXPECT_EQ(a->v4().host(), 0xc00002feU);
    EXPECT_EQ(IpAddr::parse("0.0.0.0")->v4().host(), 0U);
    EXPECT_EQ(IpAddr::parse("255.255.255.255")->v4().host(), 0xffffffffU);
}

TEST(IpAddrParse, RefusesWhatOtherProgramsReadDifferently) {
    for (const char* text :
         {"",          "1",          "1.2",        "1.2.3",     "1.2.3.4.5",
          "010.0.0.1", "1.2.3.04",   "00.0.0.0",   "0x1.2.3.4", "256.1.1.1",
          "1.2.3.999", "1.2.3.1000", "1..2.3",     ".1.2.3",    "1.2.3.",
          "1.2.3.4.",  " 1.2.3.4",   "1.2.3.4 ",   "1.2.3.-4",  "+1.2.3.4",
          "a.b.c.d",   "3232235521", "1.2.3.4/32", "[1.2.3.4]", "\xd9\xa1.2.3.4"})
        EXPECT_FALSE(IpAddr::parse(text)) << text;
    EXPECT_FALSE(IpAddr::parse(std::string_view("1.2.3.4\0", 8)));
}

TEST(IpAddrParse, ReadsIpv6) {
    const auto a = IpAddr::parse("2001:DB8::8:800:200c:417A");
    ASSERT_TRUE(a);
    EXPECT_FALSE(a->is_v4());
    EXPECT_EQ(text_of(*a), "2001:db8::8:800:200c:417a");
    EXPECT_EQ(*IpAddr::parse("::"), IpAddr{});
    EXPECT_EQ(*IpAddr::parse("0:0:0:0:0:0:0:0"), IpAddr{});
    EXPECT_EQ(*IpAddr::parse("1::"), *IpAddr::parse("1:0:0:0:0:0:0:0"));
    EXPECT_EQ(*IpAddr::parse("::1"), *IpAddr::parse("0:0:0:0:0:0:0:1"));
    EXPECT_EQ(*IpAddr::parse("1:2:3:4:5:6:7::"), *IpAddr::parse("1:2:3:4:5:6:7:0"));
    EXPECT_EQ(*IpAddr::parse("::2:3:4:5:6:7:8"), *IpAddr::parse("0:2:3:4:5:6:7:8"));
    EXPECT_EQ(*IpAddr::parse("0001:0::"), *IpAddr::parse("1::"));
    EXPECT_EQ(*IpAddr::parse("64:ff9b::192.0.2.1"), *IpAddr::parse("64:ff9b::c000:201"));
    EXPECT_EQ(*IpAddr::parse("1:2:3:4:5:6:1.2.3.4"), *IpAddr::parse("1:2:3:4:5:6:102:304"));
}

TEST(IpAddrParse, RefusesMalformedIpv6) {
    for (const char* text : {":",
                             ":::",
                             "1:::2",
                             "1::2::3",
                             "::1::",
                             "1:2:3:4:5:6:7",
                             "1:2:3:4:5:6:7:8:9",
                             "1:2:3:4:5:6:7:8::",
                             "::1:2:3:4:5:6:7:8",
                             "1:2:3:4::5:6:7:8",
                             ":1:2:3:4:5:6:7:8",
                             "1:2:3:4:5:6:7:",
                             "1:2:3:4:5:6:7:8:",
                             ":1",
                             "1:",
                             "12345::",
                             "g::",
                             "fe80::1%eth0",
                             "[::1]",
                             "::1/128",
                             "::1.2.3",
                             "::1.2.3.4.5",
                             "::01.2.3.4",
                             "1.2.3.4::",
                             "::1.2.3.4:5",
                             "1:2:3:4:5:6:7:1.2.3.4",
                             "1:2:3:4:5:6:1.2.3.4::",
                             "::-1",
                             ":: ",
                             "::0x1"})
        EXPECT_FALSE(IpAddr::parse(text)) << text;
}

TEST(IpAddrParse, MappedAddressIsTheIpv4Address) {
    EXPECT_EQ(*IpAddr::parse("::ffff:192.0.2.1"), *IpAddr::parse("192.0.2.1"));
    EXPECT_TRUE(IpAddr::parse("::ffff:0:0")->is_v4());
    EXPECT_FALSE(IpAddr::parse("::fffe:192.0.2.1")->is_v4());
    EXPECT_FALSE(IpAddr::parse("::192.0.2.1")->is_v4());
}

TEST(IpAddrFormat, FollowsRfc5952) {
    for (const char* text :
         {"0.0.0.0", "10.1.20.255", "::", "::1", "1::", "2001:db8::1", "2001:db8:0:1:1:1:1:1",
          "2001:0:0:1::1", "2001:db8::1:0:0:1", "1:2:3:4:5:6:7:8", "0:1:2:3:4:5:6:7",
          "1:2:3:4:5:6:7:0", "::2:3:4:5:6:7", "a:b:c:d:e:f::", "fe80::abcd",
          "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}) {
        const auto a = IpAddr::parse(text);
        ASSERT_TRUE(a) << text;
        EXPECT_EQ(text_of(*a), text);
    }
}

TEST(IpAddrFormat, FirstOfTwoEqualRunsIsShortened) {
    EXPECT_EQ(text_of(*IpAddr::parse("2001:db8:0:0:1:0:0:1")), "2001:db8::1:0:0:1");
}

// A mix of zero and other groups, against the C library, which writes IPv6 the same way but for
// addresses that embed IPv4.
TEST(IpAddrFormat, AgreesWithTheCLibraryAndReadsBack) {
    Rng rng(11);
    for (int n = 0; n < 20'000; ++n) {
        Ipv6Addr v6;
        for (auto& octet : v6.octets) octet = static_cast<std::uint8_t>(rng.next());
        for (std::size_t group = 0; group < 8; ++group)
            if (rng.below(2) == 0) v6.octets[2 * group] = v6.octets[2 * group + 1] = 0;
        v6.octets[0] |= 0x20;  // embeds no IPv4
        char expected[INET6_ADDRSTRLEN];
        ASSERT_TRUE(inet_ntop(AF_INET6, v6.octets.data(), expected, sizeof expected));
        ASSERT_EQ(text_of(v6), expected);
        ASSERT_EQ(*IpAddr::parse(expected), IpAddr(v6));
    }
}

TEST(IpPrefixParse, ReadsBlocksAndBareAddresses) {
    const auto p = IpPrefix::parse("10.0.0.0/8");
    ASSERT_TRUE(p);
    EXPECT_EQ(p->length(), 8U);
    EXPECT_EQ(p->family(), Family::V4);
    EXPECT_EQ(IpPrefix::parse("192.0.2.1")->length(), 32U);
    EXPECT_EQ(IpPrefix::parse("fd00::1")->length(), 128U);
    EXPECT_EQ(IpPrefix::parse("0.0.0.0/0")->length(), 0U);
    EXPECT_EQ(IpPrefix::parse("::/0")->family(), Family::V6);
}

TEST(IpPrefixParse, RefusesHostBitsAndOddLengths) {
    for (const char* text :
         {"10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/08", "10.0.0.0/-1", "10.0.0.0/+8",
          "10.0.0.0/8 ", "10.0.0.0/8/8", "/8", "10.0.0/8", "10.0.0.0/255.0.0.0", "fd00::1/8",
          "fd00::/129", "fd00::/1000", "::ffff:10.0.0.0/104", ""})
        EXPECT_FALSE(IpPrefix::parse(text)) << text;
}

TEST(IpPrefix, ClearsHostBitsAndClampsLength) {
    EXPECT_EQ(IpPrefix(*IpAddr::parse("10.1.2.3"), 12), *IpPrefix::parse("10.0.0.0/12"));
    EXPECT_EQ(IpPrefix(*IpAddr::parse("10.1.2.3"), 99), *IpPrefix::parse("10.1.2.3/32"));
    EXPECT_EQ(IpPrefix(*IpAddr::parse("fdff::1"), 9), *IpPrefix::parse("fd80::/9"));
    EXPECT_EQ(IpPrefix(*IpAddr::parse("10.1.2.3"), 0), *IpPrefix::parse("0.0.0.0/0"));
}

TEST(IpPrefix, ContainsExactlyItsBlock) {
    const auto p = *IpPrefix::parse("192.0.2.128/25");
    EXPECT_TRUE(p.contains(*IpAddr::parse("192.0.2.128")));
    EXPECT_TRUE(p.contains(*IpAddr::parse("192.0.2.255")));
    EXPECT_FALSE(p.contains(*IpAddr::parse("192.0.2.127")));
    EXPECT_FALSE(p.contains(*IpAddr::parse("192.0.3.128")));
}

TEST(IpPrefix, NeverContainsTheOtherFamily) {
    EXPECT_FALSE(IpPrefix::parse("::/0")->contains(*IpAddr::parse("10.0.0.1")));
    EXPECT_FALSE(IpPrefix::parse("0.0.0.0/0")->contains(*IpAddr::parse("fd00::1")));
    EXPECT_TRUE(IpPrefix::parse("::/0")->contains(*IpAddr::parse("fd00::1")));
    EXPECT_TRUE(IpPrefix::parse("0.0.0.0/0")->contains(*IpAddr::parse("10.0.0.1")));
}

}  // namespace
}  // namespace sallyport

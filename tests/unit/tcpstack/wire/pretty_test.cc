// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/wire/pretty.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "tests/support/frame_builder.h"

namespace sallyport::wire {
namespace {

using test::v4;

std::string pretty_of(const test::Octets& frame) {
    std::array<char, kPrettyMax> out;
    return std::string(pretty(frame, out));
}

TEST(Pretty, ShowsASyn) {
    EXPECT_EQ(
        pretty_of(test::tcp_frame({.flags = kSyn,
                                   .options = {.mss = 1460,
                                               .window_shift = 7,
                                               .timestamps = Timestamps{TsVal{5}, TsVal{0}},
                                               .sack_permitted = true}})),
        "10.10.0.5.40000 > 203.0.113.80.443: Flags [S], seq 1000, win 65535, mss 1460, sackOK, "
        "TS 5/0, wscale 7, length 0");
}

TEST(Pretty, ShowsDataWithItsEndAcknowledgementAndSack) {
    test::TcpFields t{.flags = kAck | kPsh, .payload = {1, 2, 3}};
    EXPECT_TRUE(t.options.sack.push_back({SeqNum{10}, SeqNum{20}}));
    EXPECT_EQ(pretty_of(test::tcp_frame(t)),
              "10.10.0.5.40000 > 203.0.113.80.443: Flags [P.], seq 1000:1003, ack 2000, win 65535, "
              "sack 10:20, length 3");
}

TEST(Pretty, SaysWhenAChecksumIsWrong) {
    test::Octets tcp = test::tcp_frame({});
    test::tcp_of(tcp).checksum.set(1);
    EXPECT_TRUE(pretty_of(tcp).ends_with(", bad checksum"));
    test::Octets udp = test::udp_frame({}, 53, {1});
    test::udp_of(udp).checksum.set(1);
    EXPECT_TRUE(pretty_of(udp).ends_with(", bad checksum"));
}

TEST(Pretty, ShowsUdpAndIcmp) {
    EXPECT_EQ(pretty_of(test::udp_frame({}, 53, {1, 2})),
              "10.10.0.5.50000 > 203.0.113.80.53: UDP, length 2");
    EXPECT_EQ(pretty_of(test::icmp_frame({}, 8, 0, {1})),
              "10.10.0.5 > 203.0.113.80: ICMP type 8 code 0, length 1");
}

TEST(Pretty, ShowsArp) {
    ArpFields fields{kArpRequest, test::kStationMac, v4("10.0.0.1"),
                     {},          v4("10.0.0.2"),    kBroadcast};
    EXPECT_EQ(pretty_of(test::arp_frame(fields)), "ARP who-has 10.0.0.2 tell 10.0.0.1");
    fields.operation = kArpReply;
    EXPECT_EQ(pretty_of(test::arp_frame(fields)), "ARP reply 10.0.0.1 is-at 02:00:00:00:00:01");
    fields.operation = 9;
    EXPECT_EQ(pretty_of(test::arp_frame(fields)), "ARP operation 9");
}

TEST(Pretty, ShowsWhyAFrameIsNoPacket) {
    EXPECT_EQ(pretty_of({1, 2, 3}), "frame_truncated, length 3");
    test::Octets f = test::tcp_frame({});
    test::ethernet_of(f).ethertype.set(kEthertypeVlan);
    EXPECT_EQ(pretty_of(f), "vlan_tagged, length 54");
}

// The longest line: four SACK blocks of ten digits each.
TEST(Pretty, LongestLineFits) {
    test::TcpFields t{.addresses = {.src = v4("255.255.255.254"), .dst = v4("255.255.255.255")},
                      .src_port = 65535,
                      .dst_port = 65535,
                      .seq = 4000000000,
                      .ack = 4000000000,
                      .flags = 0xf8,
                      .payload = test::Octets(1000)};
    for (int i = 0; i < 4; ++i)
        EXPECT_TRUE(t.options.sack.push_back({SeqNum{4000000000}, SeqNum{4000000001}}));
    test::Octets f = test::tcp_frame(t);
    test::tcp_of(f).checksum.set(1);
    EXPECT_TRUE(pretty_of(f).ends_with("length 1000, bad checksum")) << pretty_of(f);
}

}  // namespace
}  // namespace sallyport::wire

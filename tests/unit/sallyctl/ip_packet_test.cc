// SPDX-License-Identifier: Apache-2.0
#include "tools/sallyctl/replay/ip_packet.h"

#include <gtest/gtest.h>

#include "tests/unit/sallyctl/packets.h"
#include "tools/sallyctl/replay/link.h"
#include "tools/sallyctl/replay/tcp_segment.h"

namespace sallyport::replay {
namespace {

const IpAddr kClient4 = ip("10.0.0.2"), kServer4 = ip("192.0.2.1");
const IpAddr kClient6 = ip("2001:db8::2"), kServer6 = ip("2001:db8::1");

TEST(ReplayIp, PassesOverOptionsOfIpv4) {
    const Bytes packet = ipv4(kClient4, kServer4, 17, {1, 2, 3}, 0, 7, {1, 1, 1, 0});
    const auto parsed = parse_ip(packet);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->src, kClient4);
    EXPECT_EQ(parsed->protocol, 17);
    EXPECT_EQ(Bytes(parsed->payload.begin(), parsed->payload.end()), Bytes({1, 2, 3}));
    EXPECT_FALSE(parsed->fragment);
}

TEST(ReplayIp, LeavesThePaddingOfAFrame) {
    Bytes packet = ipv4(kClient4, kServer4, 17, {1, 2, 3});
    packet.resize(packet.size() + 10);
    EXPECT_EQ(parse_ip(packet)->payload.size(), 3u);
}

TEST(ReplayIp, LengthOfZeroIsThatOfTheCapture) {
    Bytes packet = ipv4(kClient4, kServer4, 17, {1, 2, 3});
    packet[2] = packet[3] = 0;
    EXPECT_EQ(parse_ip(packet)->payload.size(), 3u);
}

TEST(ReplayIp, SaysWhenThePayloadIsCutShort) {
    Bytes packet = ipv4(kClient4, kServer4, 17, Bytes(100, 1));
    packet.resize(60);
    const auto parsed = parse_ip(packet);
    EXPECT_EQ(parsed->payload.size(), 40u);
    EXPECT_EQ(parsed->length, 100u);
}

TEST(ReplayIp, PassesOverExtensionHeaders) {
    Bytes payload;
    put(payload, {43, 0, 1, 4, 0, 0, 0, 0});   // hop-by-hop, then routing
    put(payload, {44, 0, 1, 4, 0, 0, 0, 0});   // then an atomic fragment
    put(payload, {51, 0, 0, 0, 0, 0, 0, 9});   // then authentication of 12 octets
    put(payload, {60, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1});
    put(payload, {17, 0, 1, 4, 0, 0, 0, 0});   // then destination options
    put(payload, {1, 2, 3});
    const Bytes packet = ipv6(kClient6, kServer6, 0, payload);
    const auto parsed = parse_ip(packet);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->protocol, 17);
    EXPECT_EQ(parsed->payload.size(), 3u);
    EXPECT_FALSE(parsed->fragment);
}

TEST(ReplayIp, EndlessExtensionHeadersAreRefused) {
    Bytes payload;
    for (int i = 0; i < 17; ++i) put(payload, {60, 0, 1, 4, 0, 0, 0, 0});
    EXPECT_FALSE(parse_ip(ipv6(kClient6, kServer6, 60, payload)));
}

TEST(ReplayIp, WhatIsCutWithinItsHeadersIsRefused) {
    const Bytes extensions{60, 0, 1, 4, 0, 0, 0, 0, 17, 1, 1, 4, 0, 0, 0, 0};
    for (Bytes packet : {ipv4(kClient4, kServer4, 17, {}, 0, 7, {1, 1, 1, 0}),
                         ipv6(kClient6, kServer6, 0, extensions)}) {
        while (!packet.empty()) {
            packet.pop_back();
            EXPECT_FALSE(parse_ip(packet)) << packet.size();
        }
    }
    Bytes wrong = ipv4(kClient4, kServer4, 17, {});
    wrong[0] = 0x44;
    EXPECT_FALSE(parse_ip(wrong)) << "a header shorter than it can be";
    wrong[0] = 0x55;
    EXPECT_FALSE(parse_ip(wrong)) << "version 5";
}

TEST(ReplayLink, FindsThePacketBehindEachLink) {
    const Bytes packet = ipv4(kClient4, kServer4, 17, {1, 2, 3});
    const auto is_packet = [&](LinkType link, const Bytes& frame) {
        const Octets found = ip_packet_in(link, frame);
        return Bytes(found.begin(), found.end()) == packet;
    };
    EXPECT_TRUE(is_packet(LinkType::Ethernet, ethernet(packet)));
    EXPECT_TRUE(is_packet(LinkType::Ethernet, ethernet(packet, {0x88, 0xa8, 0, 1, 0x81, 0, 0, 2})));
    EXPECT_TRUE(is_packet(LinkType::RawIp, packet));
    Bytes sll(14, 0), sll2{8, 0}, null{2, 0, 0, 0};
    put(sll, {8, 0});
    put(sll, packet);
    sll2.resize(20);
    put(sll2, packet);
    put(null, packet);
    EXPECT_TRUE(is_packet(LinkType::Sll, sll));
    EXPECT_TRUE(is_packet(LinkType::Sll2, sll2));
    EXPECT_TRUE(is_packet(LinkType::Null, null));
}

TEST(ReplayLink, WhatHoldsNoPacketIsEmpty) {
    Bytes arp(12, 2);
    put(arp, {8, 6, 1, 2, 3});
    EXPECT_TRUE(ip_packet_in(LinkType::Ethernet, arp).empty());
    EXPECT_TRUE(ip_packet_in(LinkType::Ethernet, Bytes(13, 2)).empty());
    const Bytes tags{0x81, 0, 0, 1, 0x81, 0, 0, 1, 0x81, 0, 0, 1, 0x81, 0, 0, 1, 0x81, 0, 0, 1};
    EXPECT_TRUE(ip_packet_in(LinkType::Ethernet,
                             ethernet(ipv4(kClient4, kServer4, 17, {}), tags)).empty());
    EXPECT_FALSE(link_type_of(127)) << "radiotap";
}

TEST(ReplayTcp, RefusesAnImpossibleDataOffset) {
    Bytes packet = tcp({kClient4, kServer4, Port{1}, Port{2}}, kSyn, 1, 0, {5});
    EXPECT_EQ(parse_tcp(*parse_ip(packet))->length, 1u);
    packet[32] = 0x40;
    EXPECT_FALSE(parse_tcp(*parse_ip(packet)));
    packet[32] = 0xf0;
    EXPECT_FALSE(parse_tcp(*parse_ip(packet)));
}

}  // namespace
}  // namespace sallyport::replay

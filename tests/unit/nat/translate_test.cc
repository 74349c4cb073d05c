// SPDX-License-Identifier: Apache-2.0
#include "dataplane/nat/translate.h"

#include "tcpstack/base/rng.h"
#include "tests/unit/nat/flows.h"

namespace sallyport::dp {
namespace {

using namespace test;

Octets random_octets(Rng& rng, std::uint32_t at_most) {
    Octets out(rng.below(at_most + 1));
    for (std::uint8_t& octet : out) octet = static_cast<std::uint8_t>(rng.next());
    return out;
}

std::uint16_t random_port(Rng& rng) { return static_cast<std::uint16_t>(1 + rng.below(65535)); }

FlowRecord flow_of(const wire::PacketView& packet, Rng& rng) {
    FlowRecord flow;
    flow.key = packet.flow_key4();
    flow.rewrite = {Ipv4Addr::from_host(static_cast<std::uint32_t>(rng.next())),
                    Ipv4Addr::from_host(static_cast<std::uint32_t>(rng.next())),
                    flow.key.src_port == 0 ? std::uint16_t{0} : random_port(rng),
                    flow.key.dst_port == 0 ? std::uint16_t{0} : random_port(rng)};
    return flow;
}

Octets random_frame(int protocol, Rng& rng) {
    const Addresses a;
    if (protocol == 0) return udp_frame_of(a, random_port(rng), random_port(rng), random_octets(rng, 80));
    if (protocol == 1) return echo_frame(a, wire::kIcmpEchoRequest, random_port(rng), random_octets(rng, 80));
    if (protocol == 2) return echo_frame(a, wire::kIcmpEchoReply, random_port(rng), random_octets(rng, 80));
    TcpFields t;
    t.src_port = random_port(rng);
    t.seq = static_cast<std::uint32_t>(rng.next());
    t.payload = random_octets(rng, 80);
    return tcp_frame(t);
}

// What a host would build that sent the packet from there by itself.
Octets from_scratch(Octets frame, const FlowRecord& flow) {
    wire::Ipv4Header& ip = ipv4_of(frame);
    ip.src = flow.rewrite.src;
    ip.dst = flow.rewrite.dst;
    ip.ttl = static_cast<std::uint8_t>(ip.ttl - 1);
    wire::set_checksum(ip);
    if (ip.protocol == wire::kProtocolIcmp) {
        icmp_of(frame).set_echo_id(flow.rewrite.src_port + flow.rewrite.dst_port);
    } else {
        udp_of(frame).src_port.set(flow.rewrite.src_port);
        udp_of(frame).dst_port.set(flow.rewrite.dst_port);
    }
    set_transport_checksum(frame);
    return frame;
}

TEST(TranslateHeaders, GivesWhatAHostWouldHaveSent) {
    Rng rng(11);
    for (int i = 0; i < 40'000; ++i) {
        Octets frame = random_frame(i % 4, rng);
        wire::PacketView packet;
        ASSERT_EQ(wire::parse(frame, packet), wire::ParseError::None);
        const FlowRecord flow = flow_of(packet, rng);
        const Octets expected = from_scratch(frame, flow);
        translate_headers(flow, packet);
        ASSERT_EQ(frame, expected) << i;
    }
}

TEST(TranslateHeaders, LeavesAWrongChecksumWrong) {
    Rng rng(12);
    for (int i = 0; i < 1000; ++i) {
        Octets frame = udp_frame_of({}, 40000, 5000, random_octets(rng, 40));
        frame.push_back(0);
        ipv4_of(frame).total_length.set(static_cast<std::uint16_t>(frame.size() - 14));
        wire::set_checksum(ipv4_of(frame));
        udp_of(frame).length.set(static_cast<std::uint16_t>(frame.size() - 34));
        wire::PacketView packet;
        ASSERT_EQ(wire::parse(frame, packet), wire::ParseError::None);
        ASSERT_FALSE(packet.transport_checksum_ok());
        translate_headers(flow_of(packet, rng), packet);
        EXPECT_FALSE(packet.transport_checksum_ok());
    }
}

TEST(TranslateHeaders, AUdpChecksumThatWasNotComputedStaysSo) {
    Rng rng(13);
    Octets frame = udp_frame_of({}, 40000, 5000, {1, 2, 3});
    udp_of(frame).checksum.set(0);
    wire::PacketView packet;
    ASSERT_EQ(wire::parse(frame, packet), wire::ParseError::None);
    translate_headers(flow_of(packet, rng), packet);
    EXPECT_EQ(packet.udp().checksum.host(), 0);
}

TEST(TranslateLaterFragment, ChangesAddressesAndTtlOnly) {
    Rng rng(14);
    Octets frame = udp_frame_of({}, 40000, 5000, random_octets(rng, 40));
    const Octets before = frame;
    wire::PacketView packet;
    ASSERT_EQ(wire::parse(frame, packet), wire::ParseError::None);
    const FlowRecord flow = flow_of(packet, rng);
    translate_later_fragment(flow, packet.ipv4());
    EXPECT_TRUE(std::equal(frame.begin() + 34, frame.end(), before.begin() + 34));
    EXPECT_EQ(wire::parse(frame, packet), wire::ParseError::None) << "header checksum";
    EXPECT_EQ(packet.ipv4().src, flow.rewrite.src);
    EXPECT_EQ(packet.ipv4().dst, flow.rewrite.dst);
    EXPECT_EQ(packet.ipv4().ttl, 63);
}

TEST(ReplaceId, KeepsTheChecksumRight) {
    Rng rng(15);
    Octets frame = udp_frame_of({}, 40000, 5000, {});
    for (int i = 0; i < 1000; ++i) {
        const auto id = static_cast<std::uint16_t>(rng.next());
        replace_id(ipv4_of(frame), id);
        wire::PacketView packet;
        ASSERT_EQ(wire::parse(frame, packet), wire::ParseError::None);
        ASSERT_EQ(packet.ipv4().id.host(), id);
    }
}

}  // namespace
}  // namespace sallyport::dp

// SPDX-License-Identifier: Apache-2.0
#include "dataplane/nat/translate.h"

#include "dataplane/session/flow_records.h"
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

IpAddr random_address(Rng& rng, bool v6) {
    if (!v6) return Ipv4Addr::from_host(static_cast<std::uint32_t>(rng.next()));
    Ipv6Addr a;
    for (std::uint8_t& octet : a.octets) octet = static_cast<std::uint8_t>(rng.next());
    a.octets[0] = 0x20;
    return a;
}

// The record of a packet's flow that leaves from anywhere to anywhere.
struct Flow {
    Flow(const wire::PacketView& packet, Rng& rng) {
        const FourTuple key = packet.four_tuple();
        to = {random_address(rng, packet.is_v6()), random_address(rng, packet.is_v6()),
              key.src_port == Port{} ? Port{} : Port{random_port(rng)},
              key.dst_port == Port{} ? Port{} : Port{random_port(rng)}};
        const FlowRecords records({&record, 1}, {&second, 1});
        records.set_key(0, key);
        records.set_rewrite(0, to);
    }
    FlowLines lines() const { return {record, second}; }

    FourTuple to;
    FlowRecord record;
    FlowAddresses6 second;
};

constexpr int kKinds = 8;  // of random_frame(): both families

Octets random_frame(int kind, Rng& rng) {
    const bool v6 = kind >= 4;
    const Addresses a{random_address(rng, v6), random_address(rng, v6)};
    const std::uint8_t asks = v6 ? wire::kIcmpv6EchoRequest : wire::kIcmpEchoRequest;
    const std::uint8_t replies = v6 ? wire::kIcmpv6EchoReply : wire::kIcmpEchoReply;
    if (kind % 4 == 0) return udp_frame_of(a, random_port(rng), random_port(rng), random_octets(rng, 80));
    if (kind % 4 == 1) return echo_frame(a, asks, random_port(rng), random_octets(rng, 80));
    if (kind % 4 == 2) return echo_frame(a, replies, random_port(rng), random_octets(rng, 80));
    TcpFields t;
    t.addresses = a;
    t.src_port = random_port(rng);
    t.seq = static_cast<std::uint32_t>(rng.next());
    t.payload = random_octets(rng, 80);
    return tcp_frame(t);
}

// What a host would build that sent the packet from there by itself.
Octets from_scratch(Octets frame, const FourTuple& to) {
    if (to.src.is_v4()) {
        wire::Ipv4Header& ip = ipv4_of(frame);
        ip.src = to.src.v4();
        ip.dst = to.dst.v4();
        ip.ttl = static_cast<std::uint8_t>(ip.ttl - 1);
        wire::set_checksum(ip);
    } else {
        wire::Ipv6Header& ip = ipv6_of(frame);
        ip.src = to.src.v6();
        ip.dst = to.dst.v6();
        ip.hop_limit = static_cast<std::uint8_t>(ip.hop_limit - 1);
    }
    const std::uint8_t protocol =
        to.src.is_v4() ? ipv4_of(frame).protocol : ipv6_of(frame).next_header;
    if (protocol == wire::kProtocolIcmp || protocol == wire::kProtocolIcmpv6) {
        icmp_of(frame).set_echo_id(to.src_port.number + to.dst_port.number);
    } else {
        udp_of(frame).src_port.set(to.src_port.number);
        udp_of(frame).dst_port.set(to.dst_port.number);
    }
    set_transport_checksum(frame);
    return frame;
}

TEST(TranslateHeaders, GivesWhatAHostWouldHaveSent) {
    Rng rng(11);
    for (int i = 0; i < 40'000; ++i) {
        Octets frame = random_frame(i % kKinds, rng);
        wire::PacketView packet;
        ASSERT_EQ(wire::parse(frame, packet), wire::ParseError::None);
        const Flow flow(packet, rng);
        const Octets expected = from_scratch(frame, flow.to);
        translate_headers(flow.lines(), packet);
        ASSERT_EQ(frame, expected) << i;
    }
}

TEST(TranslateHeaders, LeavesAWrongChecksumWrong) {
    Rng rng(12);
    for (int i = 0; i < 1000; ++i) {
        const bool v6 = i % 2 == 1;
        Octets frame = udp_frame_of({random_address(rng, v6), random_address(rng, v6)}, 40000, 5000,
                                    random_octets(rng, 40));
        frame.push_back(0);
        set_ip_length(frame);
        udp_of(frame).length.set(static_cast<std::uint16_t>(frame.size() - transport_at(frame)));
        wire::PacketView packet;
        ASSERT_EQ(wire::parse(frame, packet), wire::ParseError::None);
        ASSERT_FALSE(packet.transport_checksum_ok());
        translate_headers(Flow(packet, rng).lines(), packet);
        EXPECT_FALSE(packet.transport_checksum_ok());
    }
}

TEST(TranslateHeaders, AUdpChecksumThatWasNotComputedStaysSo) {
    Rng rng(13);
    Octets frame = udp_frame_of({}, 40000, 5000, {1, 2, 3});
    udp_of(frame).checksum.set(0);
    wire::PacketView packet;
    ASSERT_EQ(wire::parse(frame, packet), wire::ParseError::None);
    translate_headers(Flow(packet, rng).lines(), packet);
    EXPECT_EQ(packet.udp().checksum.host(), 0);
}

TEST(TranslateLaterFragment, ChangesAddressesAndTtlOnly) {
    Rng rng(14);
    Octets frame = udp_frame_of({}, 40000, 5000, random_octets(rng, 40));
    const Octets before = frame;
    wire::PacketView packet;
    ASSERT_EQ(wire::parse(frame, packet), wire::ParseError::None);
    const Flow flow(packet, rng);
    translate_later_fragment(flow.lines(), packet);
    EXPECT_TRUE(std::equal(frame.begin() + 34, frame.end(), before.begin() + 34));
    EXPECT_EQ(wire::parse(frame, packet), wire::ParseError::None) << "header checksum";
    EXPECT_EQ(packet.source(), flow.to.src);
    EXPECT_EQ(packet.destination(), flow.to.dst);
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

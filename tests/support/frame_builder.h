// SPDX-License-Identifier: Apache-2.0
// Whole frames of both families for tests, right in every field unless a test spoils one afterwards.
#pragma once
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "tcpstack/wire/arp.h"
#include "tcpstack/wire/checksum.h"
#include "tcpstack/wire/packet_view.h"
#include "tcpstack/wire/tcp_options.h"

namespace sallyport::test {

using Octets = std::vector<std::uint8_t>;

inline constexpr wire::MacAddr kStationMac{{0x02, 0, 0, 0, 0, 0x01}};
inline constexpr wire::MacAddr kGateMac{{0x02, 0, 0, 0, 0, 0xfe}};

inline Ipv4Addr v4(std::string_view text) {
    return IpAddr::parse(text).value().v4();
}

inline Ipv6Addr v6(std::string_view text) {
    return IpAddr::parse(text).value().v6();
}

template <class Header>
Header& header_at(Octets& frame, std::size_t offset) {
    return *reinterpret_cast<Header*>(frame.data() + offset);
}
inline wire::EthernetHeader& ethernet_of(Octets& f) {
    return header_at<wire::EthernetHeader>(f, 0);
}
inline wire::Ipv4Header& ipv4_of(Octets& f) {
    return header_at<wire::Ipv4Header>(f, 14);
}
inline wire::Ipv6Header& ipv6_of(Octets& f) {
    return header_at<wire::Ipv6Header>(f, 14);
}
// Where the transport header stands, when there are no extension headers.
inline std::size_t transport_at(Octets& f) {
    return ethernet_of(f).ethertype.host() == wire::kEthertypeIpv6 ? 54 : 34;
}
inline wire::TcpHeader& tcp_of(Octets& f) {
    return header_at<wire::TcpHeader>(f, transport_at(f));
}
inline wire::UdpHeader& udp_of(Octets& f) {
    return header_at<wire::UdpHeader>(f, transport_at(f));
}
inline wire::IcmpHeader& icmp_of(Octets& f) {
    return header_at<wire::IcmpHeader>(f, transport_at(f));
}

// After the frame has changed in length: what its IP header says of that.
inline void set_ip_length(Octets& f) {
    const auto length = static_cast<std::uint16_t>(f.size() - sizeof(wire::EthernetHeader));
    if (transport_at(f) == 54)
        return ipv6_of(f).payload_length.set(static_cast<std::uint16_t>(length - 40));
    ipv4_of(f).total_length.set(length);
    wire::set_checksum(ipv4_of(f));
}
inline void set_hop_limit(Octets& f, std::uint8_t hops) {
    if (transport_at(f) == 54) {
        ipv6_of(f).hop_limit = hops;
        return;
    }
    ipv4_of(f).ttl = hops;
    wire::set_checksum(ipv4_of(f));
}

// Both of one family.
struct Addresses {
    IpAddr src = v4("10.10.0.5"), dst = v4("203.0.113.80");
    wire::MacAddr src_mac = kStationMac, dst_mac = kGateMac;
};

// Ethernet and IP around `segment`, which is a transport header and its payload.
inline Octets ip_frame(const Addresses& a, std::uint8_t protocol, const Octets& segment) {
    const bool is_v4 = a.src.is_v4();
    Octets f(is_v4 ? 34 : 54);
    ethernet_of(f) = {a.dst_mac, a.src_mac,
                      Be16{is_v4 ? wire::kEthertypeIpv4 : wire::kEthertypeIpv6}};
    const auto length = static_cast<std::uint16_t>(segment.size());
    if (is_v4) wire::fill(ipv4_of(f), a.src.v4(), a.dst.v4(), protocol, length);
    else wire::fill(ipv6_of(f), a.src.v6(), a.dst.v6(), protocol, length);
    f.insert(f.end(), segment.begin(), segment.end());
    return f;
}

// Over everything behind the IP header, with the pseudo-header where the protocol has one.
inline std::uint16_t transport_sum(Octets& frame) {
    const bool is_v4 = transport_at(frame) == 34;
    const wire::Ipv4Header& ip4 = ipv4_of(frame);
    const wire::Ipv6Header& ip6 = ipv6_of(frame);
    const auto length = static_cast<std::uint16_t>(
        is_v4 ? ip4.total_length.host() - sizeof ip4 : ip6.payload_length.host());
    wire::Sum16 sum;
    if (!is_v4) sum = wire::pseudo_header(ip6.src, ip6.dst, ip6.next_header, length);
    else if (ip4.protocol != wire::kProtocolIcmp)
        sum = wire::pseudo_header(ip4.src, ip4.dst, ip4.protocol, length);
    sum.add_bytes({frame.data() + transport_at(frame), length});
    return sum.checksum();
}

inline void set_transport_checksum(Octets& frame) {
    const std::uint8_t protocol =
        transport_at(frame) == 34 ? ipv4_of(frame).protocol : ipv6_of(frame).next_header;
    Be16& field = protocol == wire::kProtocolTcp   ? tcp_of(frame).checksum
                  : protocol == wire::kProtocolUdp ? udp_of(frame).checksum
                                                   : icmp_of(frame).checksum;
    field.set(0);
    const std::uint16_t sum = transport_sum(frame);
    // RFC 768: zero would say that none was computed.
    field.set(protocol == wire::kProtocolUdp && sum == 0 ? std::uint16_t{0xffff} : sum);
}

struct TcpFields {
    Addresses addresses{};
    std::uint16_t src_port = 40000, dst_port = 443;
    std::uint32_t seq = 1000, ack = 2000;
    std::uint8_t flags = wire::kAck;
    std::uint16_t window = 65535;
    wire::TcpOptions options{};
    Octets payload{};
};

inline Octets tcp_frame(const TcpFields& t) {
    Octets segment(sizeof(wire::TcpHeader));
    std::array<std::uint8_t, wire::kTcpOptionsMax> options;
    const std::size_t n = wire::emit_options(t.options, options);
    auto& h = header_at<wire::TcpHeader>(segment, 0);
    h = {Be16{t.src_port},
         Be16{t.dst_port},
         Be32{t.seq},
         Be32{t.ack},
         static_cast<std::uint8_t>((sizeof h + n) / 4 << 4),
         t.flags,
         Be16{t.window},
         Be16{0},
         Be16{0}};
    segment.insert(segment.end(), options.begin(), options.begin() + static_cast<long>(n));
    segment.insert(segment.end(), t.payload.begin(), t.payload.end());
    Octets f = ip_frame(t.addresses, wire::kProtocolTcp, segment);
    set_transport_checksum(f);
    return f;
}

inline Octets udp_frame(const Addresses& a, std::uint16_t dst_port, const Octets& payload) {
    Octets segment(sizeof(wire::UdpHeader));
    segment.insert(segment.end(), payload.begin(), payload.end());
    header_at<wire::UdpHeader>(segment, 0) = {
        Be16{50000}, Be16{dst_port}, Be16{static_cast<std::uint16_t>(segment.size())}, Be16{0}};
    Octets f = ip_frame(a, wire::kProtocolUdp, segment);
    set_transport_checksum(f);
    return f;
}

inline Octets icmp_frame(const Addresses& a, std::uint8_t type, std::uint8_t code,
                         const Octets& payload) {
    Octets segment(sizeof(wire::IcmpHeader));
    header_at<wire::IcmpHeader>(segment, 0) = {type, code, Be16{0}, Be32{0x00070001}};
    segment.insert(segment.end(), payload.begin(), payload.end());
    const bool is_v4 = a.src.is_v4();
    Octets f = ip_frame(a, is_v4 ? wire::kProtocolIcmp : wire::kProtocolIcmpv6, segment);
    set_transport_checksum(f);
    return f;
}

inline Octets arp_frame(const wire::ArpFields& fields) {
    Octets f(wire::kArpFrameLength);
    wire::emit_arp(fields, f.data());
    return f;
}

}  // namespace sallyport::test

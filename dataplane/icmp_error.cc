// SPDX-License-Identifier: Apache-2.0
#include "dataplane/icmp_error.h"

#include <algorithm>
#include <cstring>

#include "tcpstack/base/check.h"
#include "tcpstack/wire/checksum.h"

namespace sallyport::dp {
namespace {

// Of the whole IP packet: RFC 1812 section 4.3.2.3, RFC 4443 section 2.4 (c).
constexpr std::size_t kErrorMax4 = 576, kErrorMax6 = wire::kIpv6MtuMin;
constexpr std::uint8_t kInternetControl = 6 << 5;  // precedence, RFC 1812 section 4.3.2.5

std::size_t ip_header(bool v6) { return v6 ? sizeof(wire::Ipv6Header) : sizeof(wire::Ipv4Header); }
std::size_t headers(bool v6) {
    return sizeof(wire::EthernetHeader) + ip_header(v6) + sizeof(wire::IcmpHeader);
}

// Only echo is known not to be an error.
bool is_icmp_error(const wire::PacketView& packet) {
    return packet.kind() == wire::PacketKind::Icmp && !packet.is_echo_request() &&
           !packet.is_echo_reply();
}

bool is_single_host(Ipv4Addr a) {
    const std::uint8_t first = a.octets[0];
    return first != 0 && first != 127 && first < 224;  // 224/4 multicast, 240/4 reserved
}

bool is_single_host(const Ipv6Addr& a) { return a != Ipv6Addr{} && a.octets[0] != 0xff; }

void put_ip(std::uint8_t* at, const IpAddr& own, const IpAddr& to, std::uint16_t length) {
    if (!own.is_v4())
        return wire::fill(*reinterpret_cast<wire::Ipv6Header*>(at), own.v6(), to.v6(),
                          wire::kProtocolIcmpv6, length);
    auto& ip = *reinterpret_cast<wire::Ipv4Header*>(at);
    wire::fill(ip, own.v4(), to.v4(), wire::kProtocolIcmp, length);
    ip.dscp_ecn = kInternetControl;
    wire::set_checksum(ip);
}

}  // namespace

IcmpErrorKind admin_prohibited(bool v6) {
    if (v6) return {wire::kIcmpv6Unreachable, wire::kIcmpv6AdminProhibited, 0};
    return {wire::kIcmpUnreachable, wire::kIcmpAdminProhibited, 0};
}

IcmpErrorKind time_exceeded(bool v6) {
    return {v6 ? wire::kIcmpv6TimeExceeded : wire::kIcmpTimeExceeded, 0, 0};
}

IcmpErrorKind no_route(bool v6) {
    if (v6) return {wire::kIcmpv6Unreachable, wire::kIcmpv6NoRoute, 0};
    return {wire::kIcmpUnreachable, wire::kIcmpNoRoute, 0};
}

IcmpErrorKind too_big(bool v6, std::uint16_t mtu) {
    if (v6) return {wire::kIcmpv6PacketTooBig, 0, mtu};
    return {wire::kIcmpUnreachable, wire::kIcmpFragmentationNeeded, mtu};
}

bool is_single_host(const IpAddr& a) {
    return a.is_v4() ? is_single_host(a.v4()) : is_single_host(a.v6());
}

bool may_report(const wire::PacketView& packet) {
    if (packet.kind() == wire::PacketKind::Arp || packet.kind() == wire::PacketKind::NeighborDiscovery)
        return false;
    if (is_icmp_error(packet)) return false;
    const wire::EthernetHeader& ethernet = packet.ethernet();
    if (ethernet.dst.is_multicast() || ethernet.src.is_multicast()) return false;
    if (packet.kind() == wire::PacketKind::Fragment && packet.fragment_offset() != 0) return false;
    return is_single_host(packet.source()) && is_single_host(packet.destination());
}

bool make_icmp_error(const wire::PacketView& cause, const IcmpErrorKind& kind, const IpAddr& own,
                     Frame& out) {
    SP_ASSERT(out.length == 0);
    const bool v6 = cause.is_v6();
    if (own.is_v4() == v6 || !may_report(cause) || out.capacity < headers(v6)) return false;
    const std::size_t most = (v6 ? kErrorMax6 : kErrorMax4) - ip_header(v6) - sizeof(wire::IcmpHeader);
    const std::size_t quote = std::min({std::size_t{cause.ip_length()}, most, out.capacity - headers(v6)});
    const auto length = static_cast<std::uint16_t>(sizeof(wire::IcmpHeader) + quote);

    const wire::EthernetHeader ethernet{cause.ethernet().src, cause.ethernet().dst,
                                        Be16{v6 ? wire::kEthertypeIpv6 : wire::kEthertypeIpv4}};
    std::memcpy(out.data, &ethernet, sizeof ethernet);
    put_ip(out.data + sizeof ethernet, own, cause.source(), length);
    std::uint8_t* const at = out.data + sizeof ethernet + ip_header(v6);
    auto& icmp = *reinterpret_cast<wire::IcmpHeader*>(at);
    icmp = {kind.type, kind.code, Be16{0}, Be32{kind.rest}};
    std::memcpy(at + sizeof icmp, reinterpret_cast<const std::uint8_t*>(&cause.ethernet()) + cause.l3_offset(), quote);
    wire::Sum16 sum;
    if (v6) sum = wire::pseudo_header(own, cause.source(), wire::kProtocolIcmpv6, length);
    sum.add_bytes({at, length});
    icmp.checksum.set(sum.checksum());
    out.length = static_cast<std::uint16_t>(headers(v6) + quote);
    return true;
}

}  // namespace sallyport::dp

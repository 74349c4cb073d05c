// SPDX-License-Identifier: Apache-2.0
// TCP, UDP and ICMP of both families, and fragments of them.
#include "tcpstack/wire/layout.h"
#include "tcpstack/wire/ndp.h"

namespace sallyport::wire {
namespace {

// A combination that no state of RFC 9293 sends: every segment behind the SYN carries ACK except a
// RST that answers a segment without one (section 3.10.7.1).
bool flags_are_possible(const TcpHeader& tcp) {
    if (tcp.has(kSyn)) return !tcp.has(kFin) && !tcp.has(kRst);
    return tcp.has(kAck) || (tcp.has(kRst) && !tcp.has(kFin));
}

ParseError parse_tcp(Layout& l) {
    l.kind = PacketKind::Tcp;
    if (l.transport_length() < sizeof(TcpHeader)) return ParseError::TcpHeaderMalformed;
    const auto& tcp = l.at<TcpHeader>(l.l4);
    if (tcp.header_length() < sizeof(TcpHeader) || tcp.header_length() > l.transport_length())
        return ParseError::TcpHeaderMalformed;
    if (!flags_are_possible(tcp)) return ParseError::TcpFlagsInvalid;
    l.payload = l.l4 + tcp.header_length();
    return ParseError::None;
}

ParseError parse_udp(Layout& l) {
    l.kind = PacketKind::Udp;
    if (l.transport_length() < sizeof(UdpHeader)) return ParseError::UdpMalformed;
    const auto& udp = l.at<UdpHeader>(l.l4);
    // A length below that of the IP packet would leave octets that one host reads and another
    // does not: refused rather than guessed.
    if (udp.length.host() != l.transport_length() + l.later) return ParseError::UdpMalformed;
    // RFC 8200 section 8.1: no header checksum covers the addresses, so this one is not optional.
    if (l.v6 && udp.checksum.host() == 0) return ParseError::UdpMalformed;
    l.payload = l.l4 + sizeof(UdpHeader);
    return ParseError::None;
}

bool is_neighbor_discovery(std::uint8_t type) {
    return type >= kIcmpv6RouterSolicitation && type <= kIcmpv6Redirect;
}

// RFC 4861 sections 6.1 and 7.1: nobody beyond this link has sent it; RFC 6980: nor cut it.
ParseError check_neighbor_discovery(const Layout& l) {
    const bool plain = l.l4 == l.l3 + sizeof(Ipv6Header);
    const bool near = l.at<Ipv6Header>(l.l3).hop_limit == 255;
    const bool fits = plain && near && l.at<IcmpHeader>(l.l4).code == 0;
    return fits ? ParseError::None : ParseError::NeighborDiscoveryMalformed;
}

// RFC 3810 section 6.2: from a router on this link, with a router alert. Any other is a message like those
// that nobody here knows.
bool is_listener_query(const Layout& l) {
    const auto& ip = l.at<Ipv6Header>(l.l3);
    return l.at<IcmpHeader>(l.l4).type == kIcmpv6ListenerQuery && l.router_alert && l.fragment == 0 &&
           ip.hop_limit == 1 && is_link_local(ip.src);
}

ParseError parse_icmp(Layout& l) {
    l.kind = PacketKind::Icmp;
    if (l.transport_length() < sizeof(IcmpHeader)) return ParseError::IcmpMalformed;
    Sum16 sum;
    if (l.v6) {
        const auto& ip = l.at<Ipv6Header>(l.l3);
        sum = pseudo_header(ip.src, ip.dst, l.protocol,
                            static_cast<std::uint32_t>(l.transport_length()));
    }
    sum.add_bytes(l.bytes(l.l4, l.transport_length()));
    if (l.later == 0 && sum.checksum() != 0) return ParseError::IcmpMalformed;
    l.payload = l.l4 + sizeof(IcmpHeader);
    if (!l.v6) return ParseError::None;
    const bool of_neighbors = is_neighbor_discovery(l.at<IcmpHeader>(l.l4).type);
    if (of_neighbors || is_listener_query(l)) l.kind = PacketKind::NeighborDiscovery;
    return of_neighbors ? check_neighbor_discovery(l) : ParseError::None;
}

}  // namespace

bool is_supported(const Layout& l) {
    return l.protocol == kProtocolTcp || l.protocol == kProtocolUdp ||
           l.protocol == (l.v6 ? kProtocolIcmpv6 : kProtocolIcmp);
}

ParseError parse_transport(Layout& l) {
    if (!is_supported(l)) return ParseError::UnsupportedProtocol;
    if (l.protocol == kProtocolTcp) return parse_tcp(l);
    return l.protocol == kProtocolUdp ? parse_udp(l) : parse_icmp(l);
}

// RFC 791 section 3.1, RFC 8200 section 4.5: fragments are cut at multiples of eight octets, and a
// datagram has no more octets than its length field can say. An empty one has no place in it.
ParseError parse_fragment(Layout& l, std::size_t offset, bool more, std::size_t length_max) {
    l.kind = PacketKind::Fragment;
    l.payload = l.l4;
    const std::size_t length = l.transport_length();
    if (length == 0 || (more && length % 8 != 0) || offset + length > length_max)
        return ParseError::IpHeaderMalformed;
    return ParseError::None;
}

}  // namespace sallyport::wire

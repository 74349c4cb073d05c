// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tcpstack/wire/ipv6_extensions.h"
#include "tcpstack/wire/layout.h"

namespace sallyport::wire {
namespace {

constexpr std::uint8_t kMulticast = 0xff;  // RFC 4291 section 2.7: the first octet

bool is_loopback(const Ipv6Addr& a) {
    Ipv6Addr loopback{};
    loopback.octets[15] = 1;
    return a == loopback;
}

// What no packet on a wire has (RFC 4291 sections 2.5 and 2.7). A mapped address would read as an
// IPv4 one everywhere behind this. Without a source, hosts ask for an address and report multicast
// groups: ICMP that is not forwarded.
bool addresses_are_possible(const Ipv6Header& ip, std::uint8_t protocol) {
    constexpr Ipv6Addr kUnspecified{};
    if (IpAddr{ip.src}.is_v4() || IpAddr{ip.dst}.is_v4()) return false;
    if (is_loopback(ip.src) || is_loopback(ip.dst) || ip.dst == kUnspecified) return false;
    if (ip.src.octets[0] == kMulticast) return false;
    return ip.src != kUnspecified || protocol == kProtocolIcmpv6;
}

// A jumbogram (RFC 2675) says length 0 and the true one in an option, which is refused.
ParseError check_header(const Layout& l) {
    if (l.size < l.l3 + sizeof(Ipv6Header)) return ParseError::FrameTruncated;
    const auto& ip = l.at<Ipv6Header>(l.l3);
    const bool fits = l.l3 + sizeof ip + ip.payload_length.host() <= l.size;
    return ip.version() == 6 && fits ? ParseError::None : ParseError::IpHeaderMalformed;
}

ParseError parse_fragmented(Layout& l) {
    const auto& header = l.at<Ipv6FragmentHeader>(l.fragment);
    const std::uint16_t field = header.offset_flags.host();
    if (header.reserved != 0 || (field & kIpv6FragmentReserved) != 0)
        return ParseError::IpHeaderMalformed;
    const bool more = (field & kIpv6MoreFragments) != 0;
    const std::size_t offset = field & kIpv6OffsetMask;
    // RFC 6946: an atomic fragment is a whole datagram, whatever else waits under its id.
    if (offset == 0 && !more) return parse_transport(l);
    return is_supported(l) ? parse_fragment(l, offset, more, 0xffff)
                           : ParseError::UnsupportedProtocol;
}

}  // namespace

ParseError parse_ipv6(Layout& l) {
    l.v6 = true;
    if (const ParseError e = check_header(l); e != ParseError::None) return e;
    const auto& ip = l.at<Ipv6Header>(l.l3);
    l.l4 = l.l3 + sizeof ip;
    l.end = l.l4 + ip.payload_length.host();  // what follows in the frame is Ethernet padding
    const ExtensionHeaders extensions =
        read_extensions(ip.next_header, l.bytes(l.l4, ip.payload_length.host()));
    if (!extensions.allowed) return ParseError::Ipv6ExtensionHeader;
    l.protocol = extensions.protocol;
    l.router_alert = extensions.router_alert;
    l.l4 += extensions.length;
    if (!addresses_are_possible(ip, l.protocol)) return ParseError::Ipv6AddressInvalid;
    if (!extensions.has_fragment) return parse_transport(l);
    l.fragment = l.l4 - sizeof(Ipv6FragmentHeader);
    return parse_fragmented(l);
}

std::uint16_t drop_extension_headers(std::span<std::uint8_t> frame, PacketView& view) {
    // By its router alert a listener query is known, also to those who get a copy.
    if (!view.is_v6() || view.kind() == PacketKind::NeighborDiscovery) return view.length();
    // A fragment keeps the header that says so; the next header of that is the protocol already.
    const bool keep = view.kind() == PacketKind::Fragment;
    const std::size_t from = view.l4_offset() - (keep ? sizeof(Ipv6FragmentHeader) : 0);
    const std::size_t to = view.l3_offset() + sizeof(Ipv6Header);
    if (from == to) return view.length();
    std::copy(frame.begin() + static_cast<std::ptrdiff_t>(from),
              frame.begin() + view.length(), frame.begin() + static_cast<std::ptrdiff_t>(to));
    Ipv6Header& ip = view.ipv6();
    ip.next_header = keep ? kNextHeaderFragment : view.protocol();
    ip.payload_length.set(static_cast<std::uint16_t>(view.length() - from));
    const auto dropped = static_cast<std::uint16_t>(from - to);
    for (std::uint16_t* offset : {&view.l4_, &view.payload_, &view.end_})
        *offset = static_cast<std::uint16_t>(*offset - dropped);
    view.fragment_ = keep ? static_cast<std::uint16_t>(to) : std::uint16_t{0};
    return view.length();
}

}  // namespace sallyport::wire

// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/wire/packet_view.h"

#include <algorithm>
#include <cstddef>

#include "tcpstack/base/check.h"
#include "tcpstack/wire/checksum.h"

namespace sallyport::wire {
namespace {

constexpr std::size_t kFrameMax = 0xffff;  // offsets are 16 bits wide

// Where things stand in the frame, while parse() is finding out.
struct Layout {
    std::uint8_t* frame;
    std::size_t size;  // of the frame, padding included
    std::size_t l3 = 0, l4 = 0, payload = 0, end = 0;
    std::size_t later = 0;  // octets of the datagram in later fragments
    PacketKind kind = PacketKind::Arp;

    template <class Header>
    const Header& at(std::size_t offset) const {
        return *reinterpret_cast<const Header*>(frame + offset);
    }
    std::span<const std::uint8_t> bytes(std::size_t begin, std::size_t length) const {
        return {frame + begin, length};
    }
    std::size_t transport_length() const { return end - l4; }  // in this frame
};

ParseError parse_arp(Layout& l) {
    l.kind = PacketKind::Arp;
    if (l.size < l.l3 + sizeof(ArpPacket)) return ParseError::FrameTruncated;
    const auto& arp = l.at<ArpPacket>(l.l3);
    if (arp.hardware.host() != kArpHardwareEthernet || arp.protocol.host() != kEthertypeIpv4 ||
        arp.hardware_length != sizeof(MacAddr) || arp.protocol_length != sizeof(Ipv4Addr))
        return ParseError::ArpMalformed;
    l.l4 = l.payload = l.end = l.l3 + sizeof(ArpPacket);
    return ParseError::None;
}

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
    // A length below that of the IP packet would leave octets that one host reads and another
    // does not: refused rather than guessed.
    if (l.at<UdpHeader>(l.l4).length.host() != l.transport_length() + l.later)
        return ParseError::UdpMalformed;
    l.payload = l.l4 + sizeof(UdpHeader);
    return ParseError::None;
}

ParseError parse_icmp(Layout& l) {
    l.kind = PacketKind::Icmp;
    if (l.transport_length() < sizeof(IcmpHeader)) return ParseError::IcmpMalformed;
    Sum16 sum;
    sum.add_bytes(l.bytes(l.l4, l.transport_length()));
    if (l.later == 0 && sum.checksum() != 0) return ParseError::IcmpMalformed;
    l.payload = l.l4 + sizeof(IcmpHeader);
    return ParseError::None;
}

ParseError check_ipv4(const Layout& l) {
    if (l.size < l.l3 + sizeof(Ipv4Header)) return ParseError::FrameTruncated;
    const auto& ip = l.at<Ipv4Header>(l.l3);
    const std::size_t header_length = (ip.version_ihl & 0xfU) * 4;
    if (ip.version_ihl >> 4 != 4 || header_length < sizeof ip) return ParseError::IpHeaderMalformed;
    if (ip.total_length.host() < header_length || l.l3 + ip.total_length.host() > l.size)
        return ParseError::IpHeaderMalformed;
    if (header_length > sizeof ip) return ParseError::IpOptions;
    Sum16 sum;
    sum.add_bytes(l.bytes(l.l3, sizeof ip));
    if (sum.checksum() != 0) return ParseError::IpChecksum;  // RFC 1812 section 5.2.2
    // RFC 791: must be zero.
    if (ip.flags_fragment.host() & kIpv4Reserved) return ParseError::IpHeaderMalformed;
    return ParseError::None;
}

// RFC 791 section 3.1: fragments are cut at multiples of eight octets, and a datagram has no more
// octets than its length field can say. An empty one has no place in it.
ParseError parse_fragment(Layout& l) {
    l.kind = PacketKind::Fragment;
    l.payload = l.l4;
    const std::uint16_t field = l.at<Ipv4Header>(l.l3).flags_fragment.host();
    const std::size_t offset = (field & kIpv4OffsetMask) * std::size_t{8};
    const bool more = (field & kIpv4MoreFragments) != 0;
    const std::size_t length = l.transport_length();
    if (length == 0 || (more && length % 8 != 0) || offset + length > 0xffff - sizeof(Ipv4Header))
        return ParseError::IpHeaderMalformed;
    return ParseError::None;
}

ParseError parse_transport(Layout& l) {
    switch (l.at<Ipv4Header>(l.l3).protocol) {
        case kProtocolTcp: return parse_tcp(l);
        case kProtocolUdp: return parse_udp(l);
        case kProtocolIcmp: return parse_icmp(l);
        default: return ParseError::UnsupportedProtocol;
    }
}

bool is_supported(std::uint8_t protocol) {
    return protocol == kProtocolTcp || protocol == kProtocolUdp || protocol == kProtocolIcmp;
}

ParseError parse_ipv4(Layout& l) {
    if (const ParseError e = check_ipv4(l); e != ParseError::None) return e;
    const auto& ip = l.at<Ipv4Header>(l.l3);
    l.l4 = l.l3 + sizeof ip;
    l.end = l.l3 + ip.total_length.host();  // what follows in the frame is Ethernet padding
    const bool whole = (ip.flags_fragment.host() & (kIpv4MoreFragments | kIpv4OffsetMask)) == 0;
    if (whole) return parse_transport(l);
    return is_supported(ip.protocol) ? parse_fragment(l) : ParseError::UnsupportedProtocol;
}

ParseError parse_ethernet(Layout& l) {
    if (l.size < sizeof(EthernetHeader)) return ParseError::FrameTruncated;
    l.l3 = sizeof(EthernetHeader);
    switch (l.at<EthernetHeader>(0).ethertype.host()) {
        case kEthertypeIpv4: return parse_ipv4(l);
        case kEthertypeArp: return parse_arp(l);
        case kEthertypeVlan:
        case kEthertypeQinQ: return ParseError::VlanTagged;
        case kEthertypeIpv6: return ParseError::Ipv6NotSupported;
        default: return ParseError::UnknownEthertype;
    }
}

}  // namespace

ParseError parse(std::span<std::uint8_t> frame, PacketView& out) {
    Layout l{.frame = frame.data(), .size = std::min(frame.size(), kFrameMax)};
    if (const ParseError e = parse_ethernet(l); e != ParseError::None) return e;
    out.frame_ = l.frame;
    out.l3_ = static_cast<std::uint16_t>(l.l3);
    out.l4_ = static_cast<std::uint16_t>(l.l4);
    out.payload_ = static_cast<std::uint16_t>(l.payload);
    out.end_ = static_cast<std::uint16_t>(l.end);
    out.later_ = 0;
    out.kind_ = l.kind;
    return ParseError::None;
}

ParseError parse_first_fragment(std::span<std::uint8_t> frame, std::uint16_t transport_length,
                                PacketView& out) {
    PacketView view;
    if (const ParseError e = parse(frame, view); e != ParseError::None) return e;
    SP_ASSERT(view.kind() == PacketKind::Fragment && view.payload_length() < transport_length);
    Layout l{.frame = frame.data(), .size = frame.size(), .l3 = view.l3_, .l4 = view.l4_,
             .payload = 0, .end = view.end_};
    l.later = transport_length - std::size_t{view.payload_length()};
    if (const ParseError e = parse_transport(l); e != ParseError::None) return e;
    view.payload_ = static_cast<std::uint16_t>(l.payload);
    view.later_ = static_cast<std::uint16_t>(l.later);
    view.kind_ = l.kind;
    out = view;
    return ParseError::None;
}

FlowKey4 PacketView::echo_key4() const {
    const bool asks = icmp().type == kIcmpEchoRequest;
    const std::uint16_t id = icmp().echo_id();
    return {ipv4().src, ipv4().dst, asks ? id : std::uint16_t{0}, asks ? std::uint16_t{0} : id};
}

Sum16 PacketView::transport_sum() const {
    Sum16 right;  // of what has no checksum that could be wrong
    right.add(std::uint16_t{0xffff});
    if (kind_ == PacketKind::Arp || kind_ == PacketKind::Fragment) return right;
    // RFC 768: zero means that the sender computed none.
    if (kind_ == PacketKind::Udp && udp().checksum.host() == 0) return right;
    const auto length = static_cast<std::uint16_t>(end_ - l4_);
    Sum16 sum;
    if (kind_ != PacketKind::Icmp)
        sum = pseudo_header(ipv4().src, ipv4().dst, ipv4().protocol,
                            static_cast<std::uint32_t>(length) + later_);
    sum.add_bytes({frame_ + l4_, length});
    return sum;
}

}  // namespace sallyport::wire

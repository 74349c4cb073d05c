// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/wire/packet_view.h"

#include <algorithm>
#include <cstddef>

#include "tcpstack/wire/checksum.h"

namespace sallyport::wire {
namespace {

constexpr std::size_t kFrameMax = 0xffff;  // offsets are 16 bits wide

// Where things stand in the frame, while parse() is finding out.
struct Layout {
    std::uint8_t* frame;
    std::size_t size;  // of the frame, padding included
    std::size_t l3, l4, payload, end;
    PacketKind kind;

    template <class Header>
    const Header& at(std::size_t offset) const {
        return *reinterpret_cast<const Header*>(frame + offset);
    }
    std::span<const std::uint8_t> bytes(std::size_t begin, std::size_t length) const {
        return {frame + begin, length};
    }
    std::size_t transport_length() const { return end - l4; }
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
    if (l.at<UdpHeader>(l.l4).length.host() != l.transport_length())
        return ParseError::UdpMalformed;
    l.payload = l.l4 + sizeof(UdpHeader);
    return ParseError::None;
}

ParseError parse_icmp(Layout& l) {
    l.kind = PacketKind::Icmp;
    if (l.transport_length() < sizeof(IcmpHeader)) return ParseError::IcmpMalformed;
    Sum16 sum;
    sum.add_bytes(l.bytes(l.l4, l.transport_length()));
    if (sum.checksum() != 0) return ParseError::IcmpMalformed;
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
    const std::uint16_t fragment = ip.flags_fragment.host();
    if (fragment & kIpv4Reserved) return ParseError::IpHeaderMalformed;  // RFC 791: must be zero
    if (fragment & (kIpv4MoreFragments | kIpv4OffsetMask)) return ParseError::IpFragment;
    return ParseError::None;
}

ParseError parse_ipv4(Layout& l) {
    if (const ParseError e = check_ipv4(l); e != ParseError::None) return e;
    const auto& ip = l.at<Ipv4Header>(l.l3);
    l.l4 = l.l3 + sizeof ip;
    l.end = l.l3 + ip.total_length.host();  // what follows in the frame is Ethernet padding
    switch (ip.protocol) {
        case kProtocolTcp: return parse_tcp(l);
        case kProtocolUdp: return parse_udp(l);
        case kProtocolIcmp: return parse_icmp(l);
        default: return ParseError::UnsupportedProtocol;
    }
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
    Layout l{frame.data(), std::min(frame.size(), kFrameMax), 0, 0, 0, 0, PacketKind::Arp};
    if (const ParseError e = parse_ethernet(l); e != ParseError::None) return e;
    out.frame_ = l.frame;
    out.l3_ = static_cast<std::uint16_t>(l.l3);
    out.l4_ = static_cast<std::uint16_t>(l.l4);
    out.payload_ = static_cast<std::uint16_t>(l.payload);
    out.end_ = static_cast<std::uint16_t>(l.end);
    out.kind_ = l.kind;
    return ParseError::None;
}

FlowKey4 PacketView::echo_key4() const {
    const bool asks = icmp().type == kIcmpEchoRequest;
    const std::uint16_t id = icmp().echo_id();
    return {ipv4().src, ipv4().dst, asks ? id : std::uint16_t{0}, asks ? std::uint16_t{0} : id};
}

bool PacketView::transport_checksum_ok() const {
    if (kind_ == PacketKind::Arp) return true;
    // RFC 768: zero means that the sender computed none.
    if (kind_ == PacketKind::Udp && udp().checksum.host() == 0) return true;
    const auto length = static_cast<std::uint16_t>(end_ - l4_);
    Sum16 sum;
    if (kind_ != PacketKind::Icmp)
        sum = pseudo_header(ipv4().src, ipv4().dst, ipv4().protocol, length);
    sum.add_bytes({frame_ + l4_, length});
    return sum.checksum() == 0;
}

}  // namespace sallyport::wire

// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/wire/packet_view.h"

#include <algorithm>
#include <cstddef>

#include "tcpstack/base/check.h"
#include "tcpstack/wire/checksum.h"
#include "tcpstack/wire/layout.h"

namespace sallyport::wire {
namespace {

constexpr std::size_t kFrameMax = 0xffff;  // offsets are 16 bits wide

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
    return ParseError::None;
}

ParseError parse_ethernet(Layout& l) {
    if (l.size < sizeof(EthernetHeader)) return ParseError::FrameTruncated;
    l.l3 = sizeof(EthernetHeader);
    switch (l.at<EthernetHeader>(0).ethertype.host()) {
        case kEthertypeIpv4: return parse_ipv4(l);
        case kEthertypeIpv6: return parse_ipv6(l);
        case kEthertypeArp: return parse_arp(l);
        case kEthertypeVlan:
        case kEthertypeQinQ: return ParseError::VlanTagged;
        default: return ParseError::UnknownEthertype;
    }
}

}  // namespace

ParseError parse_ipv4(Layout& l) {
    if (const ParseError e = check_ipv4(l); e != ParseError::None) return e;
    const auto& ip = l.at<Ipv4Header>(l.l3);
    l.protocol = ip.protocol;
    l.l4 = l.l3 + sizeof ip;
    l.end = l.l3 + ip.total_length.host();  // what follows in the frame is Ethernet padding
    const std::uint16_t field = ip.flags_fragment.host();
    const bool more = (field & kIpv4MoreFragments) != 0;
    const std::size_t offset = (field & kIpv4OffsetMask) * std::size_t{8};
    if (offset == 0 && !more) return parse_transport(l);
    return is_supported(l) ? parse_fragment(l, offset, more, 0xffff - sizeof ip)
                           : ParseError::UnsupportedProtocol;
}

ParseError parse(std::span<std::uint8_t> frame, PacketView& out) {
    Layout l{.frame = frame.data(), .size = std::min(frame.size(), kFrameMax)};
    if (const ParseError e = parse_ethernet(l); e != ParseError::None) return e;
    out.frame_ = l.frame;
    out.l3_ = static_cast<std::uint16_t>(l.l3);
    out.l4_ = static_cast<std::uint16_t>(l.l4);
    out.payload_ = static_cast<std::uint16_t>(l.payload);
    out.end_ = static_cast<std::uint16_t>(l.end);
    out.fragment_ = static_cast<std::uint16_t>(l.fragment);
    out.later_ = 0;
    out.kind_ = l.kind;
    out.protocol_ = l.protocol;
    out.v6_ = l.v6;
    return ParseError::None;
}

ParseError parse_first_fragment(std::span<std::uint8_t> frame, std::uint16_t transport_length,
                                PacketView& out) {
    PacketView view;
    if (const ParseError e = parse(frame, view); e != ParseError::None) return e;
    SP_ASSERT(view.kind() == PacketKind::Fragment && view.payload_length() < transport_length);
    Layout l{.frame = frame.data(), .size = frame.size(), .l3 = view.l3_, .l4 = view.l4_,
             .payload = 0, .end = view.end_, .fragment = view.fragment_,
             .later = transport_length - std::size_t{view.payload_length()},
             .kind = PacketKind::Fragment, .v6 = view.v6_, .protocol = view.protocol_};
    if (const ParseError e = parse_transport(l); e != ParseError::None) return e;
    view.payload_ = static_cast<std::uint16_t>(l.payload);
    view.later_ = static_cast<std::uint16_t>(l.later);
    view.kind_ = l.kind;
    out = view;
    return ParseError::None;
}

Sum16 PacketView::transport_sum() const {
    Sum16 right;  // of what has no checksum that could be wrong
    right.add(std::uint16_t{0xffff});
    if (kind_ == PacketKind::Arp || kind_ == PacketKind::Fragment) return right;
    // RFC 768: zero means that the sender computed none.
    if (kind_ == PacketKind::Udp && udp().checksum.host() == 0) return right;
    const auto length = static_cast<std::uint16_t>(end_ - l4_);
    Sum16 sum;
    if (protocol_ != kProtocolIcmp)  // alone without a pseudo-header
        sum = pseudo_header(source(), destination(), protocol_,
                            static_cast<std::uint32_t>(length) + later_);
    sum.add_bytes({frame_ + l4_, length});
    return sum;
}

}  // namespace sallyport::wire

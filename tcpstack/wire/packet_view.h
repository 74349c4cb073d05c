// SPDX-License-Identifier: Apache-2.0
// One parsed frame: where its headers stand. It owns nothing; it points into the frame that it was
// made from. Everything that an accessor reads has been bounds-checked by parse().
#pragma once
#include <cstdint>
#include <span>

#include "tcpstack/base/endpoint.h"
#include "tcpstack/base/flow_key.h"
#include "tcpstack/wire/arp.h"
#include "tcpstack/wire/checksum.h"
#include "tcpstack/wire/ethernet.h"
#include "tcpstack/wire/icmp.h"
#include "tcpstack/wire/ipv4.h"
#include "tcpstack/wire/ipv6.h"
#include "tcpstack/wire/parse_error.h"
#include "tcpstack/wire/tcp_header.h"
#include "tcpstack/wire/udp.h"

namespace sallyport::wire {

// NeighborDiscovery: ICMPv6 of RFC 4861, sent by a station of this link (wire/ndp.h reads it), and valid
// listener queries (wire/mld.h).
// Icmp: of either family, which have numbers of their own; is_v6() tells. Fragment: of a datagram of
// either family; only the IP header is known.
enum class PacketKind : std::uint8_t { Arp, NeighborDiscovery, Tcp, Udp, Icmp, Fragment };

class PacketView {
   public:
    PacketKind kind() const { return kind_; }
    EthernetHeader& ethernet() const { return *reinterpret_cast<EthernetHeader*>(frame_); }
    ArpPacket& arp() const { return *reinterpret_cast<ArpPacket*>(frame_ + l3_); }
    // Of everything but ARP; ipv4() and ipv6() are meaningful in their family alone.
    bool is_v6() const { return v6_; }
    Ipv4Header& ipv4() const { return *reinterpret_cast<Ipv4Header*>(frame_ + l3_); }
    Ipv6Header& ipv6() const { return *reinterpret_cast<Ipv6Header*>(frame_ + l3_); }
    TcpHeader& tcp() const { return *reinterpret_cast<TcpHeader*>(frame_ + l4_); }
    UdpHeader& udp() const { return *reinterpret_cast<UdpHeader*>(frame_ + l4_); }
    IcmpHeader& icmp() const { return *reinterpret_cast<IcmpHeader*>(frame_ + l4_); }

    // Of the TCP header, behind its fixed 20 octets.
    std::span<std::uint8_t> tcp_options() const {
        return {frame_ + l4_ + sizeof(TcpHeader), tcp().header_length() - sizeof(TcpHeader)};
    }
    // Behind the transport header (of a fragment, behind the IP header), without Ethernet padding.
    std::span<std::uint8_t> payload() const { return {frame_ + payload_, payload_length()}; }
    std::uint16_t payload_length() const { return static_cast<std::uint16_t>(end_ - payload_); }
    // The same with what later fragments hold.
    std::uint16_t datagram_payload_length() const {
        return static_cast<std::uint16_t>(payload_length() + later_);
    }
    // Ethernet header to the last octet of the IP packet; the frame may be longer (padding).
    std::uint16_t length() const { return end_; }
    std::uint16_t l3_offset() const { return l3_; }
    std::uint16_t l4_offset() const { return l4_; }
    std::uint16_t payload_offset() const { return payload_; }

    IpAddr source() const { return v6_ ? IpAddr{ipv6().src} : IpAddr{ipv4().src}; }
    IpAddr destination() const { return v6_ ? IpAddr{ipv6().dst} : IpAddr{ipv4().dst}; }
    std::uint8_t hop_limit() const { return v6_ ? ipv6().hop_limit : ipv4().ttl; }
    // kProtocolTcp, kProtocolUdp, kProtocolIcmp or kProtocolIcmpv6; of a Fragment too.
    std::uint8_t protocol() const { return protocol_; }
    // Of the IP packet, header included.
    std::uint16_t ip_length() const { return static_cast<std::uint16_t>(end_ - l3_); }

    // Of TCP, UDP and ICMP echo, of which the identifier stands for the port of the host that asks
    // and zero for that of the host that answers. The keys say the same in the packet's own family.
    FourTuple four_tuple() const {
        return v6_ ? sallyport::four_tuple(flow_key6()) : sallyport::four_tuple(flow_key4());
    }
    FlowKey4 flow_key4() const { return flow_key(ipv4().src, ipv4().dst); }
    FlowKey6 flow_key6() const { return flow_key(ipv6().src, ipv6().dst); }

    bool is_echo_request() const {
        return kind_ == PacketKind::Icmp &&
               icmp().type == (v6_ ? kIcmpv6EchoRequest : kIcmpEchoRequest);
    }
    bool is_echo_reply() const {
        return kind_ == PacketKind::Icmp && icmp().type == (v6_ ? kIcmpv6EchoReply : kIcmpEchoReply);
    }

    // The octets that a TCP segment occupies in sequence space: payload, SYN and FIN.
    std::uint32_t sequence_length() const {
        return datagram_payload_length() + (tcp().has(kSyn) ? 1U : 0U) + (tcp().has(kFin) ? 1U : 0U);
    }

    // Where a fragment's payload begins in its datagram, in octets, whether more follows it, and what
    // all fragments of that datagram have in common. IPv6 without a fragment header: 0, false, 0.
    std::uint16_t fragment_offset() const {
        if (v6_) return fragment_field() & kIpv6OffsetMask;
        return static_cast<std::uint16_t>((ipv4().flags_fragment.host() & kIpv4OffsetMask) * 8);
    }
    bool more_fragments() const {
        if (v6_) return (fragment_field() & kIpv6MoreFragments) != 0;
        return (ipv4().flags_fragment.host() & kIpv4MoreFragments) != 0;
    }
    std::uint32_t datagram_id() const {
        if (!v6_) return ipv4().id.host();
        return fragment_ == 0 ? 0 : fragment_header().id.host();
    }
    // Of an IPv6 Fragment: behind the IP header once the other extension headers are dropped.
    Ipv6FragmentHeader& fragment_header() const {
        return *reinterpret_cast<Ipv6FragmentHeader*>(frame_ + fragment_);
    }

    // Whether the transport checksum is right, of a packet that is whole in this frame (it cannot be
    // told of a Fragment). Not part of parse(): spliced data is not verified.
    bool transport_checksum_ok() const { return transport_sum().checksum() == 0; }
    // The sum that the checksum is made of: over pseudo-header, if the protocol has one, and what this
    // frame holds. Of a datagram in fragments, those of the others are to be added.
    Sum16 transport_sum() const;

   private:
    friend ParseError parse(std::span<std::uint8_t> frame, PacketView& out);
    friend ParseError parse_first_fragment(std::span<std::uint8_t> frame,
                                           std::uint16_t transport_length, PacketView& out);
    friend std::uint16_t drop_extension_headers(std::span<std::uint8_t> frame, PacketView& view);

    template <class Address>
    FlowKey<Address> flow_key(const Address& src, const Address& dst) const {
        if (kind_ != PacketKind::Icmp)
            return {src, dst, udp().src_port.host(), udp().dst_port.host()};
        const std::uint16_t id = icmp().echo_id(), none = 0;
        return {src, dst, is_echo_request() ? id : none, is_echo_request() ? none : id};
    }
    std::uint16_t fragment_field() const {
        return fragment_ == 0 ? std::uint16_t{0} : fragment_header().offset_flags.host();
    }

    std::uint8_t* frame_ = nullptr;
    std::uint16_t l3_ = 0, l4_ = 0, payload_ = 0, end_ = 0;
    std::uint16_t fragment_ = 0;  // the fragment header of IPv6; 0: none
    std::uint16_t later_ = 0;     // octets of the payload in later fragments
    PacketKind kind_ = PacketKind::Arp;
    std::uint8_t protocol_ = 0;
    bool v6_ = false;
};

// Ethernet II; IPv4 without options, header checksum verified (RFC 1812 section 5.2.2); IPv6 with
// the extension headers of wire/ipv6_extensions.h and no addresses that read as another family's;
// TCP with a sane offset and flags; UDP and ICMP with a header that fits, UDP over IPv6 with a
// checksum; or a fragment of one of these that lies within a datagram of 64 KiB. `out` is set only
// when the result is None. Never reads outside `frame`.
ParseError parse(std::span<std::uint8_t> frame, PacketView& out);

// The first fragment of a datagram that has been gathered, as parse() would see the whole; parse() has
// found it to be a Fragment. `transport_length`: of the whole datagram behind the IP header. The ICMP
// checksum is not verified. The transport header must be whole in this frame.
ParseError parse_first_fragment(std::span<std::uint8_t> frame, std::uint16_t transport_length,
                                PacketView& out);

// Takes the extension headers out of the packet that `view` shows, so that its transport header, or of
// a Fragment its fragment header, stands right behind the IPv6 header; moves what is behind them and
// the offsets of the view. Nothing is lost: those that parse() lets pass say nothing. Returns the new
// length of the frame, padding left off.
std::uint16_t drop_extension_headers(std::span<std::uint8_t> frame, PacketView& view);

}  // namespace sallyport::wire

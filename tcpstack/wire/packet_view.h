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
#include "tcpstack/wire/parse_error.h"
#include "tcpstack/wire/tcp_header.h"
#include "tcpstack/wire/udp.h"

namespace sallyport::wire {

// Fragment: of an IPv4 datagram; only the IP header is known.
enum class PacketKind : std::uint8_t { Arp, Tcp, Udp, Icmp, Fragment };

class PacketView {
   public:
    PacketKind kind() const { return kind_; }
    EthernetHeader& ethernet() const { return *reinterpret_cast<EthernetHeader*>(frame_); }
    ArpPacket& arp() const { return *reinterpret_cast<ArpPacket*>(frame_ + l3_); }
    Ipv4Header& ipv4() const { return *reinterpret_cast<Ipv4Header*>(frame_ + l3_); }
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

    // Of TCP, UDP and ICMP echo, of which the identifier stands for the port of the host that asks
    // and zero for that of the host that answers. The key says the same in the packet's own family.
    FourTuple four_tuple() const { return sallyport::four_tuple(flow_key4()); }
    FlowKey4 flow_key4() const {
        if (kind_ == PacketKind::Icmp) return echo_key4();
        return {ipv4().src, ipv4().dst, udp().src_port.host(), udp().dst_port.host()};
    }

    // The octets that a TCP segment occupies in sequence space: payload, SYN and FIN.
    std::uint32_t sequence_length() const {
        return datagram_payload_length() + (tcp().has(kSyn) ? 1U : 0U) + (tcp().has(kFin) ? 1U : 0U);
    }

    // Where a fragment's payload begins in its datagram, in octets, and whether more follows it.
    std::uint16_t fragment_offset() const {
        return static_cast<std::uint16_t>((ipv4().flags_fragment.host() & kIpv4OffsetMask) * 8);
    }
    bool more_fragments() const {
        return (ipv4().flags_fragment.host() & kIpv4MoreFragments) != 0;
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
    FlowKey4 echo_key4() const;

    std::uint8_t* frame_ = nullptr;
    std::uint16_t l3_ = 0, l4_ = 0, payload_ = 0, end_ = 0;
    std::uint16_t later_ = 0;  // octets of the payload in later fragments
    PacketKind kind_ = PacketKind::Arp;
};

// Ethernet II; IPv4 without options, header checksum verified (RFC 1812 section 5.2.2); TCP with a
// sane offset and flags; UDP and ICMP with a header that fits; or a fragment of one of these that lies
// within a datagram of 64 KiB. `out` is set only when the result is None. Never reads outside `frame`.
ParseError parse(std::span<std::uint8_t> frame, PacketView& out);

// The first fragment of a datagram that has been gathered, as parse() would see the whole; parse() has
// found it to be a Fragment. `transport_length`: of the whole datagram behind the IP header. The ICMP
// checksum is not verified. The transport header must be whole in this frame.
ParseError parse_first_fragment(std::span<std::uint8_t> frame, std::uint16_t transport_length,
                                PacketView& out);

}  // namespace sallyport::wire

// SPDX-License-Identifier: Apache-2.0
// One parsed frame: where its headers stand. It owns nothing; it points into the frame that it was
// made from. Everything that an accessor reads has been bounds-checked by parse().
#pragma once
#include <cstdint>
#include <span>

#include "tcpstack/base/endpoint.h"
#include "tcpstack/base/flow_key.h"
#include "tcpstack/wire/arp.h"
#include "tcpstack/wire/ethernet.h"
#include "tcpstack/wire/icmp.h"
#include "tcpstack/wire/ipv4.h"
#include "tcpstack/wire/parse_error.h"
#include "tcpstack/wire/tcp_header.h"
#include "tcpstack/wire/udp.h"

namespace sallyport::wire {

enum class PacketKind : std::uint8_t { Arp, Tcp, Udp, Icmp };

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
    // Behind the transport header, without Ethernet padding.
    std::span<std::uint8_t> payload() const { return {frame_ + payload_, payload_length()}; }
    std::uint16_t payload_length() const { return static_cast<std::uint16_t>(end_ - payload_); }
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
        return payload_length() + (tcp().has(kSyn) ? 1U : 0U) + (tcp().has(kFin) ? 1U : 0U);
    }

    // Whether the transport checksum is right. Not part of parse(): spliced data is not verified.
    bool transport_checksum_ok() const;

   private:
    friend ParseError parse(std::span<std::uint8_t> frame, PacketView& out);
    FlowKey4 echo_key4() const;

    std::uint8_t* frame_ = nullptr;
    std::uint16_t l3_ = 0, l4_ = 0, payload_ = 0, end_ = 0;
    PacketKind kind_ = PacketKind::Arp;
};

// Ethernet II; IPv4 without options, unfragmented, header checksum verified (RFC 1812 section
// 5.2.2); TCP with a sane offset and flags; UDP and ICMP with a header that fits. `out` is set only
// when the result is None. Never reads outside `frame`.
ParseError parse(std::span<std::uint8_t> frame, PacketView& out);

}  // namespace sallyport::wire

// SPDX-License-Identifier: Apache-2.0
// Segments of a simulation as packets of one family: written as the gate writes its own, read as it
// reads those of others. What the family changes of a connection happens here: the octets of the
// headers, what a checksum covers, and how small a path may be.
#pragma once
#include <cstdint>
#include <optional>

#include "tcpstack/wire/tcp_segment.h"
#include "tests/support/frame_builder.h"
#include "tests/support/tcp_peer.h"
#include "tests/support/twins.h"

namespace sallyport::test {

class TcpWire {
   public:
    explicit TcpWire(Family family) : ip_(family == Family::V4 ? 20U : 40U) {
        IpAddr ends[] = {v4("10.10.0.5"), v4("10.10.0.6")};
        if (family == Family::V6)
            for (IpAddr& end : ends) end = twin(end);
        tuple_ = {ends[0], ends[1], Port{40000}, Port{443}};
    }

    // The largest segment, options included, in packets of `mtu` octets; and the other way round.
    std::uint16_t mss_of(std::uint32_t mtu) const { return static_cast<std::uint16_t>(mtu - ip_ - kTcp); }
    std::uint32_t mtu_of(std::uint32_t mss) const { return mss + ip_ + kTcp; }
    // Every path takes packets of so many octets (RFC 8200; RFC 1191 as hosts read it).
    std::uint32_t least_mtu() const { return ip_ == 20 ? 552 : 1280; }

    // Octets of the segment's packet.
    std::uint32_t length_of(const Flying& f) const {
        std::array<std::uint8_t, wire::kTcpOptionsMax> options;
        return mtu_of(static_cast<std::uint32_t>(wire::emit_options(f.options, options) + f.payload.size()));
    }

    // The segment as it arrives from end 0 or 1. `flipped`: a bit of it that is another by then. nullopt:
    // the packet cannot be read, or its checksum is wrong.
    std::optional<Flying> carried(int from, const Flying& f, std::optional<std::uint32_t> flipped) const {
        Octets frame = frame_of(from, f);
        if (flipped) {
            const std::size_t first = kEthernet + ip_, bit = *flipped % (8 * (frame.size() - first));
            frame[first + bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        }
        wire::PacketView view;
        if (wire::parse(frame, view) != wire::ParseError::None || !view.transport_checksum_ok()) return std::nullopt;
        const wire::TcpHeader& tcp = view.tcp();
        const auto payload = view.payload();
        return Flying{tcp.seq_num(),       tcp.ack_num(), tcp.flags, tcp.window.host(), wire::parse_options(view.tcp_options()),
                      std::string(payload.begin(), payload.end())};
    }

   private:
    static constexpr std::uint32_t kTcp = sizeof(wire::TcpHeader);
    static constexpr std::size_t kEthernet = sizeof(wire::EthernetHeader);

    Octets frame_of(int from, const Flying& f) const {
        const wire::TcpFields fields{.tuple = from == 0 ? tuple_ : tuple_.reversed(),
                                     .seq = f.seq,
                                     .ack = f.ack,
                                     .flags = f.flags,
                                     .window = f.window,
                                     .options = f.options};
        Octets frame(kEthernet + wire::kTcpSegmentOverhead + f.payload.size());
        ethernet_of(frame).ethertype.set(ip_ == 20 ? wire::kEthertypeIpv4 : wire::kEthertypeIpv6);
        const std::size_t length =
            wire::emit_tcp(fields, octets_of(f.payload), std::span(frame).subspan(kEthernet));
        frame.resize(kEthernet + length);
        return frame;
    }

    std::uint32_t ip_;  // octets of the IP header
    FourTuple tuple_;   // of end 0
};

}  // namespace sallyport::test

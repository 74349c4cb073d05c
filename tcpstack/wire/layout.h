// SPDX-License-Identifier: Apache-2.0
// Where things stand in a frame, while parse() is finding out; used by the parts of parse() alone.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

#include "tcpstack/wire/packet_view.h"

namespace sallyport::wire {

struct Layout {
    std::uint8_t* frame = nullptr;
    std::size_t size = 0;  // of the frame, padding included
    std::size_t l3 = 0, l4 = 0, payload = 0, end = 0;
    std::size_t fragment = 0;  // the fragment header of an IPv6 packet; 0: none
    std::size_t later = 0;     // octets of the datagram in later fragments
    PacketKind kind = PacketKind::Arp;
    bool v6 = false;
    std::uint8_t protocol = 0;
    bool router_alert = false;  // among the hop-by-hop options of an IPv6 packet

    template <class Header>
    const Header& at(std::size_t offset) const {
        return *reinterpret_cast<const Header*>(frame + offset);
    }
    std::span<const std::uint8_t> bytes(std::size_t begin, std::size_t length) const {
        return {frame + begin, length};
    }
    std::size_t transport_length() const { return end - l4; }  // in this frame
};

// From l3 on, which both families' headers set with l4 and end.
ParseError parse_ipv4(Layout& l);
ParseError parse_ipv6(Layout& l);

// From l4 on, by `protocol`: sets kind and payload.
ParseError parse_transport(Layout& l);
bool is_supported(const Layout& l);  // the protocol
// Of a fragment that lies at `offset` in the part of its datagram that is cut, which has
// `length_max` octets at most.
ParseError parse_fragment(Layout& l, std::size_t offset, bool more, std::size_t length_max);

}  // namespace sallyport::wire

// SPDX-License-Identifier: Apache-2.0
// Extension headers of IPv6 for tests, right or wrong as the test asks.
#pragma once
#include <initializer_list>

#include "tests/support/frame_builder.h"

namespace sallyport::test {

// Options of any kind; with its two octets in front `options` must fill a multiple of eight.
inline Octets extension(std::uint8_t next_header, const Octets& options) {
    Octets out{next_header, static_cast<std::uint8_t>((options.size() + 2) / 8 - 1)};
    out.insert(out.end(), options.begin(), options.end());
    return out;
}

// `offset` in octets.
inline Octets fragment_header(std::uint8_t next_header, std::uint16_t offset, bool more,
                              std::uint32_t id) {
    Octets out(sizeof(wire::Ipv6FragmentHeader));
    header_at<wire::Ipv6FragmentHeader>(out, 0) = {
        next_header, 0, Be16{static_cast<std::uint16_t>(offset | (more ? 1 : 0))}, Be32{id}};
    return out;
}

inline Octets joined(std::initializer_list<Octets> parts) {
    Octets out;
    for (const Octets& part : parts) out.insert(out.end(), part.begin(), part.end());
    return out;
}

// The frame with `headers` between its IPv6 header and what follows it.
inline Octets with_extensions(Octets frame, std::uint8_t first, const Octets& headers) {
    frame.insert(frame.begin() + 54, headers.begin(), headers.end());
    wire::Ipv6Header& ip = ipv6_of(frame);
    ip.next_header = first;
    ip.payload_length.set(static_cast<std::uint16_t>(frame.size() - 54));
    return frame;
}

// A fragment of the datagram in `frame`, which has no extension headers: `length` octets of what is
// behind its IPv6 header, from `offset` on.
inline Octets fragment_of(const Octets& frame, std::uint16_t offset, std::uint16_t length,
                          std::uint32_t id) {
    const auto begin = frame.begin() + 54 + offset;
    const bool more = offset + length < static_cast<int>(frame.size()) - 54;
    Octets out(frame.begin(), frame.begin() + 54);
    const std::uint8_t protocol = ipv6_of(out).next_header;
    out.insert(out.end(), begin, begin + length);
    return with_extensions(out, wire::kNextHeaderFragment,
                           fragment_header(protocol, offset, more, id));
}

}  // namespace sallyport::test

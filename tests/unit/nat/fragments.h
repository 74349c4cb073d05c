// SPDX-License-Identifier: Apache-2.0
// Datagrams in pieces.
#pragma once
#include <map>
#include <vector>

#include "tests/unit/nat/flows.h"

namespace sallyport::test {

// The part [from, from + length) of a frame's IP payload as a fragment.
inline Octets piece_of(const Octets& frame, std::size_t from, std::size_t length) {
    const std::size_t all = frame.size() - 34;
    length = std::min(length, all - from);
    Octets out(frame.begin(), frame.begin() + 34);
    out.insert(out.end(), frame.begin() + static_cast<long>(34 + from),
               frame.begin() + static_cast<long>(34 + from + length));
    wire::Ipv4Header& ip = ipv4_of(out);
    const bool more = from + length < all;
    ip.total_length.set(static_cast<std::uint16_t>(out.size() - 14));
    ip.flags_fragment.set(static_cast<std::uint16_t>(from / 8 | (more ? wire::kIpv4MoreFragments : 0)));
    wire::set_checksum(ip);
    return out;
}

inline std::vector<Octets> pieces_of(const Octets& frame, std::size_t step) {
    std::vector<Octets> out;
    for (std::size_t at = 0; at < frame.size() - 34; at += step) out.push_back(piece_of(frame, at, step));
    return out;
}

// The datagram that a host makes of fragments: the frame that they were cut from. Adds failures where
// they are not of one datagram or leave a gap.
inline Octets whole_of(std::vector<Octets> pieces) {
    std::map<std::uint16_t, Octets> by_offset;
    for (Octets& p : pieces) {
        EXPECT_EQ(ipv4_of(p).id.host(), ipv4_of(pieces[0]).id.host());
        by_offset[ipv4_of(p).flags_fragment.host() & wire::kIpv4OffsetMask] = p;
    }
    Octets out(by_offset.begin()->second.begin(), by_offset.begin()->second.begin() + 34);
    for (auto& [offset, p] : by_offset) {
        EXPECT_EQ(out.size(), 34U + offset * 8U) << "a gap";
        out.insert(out.end(), p.begin() + 34, p.end());
    }
    Octets last = by_offset.rbegin()->second;
    EXPECT_EQ(ipv4_of(last).flags_fragment.host() & wire::kIpv4MoreFragments, 0);
    ipv4_of(out).flags_fragment.set(0);
    ipv4_of(out).total_length.set(static_cast<std::uint16_t>(out.size() - 14));
    wire::set_checksum(ipv4_of(out));
    return out;
}

inline Octets numbered(std::size_t n) {
    Octets out(n);
    for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<std::uint8_t>(i * 7 + i / 251);
    return out;
}

inline Octets with_id(Octets frame, std::uint16_t id) {
    return with_ip(std::move(frame), [&](wire::Ipv4Header& ip) { ip.id.set(id); });
}

}  // namespace sallyport::test

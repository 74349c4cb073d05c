// SPDX-License-Identifier: Apache-2.0
// Datagrams in pieces.
#pragma once
#include <map>
#include <utility>
#include <vector>

#include "tests/unit/nat/flows.h"

namespace sallyport::test {

// The part [from, from + length) of a frame's IP payload as a fragment. Of IPv4 the identification is that
// of the frame, of IPv6 `id`.
inline Octets piece_of(const Octets& frame, std::size_t from, std::size_t length, std::uint32_t id = 7) {
    const std::size_t head = ethernet_of(const_cast<Octets&>(frame)).ethertype.host() == wire::kEthertypeIpv6 ? 54 : 34;
    const std::size_t all = frame.size() - head;
    length = std::min(length, all - from);
    const bool more = from + length < all;
    Octets out(frame.begin(), frame.begin() + static_cast<long>(head));
    out.insert(out.end(), frame.begin() + static_cast<long>(head + from),
               frame.begin() + static_cast<long>(head + from + length));
    if (head == 54) {
        Octets header(sizeof(wire::Ipv6FragmentHeader));
        header_at<wire::Ipv6FragmentHeader>(header, 0) = {
            std::exchange(ipv6_of(out).next_header, wire::kNextHeaderFragment), 0,
            Be16{static_cast<std::uint16_t>(from | (more ? wire::kIpv6MoreFragments : 0))}, Be32{id}};
        out.insert(out.begin() + 54, header.begin(), header.end());
        set_ip_length(out);
        return out;
    }
    wire::Ipv4Header& ip = ipv4_of(out);
    ip.total_length.set(static_cast<std::uint16_t>(out.size() - 14));
    ip.flags_fragment.set(static_cast<std::uint16_t>(from / 8 | (more ? wire::kIpv4MoreFragments : 0)));
    wire::set_checksum(ip);
    return out;
}

inline std::vector<Octets> pieces_of(const Octets& frame, std::size_t step, std::uint32_t id = 7) {
    std::vector<Octets> out;
    Octets copy = frame;
    for (std::size_t at = 0; at < frame.size() - transport_at(copy); at += step)
        out.push_back(piece_of(frame, at, step, id));
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

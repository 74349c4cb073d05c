// SPDX-License-Identifier: Apache-2.0
// Multicast listener discovery (RFC 3810, and RFC 2710 for queriers of its first version): a switch that
// filters multicast asks who listens to which group, and wants to hear of the groups before it delivers the
// solicitations for an address.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "tcpstack/base/ip_addr.h"
#include "tcpstack/base/time.h"
#include "tcpstack/wire/ethernet.h"
#include "tcpstack/wire/packet_view.h"

namespace sallyport::wire {

struct ListenerQuery {
    bool version_1 = false;  // its sender understands reports of version 1 only
    Ipv6Addr group;          // unspecified: all of them
    Duration within{};       // the time for an answer, 0 to about 2 h 20 min
};

// A packet of kind NeighborDiscovery, of which parse() has seen to source, hop limit, router alert and
// checksum. nullopt: it is another message, or of a length that no version has (RFC 3810 section 8.1).
std::optional<ListenerQuery> read_listener_query(const PacketView& packet);

// One report has so many groups at most, and a frame so many octets.
inline constexpr std::size_t kReportGroupsMax = 32;
inline constexpr std::size_t kReportFrameMax = 14 + 40 + 8 + 8 + kReportGroupsMax * 20;

// A whole frame in `out`: that the station listens to these groups, whoever sends to them. `src` is its
// link-local address, or unspecified while it has none (RFC 3590). Returns the length.
std::size_t emit_listener_report(const MacAddr& mac, const Ipv6Addr& src,
                                 std::span<const Ipv6Addr> groups, std::uint8_t* out);
// The same of one group, in version 1.
std::size_t emit_listener_report_1(const MacAddr& mac, const Ipv6Addr& src, const Ipv6Addr& group,
                                   std::uint8_t* out);

}  // namespace sallyport::wire

// SPDX-License-Identifier: Apache-2.0
// Multicast listener reports, version 2 (RFC 3810 section 5.2): what a switch that filters multicast
// wants to hear before it delivers the solicitations for an address.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

#include "tcpstack/base/ip_addr.h"
#include "tcpstack/wire/ethernet.h"

namespace sallyport::wire {

// One report has so many groups at most, and a frame so many octets.
inline constexpr std::size_t kReportGroupsMax = 32;
inline constexpr std::size_t kReportFrameMax = 14 + 40 + 8 + 8 + kReportGroupsMax * 20;

// A whole frame in `out`: that the station listens to these groups, whoever sends to them. `src` is its
// link-local address, or unspecified while it has none (RFC 3590). Returns the length.
std::size_t emit_listener_report(const MacAddr& mac, const Ipv6Addr& src,
                                 std::span<const Ipv6Addr> groups, std::uint8_t* out);

}  // namespace sallyport::wire

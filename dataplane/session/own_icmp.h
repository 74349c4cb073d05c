// SPDX-License-Identifier: Apache-2.0
// ICMP errors that the gate itself sends about a packet, to the station that it came from, as from the
// gate's own address of that family at that port. Rate-limited; never about what RFC 1812 section
// 4.3.2.7 and RFC 4443 section 2.4 exclude.
#pragma once
#include "dataplane/icmp_error.h"
#include "dataplane/session/core.h"

namespace sallyport::dp {

// The packet stays the caller's.
void report_expired(Core& core, const Packet& packet);
void report_too_big(Core& core, const Packet& packet, std::uint16_t mtu);
void report_no_route(Core& core, const Packet& packet);
void report_prohibited(Core& core, const Packet& packet);

}  // namespace sallyport::dp

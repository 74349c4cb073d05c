// SPDX-License-Identifier: Apache-2.0
// ICMP errors that the gate itself sends about a packet, to the station that it came from, as from the
// gate's own address at that port. Rate-limited; never about what RFC 1812 section 4.3.2.7 excludes.
#pragma once
#include "dataplane/icmp_error.h"
#include "dataplane/session/core.h"

namespace sallyport::dp {

// The packet stays the caller's.
void report(Core& core, const Packet& packet, const IcmpErrorKind& kind);
void report_prohibited(Core& core, const Packet& packet);

}  // namespace sallyport::dp

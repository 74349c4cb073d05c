// SPDX-License-Identifier: Apache-2.0
// A packet of a translated flow on its way out, as a router sends one on (RFC 1812 section 5.2, 5.3.1).
#pragma once
#include "dataplane/session/core.h"

namespace sallyport::dp {

// Whether a packet may be sent on by `out`: its TTL lets it, and it fits the MTU or may be cut. If
// not, it is dropped here and its sender is told by an ICMP error.
bool may_forward(Core& core, const Packet& packet, PortIndex out);

// Translates a packet for which may_forward() held and sends it by its flow's neighbour, fragment by
// fragment if it came so; what is too large for the MTU is cut.
void forward_translated(Core& core, SessionIndex s, Direction to, Packet& packet);

}  // namespace sallyport::dp

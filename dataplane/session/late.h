// SPDX-License-Identifier: Apache-2.0
// Segments of sessions that have ended. While a session's cookie could still be valid, its tombstone
// makes a late duplicate get the same answer and keeps it from being judged, logged or replayed.
#pragma once
#include "dataplane/session/core.h"

namespace sallyport::dp {

// Remembers a session's end; the deadline is set here. When the table is full the oldest of the
// bucket is forgotten and counted.
void bury(Core& core, const FourTuple& client, tcp::Tombstone tombstone);

// Consumes the packet.
void on_late(Core& core, const Packet& packet, const tcp::Tombstone& tombstone);

// For a stateless reply to a segment that carries timestamps: our clock, its TSval echoed.
wire::Timestamps reply_timestamps(Core& core, const Packet& packet);

}  // namespace sallyport::dp

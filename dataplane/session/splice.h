// SPDX-License-Identifier: Apache-2.0
// The joined session: both ends run their own congestion control and loss recovery, the gate
// rewrites headers. Payload is never touched and, but for packets that change more than counters
// (SYN, FIN, RST, cuts), not verified: a wrong checksum stays wrong and the end host drops it.
#pragma once
#include "dataplane/session/core.h"

namespace sallyport::dp {

// Takes a packet of a joined session to the other side; consumes it. `to` is where it goes.
void splice_packet(Core& core, SessionIndex s, Direction to, Packet& packet);

// What a client's segment says beside its payload (acknowledgement, window, timestamp), when the
// payload itself is held.
void note_held_segment(Core& core, SessionIndex s, const Packet& packet);

// Moves the session on when FINs were seen or acknowledged.
void settle_fins(Core& core, SessionIndex s);

// Takes out the SACK blocks that begin before `limit`; NOPs fill the room. The checksum is left to the
// caller.
void keep_sack_from(Packet& packet, SeqNum limit);

// Computes the TCP checksum anew, for a packet whose octets were verified before they were changed.
void recompute_checksum(Packet& packet);

}  // namespace sallyport::dp

// SPDX-License-Identifier: Apache-2.0
// When a relay gets its turn, and what happens in it.
#pragma once
#include "dataplane/session/core.h"
#include "dataplane/session/relay.h"

namespace sallyport::dp {

// The relay has something to do before the burst is over.
void due_now(Core& core, SessionIndex s);

// Whether the lines of all that one session may have under way fit in the outbox.
inline bool has_room_for_lines(const Outbox& outbox) {
    constexpr std::size_t kLinesMax =
        2 * kOutstandingMax + 3;  // those answered, those read, itself
    return outbox.records.capacity() - outbox.records.size() >= kLinesMax;
}

// Gives each due relay its turn, as long as there are empty frames. Those left over stay due.
void pump_relays(Core& core);

// Whether a leg in this state has nothing left to do.
constexpr bool is_over(tcp::TcpState state) {
    return state == tcp::TcpState::Closed || state == tcp::TcpState::TimeWait;
}

// The earliest time at which something happens to a relay by itself, but for its idle limit.
Instant relay_due(const Core& core, SessionIndex s);

// Time has come for one of the relay's own deadlines.
void on_relay_deadline(Core& core, SessionIndex s);

}  // namespace sallyport::dp

// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/tracking.h"

#include <algorithm>

#include "dataplane/session/ending.h"

namespace sallyport::dp {

ResetPlace place_of_reset(const FlowRecord& flow, const FlowRecord& back, SeqNum seq) {
    if (seq == flow.floor) return ResetPlace::Exact;
    return seq.in_window(flow.floor, std::max(back.window_bytes(), 1U)) ? ResetPlace::InWindow
                                                                        : ResetPlace::Outside;
}

void await_reset(Core& core, SessionIndex s, Reason reason, EndedBy by) {
    Session& session = core.store.sessions[s];
    if (session.state == SessionState::Closed) return;
    session.reset = true;
    session.reason = reason;
    session.ended_by = by;
    for (const Direction d : {Direction::ToServer, Direction::ToClient})
        core.store.flow(s, d).reset_passed = true;
    rearm(core, s);
}

void forget_reset(Core& core, SessionIndex s) {
    Session& session = core.store.sessions[s];
    session.reset = false;
    session.reason = Reason::None;
    session.ended_by = EndedBy::Gate;
    for (const Direction d : {Direction::ToServer, Direction::ToClient})
        core.store.flow(s, d).reset_passed = false;
}

}  // namespace sallyport::dp

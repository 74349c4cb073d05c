// SPDX-License-Identifier: Apache-2.0
// The memory of a relay: how long its two queues may be, and so how much its peers may send.
//
// A queue starts at kRelayQueueStart and grows with the need of both legs: what the one receives
// within its round trip and what the other has in flight within its own, at most kRelayQueueMax. The
// pool decides in the end. No queue is promised more than a quarter of what is left. The first
// kRelayQueueStart of a window are promised to every relay, as if not all could come at once; what
// exceeds them is promised once only, from one half of what is left. A window that was promised is
// never taken back.
#pragma once
#include "dataplane/session/core.h"

namespace sallyport::dp {

// Gives back what the peers have acknowledged and tells them how much more may come.
void make_room(Core& core, SessionIndex s);

// Gives back both queues, for the end of the session.
void release_room(Core& core, SessionIndex s);

}  // namespace sallyport::dp

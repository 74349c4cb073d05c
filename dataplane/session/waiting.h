// SPDX-License-Identifier: Apache-2.0
// Sessions in set-up that wait for the address of a name. They stand in a chain at the name's entry
// in the cache; an answer moves the chain to the list of those that may go on, and as many of them go
// on at once as the outbox has room for.
#pragma once
#include "dataplane/session/core.h"

namespace sallyport::dp {

// The session goes on with the answer for `entry`; until its resolve_timeout.
void wait_for_answer(Core& core, SessionIndex s, NameEntryIndex entry);

// For a session that ends, or whose time is over.
void stop_waiting(Core& core, SessionIndex s);

// An answer has come.
void wake_waiting(Core& core, NameEntryIndex entry);

// Those that were woken are bound, by the present generation.
void go_on_woken(Core& core);

// The time of a waiting session has come: to ask again, or to give up.
void on_resolve_deadline(Core& core, SessionIndex s);

}  // namespace sallyport::dp

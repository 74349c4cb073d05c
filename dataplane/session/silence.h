// SPDX-License-Identifier: Apache-2.0
// How long the flows of a session have been silent. A flow record keeps when the last packet came in seconds
// modulo 2^16, because the packet path writes it. A silence longer than half of that is kept in the session:
// each is looked at every minute (deadlines.cc), far more often than the seconds come round.
#pragma once
#include "dataplane/session/session_store.h"

namespace sallyport::dp {

Duration silence_of(const SessionStore& store, SessionIndex s, Direction d, Instant now);
// The shorter one of both directions.
Duration silence_of(const SessionStore& store, SessionIndex s, Instant now);

// At every look.
void keep_silences(SessionStore& store, SessionIndex s, Instant now);

}  // namespace sallyport::dp

// SPDX-License-Identifier: Apache-2.0
// Keep-alive towards the server of a splice (RFC 9293 section 3.8.4), for upstreams that ask for it.
// The gate keeps no connection of its own there: probes are built from the flow records, and their
// answers, which the client never asked for, are not passed on and are no sign of life of a session
// that is idle.
#pragma once
#include "dataplane/session/core.h"

namespace sallyport::dp {

// The session has become a splice.
void start_keepalive(Core& core, SessionIndex s);

// When the next probe is due, or the last one has stayed unanswered for too long; kNever without.
Instant keepalive_due(const Core& core, SessionIndex s);
void on_keepalive_deadline(Core& core, SessionIndex s);

// A packet of the server. True: it only answered a probe, and was consumed.
[[nodiscard]] bool answers_probe(Core& core, SessionIndex s, const Packet& packet);

}  // namespace sallyport::dp

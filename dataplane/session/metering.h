// SPDX-License-Identifier: Apache-2.0
// Live sessions and their limits: what is taken when a session or a server leg begins, counted while
// octets pass, and given back when it is gone.
//
// For rule and source a session is one connection, from when it is allowed (it may still wait for
// DNS) until its end, however many server legs it has; one whose next request is another rule's
// counts for that one from then on. For an upstream a connection is a server leg. Octets are those of
// the payload, both ways, each once.
#pragma once
#include "dataplane/session/core.h"
#include "dataplane/session/relay.h"

namespace sallyport::dp {

// None: the session has its place among the connections of the rule and of its source; at once when
// it has it already.
Reason take_limits(Core& core, SessionIndex s, const policy::Verdict& verdict);
// None: the same among those of the upstream; it has none yet.
Reason take_upstream(Core& core, SessionIndex s, const policy::Verdict& verdict,
                     const policy::Upstream& upstream);
// Nothing happens to a session that has no place. The former gives back both.
void give_back_limits(Core& core, SessionIndex s);
void give_back_upstream(Core& core, SessionIndex s);

// Octets that a peer sent for the first time, before they are sent on. None, or what limits say.
Reason meter(Core& core, SessionIndex s, std::uint64_t octets);
// The same for a packet that is passed on. True: limits keep it back, it is consumed. What is over the
// rate will be sent again, and TCP slows down; the end of a budget ends the session.
bool keeps_back(Core& core, SessionIndex s, const Packet& packet, std::uint64_t octets);
// The same for a relay, which drops nothing: octets that were judged are counted when they may go on,
// each once. What is over the rate waits in its queue until rate_deadline, and the window closes over
// it; a budget passes to its last octet, and ends the session once these are delivered.
void meter_relay(Core& core, SessionIndex s);

}  // namespace sallyport::dp

// SPDX-License-Identifier: Apache-2.0
// From held bytes to a verdict, and what a denied client is told.
#pragma once
#include <string_view>

#include "dataplane/session/client_leg.h"

namespace sallyport::dp {

// What the policy says of a name that a client asks for. Where the session may go then is
// seek_server()'s to say.
policy::Verdict decide(const Generation& generation, const FourTuple& client,
                       std::string_view name, policy::AppProtocol protocol);

// Judges a first packet that holds the whole hello. True: it was denied and answered, a tombstone is
// all that is left, and the packet is consumed. False: a session is needed.
bool deny_at_once(Core& core, const Packet& packet, const ClientStart& start);

// Looks at what hold has: asks for more, connects, or refuses. The client's bytes are acknowledged.
void judge(Core& core, SessionIndex s);

// Counts what the policy lets pass, once for each session and request.
void count_passed(Core& core, policy::Decision decision);

// Whether the session still lives and its name is not complete.
bool is_undecided(const Core& core, SessionIndex s);

// Denies a held session: answers the client as the policy says, writes the record, ends it.
void refuse_session(Core& core, SessionIndex s, Reason reason);
void refuse_session(Core& core, SessionIndex s, Reason reason, policy::Answer answer);

}  // namespace sallyport::dp

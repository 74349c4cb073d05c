// SPDX-License-Identifier: Apache-2.0
// An allowed session on its way to a server: it is bound, for which it may have to wait for an answer
// of the resolver, and takes its place within the limits; then the addresses that it is bound to are
// dialled one after the other.
#pragma once
#include "dataplane/session/core.h"

namespace sallyport::dp {

// For a session in set-up whose name is known; `verdict` is that of the present generation. A denial
// refuses the session.
void seek_server(Core& core, SessionIndex s, const policy::Verdict& verdict);

// What the present generation says of the session's name.
policy::Verdict present_verdict(const Core& core, SessionIndex s);

// Whether the session may dial an address; None, or the reason why not.
Reason vet_server(const Core& core, const Setup& setup, const IpAddr& address);

// Before a server is dialled anew: set-up follows the present generation. False: that no longer
// allows the session, which has been refused.
[[nodiscard]] bool renew_verdict(Core& core, SessionIndex s);

// The session may not be joined with any server: its client is answered as the policy says.
void refuse_server(Core& core, SessionIndex s, Reason reason);

}  // namespace sallyport::dp

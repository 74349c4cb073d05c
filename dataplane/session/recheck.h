// SPDX-License-Identifier: Apache-2.0
// Sessions held against a new configuration: does the present generation still allow what an earlier
// one did, with the same name, source, port and protocol, and still bind it to the same server?
#pragma once
#include "dataplane/session/core.h"

namespace sallyport::dp {

// Ends a session that is no longer allowed, with the reason policy_recheck; both ends are told. What
// is still in hold is judged by the present generation anyway.
void recheck_session(Core& core, SessionIndex s);

}  // namespace sallyport::dp

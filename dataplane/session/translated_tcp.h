// SPDX-License-Identifier: Apache-2.0
// The light state of a translated TCP flow.
#pragma once
#include "dataplane/session/core.h"

namespace sallyport::dp {

// A segment of a translated flow; consumes it. The end hosts keep their own state: what the gate
// follows decides only how long the flow is remembered, and that nobody else can end it.
void on_translated_tcp(Core& core, SessionIndex s, Direction to, Packet& packet);

}  // namespace sallyport::dp

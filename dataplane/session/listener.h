// SPDX-License-Identifier: Apache-2.0
// Packets from inside that belong to no session: SYNs are answered by a cookie and forgotten; a valid
// acknowledgement makes an embryo; the first payload begins a session.
#pragma once
#include "dataplane/session/core.h"

namespace sallyport::dp {

// Both consume the packet. Its source address has been checked.
void on_syn(Core& core, Packet& packet);
void on_stray(Core& core, Packet& packet);

}  // namespace sallyport::dp

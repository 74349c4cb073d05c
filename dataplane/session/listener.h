// SPDX-License-Identifier: Apache-2.0
// Packets from inside that belong to no session: SYNs are answered by a cookie and forgotten; a valid
// acknowledgement makes an embryo; the first payload begins a session.
//
// The client's own choice of an address is vetted before the SYN-ACK whatever the rules of the port
// say, although a rule may send the session elsewhere: the gate never answers in the name of an
// address that it would not dial. A private address is answered for when some rule for this source
// and port may reach one.
//
// A SYN of a family that has no way out is refused at once, with a reset whatever the policy answers, so
// that clients go on to the other family; unless some rule for this source and port may relay to that one
// (cross_family). Whether the name has an address there is known only once the client has said it.
#pragma once
#include "dataplane/session/core.h"

namespace sallyport::dp {

// Both consume the packet. Its source address has been checked.
void on_syn(Core& core, Packet& packet);
void on_stray(Core& core, Packet& packet);

}  // namespace sallyport::dp

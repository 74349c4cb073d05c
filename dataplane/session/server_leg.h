// SPDX-License-Identifier: Apache-2.0
// The connection to the server until it is joined: its candidates one after the other, a public port
// for each, the SYN, its answer, and delivery of the held bytes.
#pragma once
#include "dataplane/session/core.h"

namespace sallyport::dp {

inline constexpr std::uint16_t kSynWindow = 0xffff;  // of our SYN

// Dials the candidates of the session's set-up. Each address is vetted just before it is dialled; one
// that fails is followed by the next. When none is left, the session fails for the last reason; when
// none could even be dialled because of what it is, the session is refused.
void open_server_leg(Core& core, SessionIndex s);

// A packet from the server while our SYN is out; consumes it.
void on_server_connecting(Core& core, SessionIndex s, Packet& packet);

// Sends what may be sent of the held bytes.
void deliver(Core& core, SessionIndex s);

// The retransmission timer of the server leg has fired.
void retransmit(Core& core, SessionIndex s);

// The leg will not come about: a relay tells its client, every other session ends.
void fail_leg(Core& core, SessionIndex s, Reason reason);

// An ICMP error says that the present address cannot be reached.
void on_server_unreachable(Core& core, SessionIndex s);

// The present address did not answer in time.
void on_connect_deadline(Core& core, SessionIndex s);

}  // namespace sallyport::dp

// SPDX-License-Identifier: Apache-2.0
// The two connections of a relay: how they come about, take segments, send, and end.
#pragma once
#include "dataplane/session/core.h"
#include "dataplane/session/relay.h"

namespace sallyport::dp {

inline constexpr std::size_t kStockReserve =
    32;  // empty frames that relays leave to everybody else

Relay& relay_of(Core& core, SessionIndex s);

// A session in set-up becomes a relay: the octets of hold are copied to `to_server`, the client's
// connection goes on from where hold was. False: there was no room for the octets, and nothing has
// changed.
[[nodiscard]] bool begin_relay(Core& core, SessionIndex s, RelayKind kind);

// The segment that began the relay carried the client's FIN behind what hold had.
void note_client_fin(Core& core, SessionIndex s);

// The server has answered our SYN: the leg of the session's set-up becomes its connection, and
// set-up ends.
void relay_leg_opened(Core& core, SessionIndex s);
// It has not: the request that waits for it fails, or is denied and answered so.
void relay_leg_failed(Core& core, SessionIndex s, Reason reason);
void relay_leg_refused(Core& core, SessionIndex s, Reason reason, policy::Answer answer);

// A packet of either side; consumes it.
void on_relay(Core& core, SessionIndex s, Direction from, Packet& packet);

// Sends what the windows and the stock of empty frames allow. Whether there may be more.
bool send_legs(Core& core, SessionIndex s);

// Resets a leg that is open.
void reset_client_leg(Core& core, SessionIndex s);
void reset_server_leg(Core& core, SessionIndex s);
// The same, and the server leg's port and flow are given back, so that another can be opened.
void drop_server_leg(Core& core, SessionIndex s);

// Gives back queues and requests; for the end of the session.
void release_relay(Core& core, SessionIndex s);

}  // namespace sallyport::dp

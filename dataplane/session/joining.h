// SPDX-License-Identifier: Apache-2.0
// From the server's SYN-ACK to the splice. S (Setup::joined_at) is frozen when the SYN-ACK arrives:
// octets below it are acknowledged to the client and the gate's to deliver; octets from S on are
// spliced. The session leaves this stage when S is acknowledged and the server's first record is
// known not to ask for a second ClientHello.
//
//   client          gate                       server
//     |  hello >      |  hello (the gate's) >    |
//     |               |  < ack below S           |   consumed
//     |  < data, ack raised to S                 |   spliced
//     |  data from S on >                        |   spliced
//     |               |  < ack of S              |   passed on: the client learns the window
#pragma once
#include "dataplane/session/core.h"

namespace sallyport::dp {

// The server leg is established: promises are checked, S is frozen, delivery begins.
void join(Core& core, SessionIndex s);

// Packets of a session between SYN-ACK and splice; consume them.
void on_client_joining(Core& core, SessionIndex s, Packet& packet);
void on_server_joining(Core& core, SessionIndex s, Packet& packet);

// After a HelloRetryRequest: whether the second hello that hold has names the same server.
void judge_second_hello(Core& core, SessionIndex s);

}  // namespace sallyport::dp

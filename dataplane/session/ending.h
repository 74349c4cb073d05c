// SPDX-License-Identifier: Apache-2.0
// How sessions end, and every deadline that can end them.
#pragma once
#include "dataplane/session/core.h"

namespace sallyport::dp {

// The end: record, tombstone, port rest; everything that the session held goes back. Sends nothing.
void end_session(Core& core, SessionIndex s, Reason reason, EndedBy by);

// Resets both legs, as far as they exist, and ends the session.
void abort_session(Core& core, SessionIndex s, Reason reason);

// The gate stops: both ends are told by a reset, so that they notice at once.
void stop_session(Core& core, SessionIndex s);

// Tells the server that its leg, which is open, is over.
void reset_server(Core& core, SessionIndex s);

// Both sides have closed and all is acknowledged: the record is written now, the session is kept for
// ten seconds for late packets.
void close_session(Core& core, SessionIndex s);

// A closed session makes room before its ten seconds are over.
void recycle_oldest_closed(Core& core);

// Gives back the held bytes.
void release_hold(Core& core, SessionIndex s);

// Gives back what only set-up needed, the held bytes included.
void release_setup(Core& core, SessionIndex s);

// The server leg's port goes to rest and its flow is forgotten.
void release_server_flow(Core& core, SessionIndex s, EndedBy by);

// Sets the session's deadline to the earliest thing that can happen to it by itself.
void rearm(Core& core, SessionIndex s);

// What is due for a session whose deadline has fired.
void on_deadline(Core& core, SessionIndex s);

}  // namespace sallyport::dp

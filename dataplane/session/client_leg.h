// SPDX-License-Identifier: Apache-2.0
// The client's connection while its session is in set-up: the gate is the endpoint. Bytes go to
// hold and are acknowledged (held_ack.h); when the name is complete the verdict falls.
#pragma once
#include "dataplane/session/core.h"

namespace sallyport::dp {

struct ClientStart {
    SeqNum irs, iss;
    TsVal ts_recent;
    tcp::ClientOptions options;
};

// The window field of a client leg that may take so many octets more.
std::uint16_t window_field(std::uint32_t octets, const tcp::ClientOptions& options);
// Of one that has not sent anything yet.
std::uint16_t first_window(const Core& core, const tcp::ClientOptions& options);

// The first payload of a client that proved its address; consumes the packet. A hello that is whole
// in this packet and denied leaves a tombstone only.
void begin_session(Core& core, Packet& packet, const ClientStart& start);

// A packet from the client of a session that is undecided, connecting or in its second hold;
// consumes it.
void on_client_held(Core& core, SessionIndex s, Packet& packet);

// Takes the payload of `packet` into hold, as far as it fits. False: the session has ended.
bool take_payload(Core& core, SessionIndex s, const Packet& packet);

}  // namespace sallyport::dp

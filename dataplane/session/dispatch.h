// SPDX-License-Identifier: Apache-2.0
// From a packet's way to the stage that takes it. All of these consume the packet.
#pragma once
#include "dataplane/session/core.h"

namespace sallyport::dp {

// `record` is the number of the flow record that the packet's key found.
void on_spliced(Core& core, std::uint32_t record, Packet& packet);
void on_setup(Core& core, std::uint32_t record, Packet& packet);

void on_sessionless(Core& core, Packet& packet);
void on_neighbor(Core& core, Packet& packet, bool handed_over);
void answer_ping(Core& core, Packet& packet);

}  // namespace sallyport::dp

// SPDX-License-Identifier: Apache-2.0
// Shortening and dividing TCP segments whose checksum has been verified.
#pragma once
#include "dataplane/session/core.h"

namespace sallyport::dp {

// Takes the whole payload away; the sequence number stays.
void strip_payload(Packet& packet);

// Takes `octets` (<= payload) away from the front of the payload; the sequence number moves on.
void trim_front(Packet& packet, std::uint16_t octets);

// A new segment with the headers of `packet` and the first `octets` (< payload) of its payload,
// without FIN and PSH. False: no buffer (counted).
[[nodiscard]] bool copy_front(Core& core, const Packet& packet, std::uint16_t octets, Packet& out);

}  // namespace sallyport::dp

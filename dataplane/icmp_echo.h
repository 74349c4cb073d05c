// SPDX-License-Identifier: Apache-2.0
// Answers to ping (RFC 1122 section 3.2.2.6, RFC 4443 section 4.2).
#pragma once
#include "dataplane/frame.h"
#include "tcpstack/wire/packet_view.h"

namespace sallyport::dp {

// Turns an echo request into its reply in place, addressed to the station that sent the frame;
// `frame` is then ready to be sent by the port it came in by. False, and nothing changed, when the
// packet is no echo request or its source is no address of a single host. `packet` is the parsed
// `frame` (so its checksum is right); that its destination is an own address is the caller's check.
bool turn_into_echo_reply(Frame& frame, const wire::PacketView& packet);

}  // namespace sallyport::dp

// SPDX-License-Identifier: Apache-2.0
// ICMP errors about flows, from routers and hosts on either side (RFC 5508 section 4, RFC 5927). They
// are passed on to whoever sent the packet in question, translated without and within, and change
// nothing here: no error ends a flow (RFC 5382 REQ-10). If the gate sent it itself, it takes the error
// (leg_errors.h). Only what is in flight can have met with an error (RFC 5927 section 4.1).
#pragma once
#include "dataplane/icmp_quote.h"
#include "dataplane/session/core.h"

namespace sallyport::dp {

// An error that quotes a packet which went against the flow of `record`; consumes it.
void on_icmp_error(Core& core, std::uint32_t record, Packet& packet);

}  // namespace sallyport::dp

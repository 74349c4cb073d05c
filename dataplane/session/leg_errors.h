// SPDX-License-Identifier: Apache-2.0
// ICMP errors about segments that the gate sent itself: in set-up, and on both legs of a relay.
//
//   unreachable   before the server answered: its next address is tried, at once. Of the last address
//                 only a hard error is believed (RFC 1122 section 4.2.3.9, RFC 5461)
//   too big       the leg's segments become smaller, and what was too large goes again at once (RFC
//                 1191, RFC 8201)
//   all others    change nothing: no error ends a connection (RFC 5927 section 5.2)
#pragma once
#include "dataplane/icmp_quote.h"
#include "dataplane/session/core.h"

namespace sallyport::dp {

// Whether the gate sent the quoted segment, so that nobody else can do anything about the error, which
// travels `to`.
bool is_of_own_leg(const Core& core, SessionIndex s, Direction to, const IcmpQuote& quote);

// Consumes the packet.
void on_leg_error(Core& core, SessionIndex s, Direction to, const Packet& packet,
                  const IcmpQuote& quote);

}  // namespace sallyport::dp

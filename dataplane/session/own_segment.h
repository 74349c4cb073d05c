// SPDX-License-Identifier: Apache-2.0
// Segments that the gate itself sends, and where they go.
#pragma once
#include "dataplane/session/core.h"
#include "tcpstack/wire/tcp_segment.h"

namespace sallyport::dp {

// By a resolved or resolving neighbour: for sessions.
void send_segment(Core& core, const wire::TcpFields& fields, Octets payload, PortIndex port,
                  NeighborIndex neighbor);

// To the station that `cause` came from, by the port it came in: for what keeps no state. Never
// starts ARP.
void reply_segment(Core& core, const Packet& cause, const wire::TcpFields& fields, Octets payload);

// A reset in answer to `cause` (RFC 9293 section 3.10.7.1), rate-limited; never to a reset.
void reply_reset(Core& core, const Packet& cause);

// Consumes the packet: to its sender, an acknowledgement of all that the other side has
// acknowledged, built from the session's flow records.
void ack_sender(Core& core, SessionIndex s, Direction from, const Packet& cause);

// The same within the session's limit for what nobody asked for; else the packet is dropped, RateLimited.
void challenge_sender(Core& core, SessionIndex s, Direction from, const Packet& cause);

// The largest segment that the port's MTU takes behind the IP header of a family, TCP options included
// (RFC 6691).
std::uint16_t mss_of(const Core& core, PortIndex port, Family family);

// What a host takes that has announced nothing (RFC 9293 section 3.7.1).
std::uint16_t mss_without_option(Family family);

// The sequence number for the gate's own segments in a direction, and what it acknowledges.
wire::TcpFields from_record(Core& core, SessionIndex s, Direction to);

}  // namespace sallyport::dp

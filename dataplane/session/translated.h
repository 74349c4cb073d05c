// SPDX-License-Identifier: Apache-2.0
// Flows that a layer-4 rule lets pass: plain NAT, without termination. A translated flow is a session
// with two flow records and a line in the log at its end, and nothing else.
//
//   TCP    a SYN from inside opens it; SYN, FIN and RST of both sides are followed, for its age alone
//          (RFC 5382 REQ-5, RFC 7857); nothing is picked up in mid-stream
//   UDP    any datagram from inside opens it; only what comes from inside keeps it (RFC 4787 REQ-5, 6)
//   ICMP   an echo request from inside opens it, its identifier stands for a port (RFC 5508 REQ-1)
//
// Mapping and filtering depend on address and port of the server: what comes back comes from the
// endpoint that was asked. Neither parity nor order of ports is kept, and the own port of the client
// only by chance (RFC 4787 REQ-3, REQ-4 are for protocols that peers speak through two NATs).
#pragma once
#include "dataplane/session/core.h"

namespace sallyport::dp {

// What the layer-4 rules say of a flow, its destination vetted. A verdict of kDefaultRule: no such
// rule covers it.
policy::Verdict decide_flow(const Core& core, const FourTuple& client, RecordProtocol protocol);

// A UDP datagram or an echo request from inside that belongs to no flow; consumes it.
void on_unknown_flow(Core& core, Packet& packet);

// A SYN from inside that `verdict` lets pass; consumes it.
void open_flow(Core& core, Packet& packet, const policy::Verdict& verdict);

// A packet of a translated flow, whose record was found by its key; consumes it.
void on_translated(Core& core, std::uint32_t record, Packet& packet);

// Of a translated flow: whether both sides of its TCP handshake are done. Never of UDP and ICMP.
bool is_established(const Core& core, SessionIndex s);

// How long a flow that is not established may be silent.
Duration flow_lifetime(const Core& core, SessionIndex s);

RecordProtocol protocol_of(const wire::PacketView& packet);

}  // namespace sallyport::dp

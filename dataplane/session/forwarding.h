// SPDX-License-Identifier: Apache-2.0
// A packet that passes through, translated or spliced, on its way out, as a router sends one on (RFC
// 1812 section 5.2, 5.3.1).
#pragma once
#include "dataplane/session/core.h"

namespace sallyport::dp {

// Whether a packet may be sent on by `out`: its TTL lets it, and it fits the MTU or may be cut. If
// not, it is dropped here and its sender is told by an ICMP error.
bool outlives_hop(Core& core, const Packet& packet);
bool suits_mtu(Core& core, const Packet& packet, PortIndex out);
inline bool may_forward(Core& core, const Packet& packet, PortIndex out) {
    return outlives_hop(core, packet) && suits_mtu(core, packet, out);
}

// Whether a host or router may need the identification of the packet for reassembly. Several hosts share
// one address outside, so it is given anew then (RFC 6864 section 4.3).
bool is_atomic(const Packet& packet);
// A new one, of 16 bits or, in IPv6, 32; and where it stands. A packet of IPv6 must be a fragment.
std::uint32_t give_id(Core& core, const wire::PacketView& view);
void set_id(const wire::PacketView& view, std::uint32_t id);

// Sends a packet or fragment that has been rewritten; what is too large for the MTU is cut.
void send_on(Core& core, const FlowRecord& flow, Frame frame, const wire::PacketView& view,
             PortIndex out);

// Translates a packet for which may_forward() held and sends it by its flow's neighbour, fragment by
// fragment if it came so; what is too large for the MTU is cut.
void forward_translated(Core& core, SessionIndex s, Direction to, Packet& packet);

}  // namespace sallyport::dp

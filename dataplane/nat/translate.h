// SPDX-License-Identifier: Apache-2.0
// What plain NAT changes in a packet (RFC 3022 section 4): addresses, ports or echo identifier, TTL,
// and every checksum that covers them, incrementally (RFC 1624). What is wrong in a packet stays
// wrong.
#pragma once
#include <cstdint>

#include "dataplane/session/flow_record.h"
#include "tcpstack/wire/checksum.h"
#include "tcpstack/wire/packet_view.h"

namespace sallyport::dp {

// A transport header of the flow `from` becomes one of `to`, of the same family.
template <class Address>
struct NatChange {
    FlowKey<Address> from, to;

    // What the addresses change in a checksum with a pseudo-header.
    wire::Sum16 of_addresses() const;
    // Sets the ports; returns what that and the addresses change in such a checksum.
    wire::Sum16 rewrite_ports(Be16& src, Be16& dst) const;
    void apply(wire::TcpHeader& tcp) const;
    void apply(wire::UdpHeader& udp) const;    // a checksum of zero (none was computed) stays zero
    void apply(wire::IcmpHeader& icmp) const;  // of echo; only ICMPv6 has a pseudo-header
};
using NatChange4 = NatChange<Ipv4Addr>;
using NatChange6 = NatChange<Ipv6Addr>;

// A whole packet of TCP, UDP or ICMP echo, or the first fragment of one; its key is that of the flow.
void translate_headers(const FlowLines& lines, const wire::PacketView& packet);

// A later fragment, which has no transport header.
void translate_later_fragment(const FlowLines& lines, const wire::PacketView& fragment);

// Replaces the identification and updates the checksum.
void replace_id(wire::Ipv4Header& ip, std::uint16_t id);

}  // namespace sallyport::dp

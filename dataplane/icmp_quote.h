// SPDX-License-Identifier: Apache-2.0
// The packet that an ICMP error is about, as far as the error quotes it (RFC 792, RFC 1812 section
// 4.3.2.3, RFC 4443 section 2.4): by it, and by nothing else, the error is matched to a flow.
#pragma once
#include <cstdint>
#include <optional>
#include <span>

#include "dataplane/access_record.h"
#include "tcpstack/base/endpoint.h"
#include "tcpstack/base/modular32.h"
#include "tcpstack/wire/packet_view.h"

namespace sallyport::dp {

// What a quote holds at least: the IP header and eight octets, in which every transport says its
// ports, or ICMP its identifier.
constexpr std::uint16_t quote_min(bool v6) {
    return static_cast<std::uint16_t>((v6 ? sizeof(wire::Ipv6Header) : sizeof(wire::Ipv4Header)) + 8);
}

struct IcmpQuote {
    FourTuple key;  // as the quoted packet was sent
    RecordProtocol protocol = RecordProtocol::Tcp;
    SeqNum seq;                // of TCP
    std::uint16_t length = 0;  // of the whole IP packet
};

// Whether an ICMP message is an error that may be passed on: unreachable, packet too big, time exceeded,
// parameter problem. Redirects and source quench (RFC 6633) never are.
bool is_passable_error(const wire::PacketView& packet);

// nullopt: the quote is too short, its IP header is not one that the gate has sent (its checksum is
// wrong, it has options or extension headers), it is a fragment that is not the first, or no transport
// with flows.
std::optional<IcmpQuote> read_quote(const wire::PacketView& error);

// Where the transport header stands in quoted IPv6 octets of which read_quote() has read the header: a
// fragment header may stand before it.
std::size_t quoted_transport6(std::span<const std::uint8_t> quoted);

}  // namespace sallyport::dp

// SPDX-License-Identifier: Apache-2.0
// Whether the gate may dial an address at all. One function for the client's own choice (before the
// SYN-ACK), for what the gate is about to dial, and later for addresses that a resolver gave.
#pragma once
#include <cstdint>
#include <span>

#include "dataplane/reason.h"
#include "tcpstack/base/ip_addr.h"

namespace sallyport::dp::policy {

enum class PrivateAddresses : std::uint8_t { Refuse, Allow };

struct OwnNetworks {
    std::span<const IpAddr> own;       // every address of the gate: ports and egress sets
    std::span<const IpPrefix> inside;  // networks and routes of the inside ports
};

// None, or DstReserved, DstOwn, DstInside, DstNotPublic. Disguises (NAT64 64:ff9b::/96 and
// 64:ff9b:1::/48, 6to4, Teredo, ISATAP) are unwrapped and vetted as well; an IPv4-mapped address is
// the IPv4 address. PrivateAddresses::Allow opens private ranges only (RFC 1918, RFC 6598, RFC
// 4193, local NAT64, the benchmarking networks of RFC 2544 and RFC 5180), never the rest: metadata
// services of clouds are reserved wherever they stand.
Reason vet_destination(const IpAddr& address, const OwnNetworks& networks,
                       PrivateAddresses private_addresses);

}  // namespace sallyport::dp::policy

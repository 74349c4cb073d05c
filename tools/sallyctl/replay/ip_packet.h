// SPDX-License-Identifier: Apache-2.0
// An IP packet of either family behind all its headers. Checksums are not looked at: a capture on
// the sending host shows packets before the device fills them in.
#pragma once
#include <cstdint>
#include <optional>

#include "tcpstack/base/ip_addr.h"
#include "tools/sallyctl/replay/octets.h"

namespace sallyport::replay {

enum class IpProtocol : std::uint8_t { Icmp = 1, Tcp = 6, Udp = 17, Icmpv6 = 58 };

struct Fragment {
    std::uint32_t id = 0;
    std::uint32_t offset = 0;  // octets
    bool more = false;
};

struct IpPacket {
    IpAddr src, dst;
    std::uint8_t protocol = 0;  // of the upper layer; of a fragment: of what it is a part of
    std::optional<Fragment> fragment;
    // Behind the headers, as far as it was captured. Extension headers of IPv6 behind the fragment
    // header belong to it.
    Octets payload;
    std::uint32_t length = 0;  // of the payload as the header has it; more than payload: cut short
};

// IPv4 (RFC 791, options are passed over) and IPv6 (RFC 8200). nullopt: no IP packet, or cut within
// its headers.
std::optional<IpPacket> parse_ip(Octets packet);

// Passes over the extension headers of IPv6 that may stand before `protocol`'s own: hop-by-hop,
// routing, destination options, authentication (RFC 4302), mobility, HIP, shim6, and the fragment
// header of an unfragmented packet (RFC 6946). False: cut within them, or more than sixteen.
bool skip_extensions(IpPacket& packet);

}  // namespace sallyport::replay

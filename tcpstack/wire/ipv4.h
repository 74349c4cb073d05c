// SPDX-License-Identifier: Apache-2.0
// RFC 791, without options: a packet that carries any is refused.
#pragma once
#include <cstdint>

#include "tcpstack/base/big_endian.h"
#include "tcpstack/base/ip_addr.h"

namespace sallyport::wire {

struct Ipv4Header {
    std::uint8_t version_ihl;
    std::uint8_t dscp_ecn;
    Be16 total_length;
    Be16 id;
    Be16 flags_fragment;
    std::uint8_t ttl;
    std::uint8_t protocol;
    Be16 checksum;
    Ipv4Addr src, dst;
};
static_assert(sizeof(Ipv4Header) == 20 && alignof(Ipv4Header) == 1);

inline constexpr std::uint16_t kIpv4DontFragment = 0x4000;
inline constexpr std::uint16_t kIpv4MoreFragments = 0x2000;
inline constexpr std::uint16_t kIpv4OffsetMask = 0x1fff;
inline constexpr std::uint8_t kProtocolIcmp = 1, kProtocolTcp = 6, kProtocolUdp = 17;
inline constexpr std::uint8_t kDefaultTtl = 64;

// Fills a header for a packet that the gate originates: DF set, id 0 (atomic, RFC 6864), checksum
// computed. `payload` is what follows the header, in octets.
void fill(Ipv4Header& h, Ipv4Addr src, Ipv4Addr dst, std::uint8_t protocol, std::uint16_t payload);

// Sets the checksum field from the other fields.
void set_checksum(Ipv4Header& h);

}  // namespace sallyport::wire

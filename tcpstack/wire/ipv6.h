// SPDX-License-Identifier: Apache-2.0
// RFC 8200.
#pragma once
#include <cstdint>

#include "tcpstack/base/big_endian.h"
#include "tcpstack/base/ip_addr.h"

namespace sallyport::wire {

struct Ipv6Header {
    Be32 version_class_flow;
    Be16 payload_length;  // behind this header, extension headers included
    std::uint8_t next_header;
    std::uint8_t hop_limit;
    Ipv6Addr src, dst;

    unsigned version() const { return version_class_flow.host() >> 28; }
    std::uint8_t traffic_class() const {
        return static_cast<std::uint8_t>(version_class_flow.host() >> 20);
    }
};
static_assert(sizeof(Ipv6Header) == 40 && alignof(Ipv6Header) == 1);

// Section 4.5.
struct Ipv6FragmentHeader {
    std::uint8_t next_header;
    std::uint8_t reserved;
    Be16 offset_flags;  // the offset in units of eight octets stands in the high 13 bits
    Be32 id;
};
static_assert(sizeof(Ipv6FragmentHeader) == 8 && alignof(Ipv6FragmentHeader) == 1);

inline constexpr std::uint16_t kIpv6OffsetMask = 0xfff8;  // leaves the offset in octets
inline constexpr std::uint16_t kIpv6FragmentReserved = 0x0006;
inline constexpr std::uint16_t kIpv6MoreFragments = 0x0001;

inline constexpr std::uint8_t kProtocolIcmpv6 = 58, kNextHeaderFragment = 44;
inline constexpr std::uint16_t kIpv6MtuMin = 1280;  // section 5: every link carries so much

// Fills a header for a packet that the gate originates: traffic class and flow label 0, hop limit 64.
// `payload` is what follows the header, in octets.
void fill(Ipv6Header& h, const Ipv6Addr& src, const Ipv6Addr& dst, std::uint8_t next_header,
          std::uint16_t payload);

}  // namespace sallyport::wire

// SPDX-License-Identifier: Apache-2.0
// RFC 792, and RFC 4443 for IPv6: one header, two sets of numbers.
#pragma once
#include <cstdint>

#include "tcpstack/base/big_endian.h"

namespace sallyport::wire {

struct IcmpHeader {
    std::uint8_t type, code;
    Be16 checksum;
    Be32 rest;  // echo: identifier and sequence; unreachable: unused, next-hop MTU

    std::uint16_t echo_id() const { return static_cast<std::uint16_t>(rest.host() >> 16); }
    void set_echo_id(std::uint16_t id) {
        rest.set(std::uint32_t{id} << 16 | (rest.host() & 0xffff));
    }
};
static_assert(sizeof(IcmpHeader) == 8 && alignof(IcmpHeader) == 1);

inline constexpr std::uint8_t kIcmpEchoReply = 0, kIcmpUnreachable = 3, kIcmpEchoRequest = 8,
                              kIcmpTimeExceeded = 11, kIcmpParameterProblem = 12;
// Codes of unreachable: RFC 1191 section 4, RFC 1812 section 5.2.7.1.
inline constexpr std::uint8_t kIcmpNoRoute = 0, kIcmpFragmentationNeeded = 4, kIcmpAdminProhibited = 13;

// RFC 4443 section 2.1: the types below 128 are errors.
inline constexpr std::uint8_t kIcmpv6Unreachable = 1, kIcmpv6PacketTooBig = 2,
                              kIcmpv6TimeExceeded = 3, kIcmpv6ParameterProblem = 4,
                              kIcmpv6EchoRequest = 128, kIcmpv6EchoReply = 129;
// Codes of unreachable, section 3.1.
inline constexpr std::uint8_t kIcmpv6NoRoute = 0, kIcmpv6AdminProhibited = 1;
// RFC 2710, RFC 3810: multicast listener discovery.
inline constexpr std::uint8_t kIcmpv6ListenerQuery = 130, kIcmpv6ListenerReport = 131,
                              kIcmpv6ListenerReport2 = 143;
// RFC 4861: neighbor discovery.
inline constexpr std::uint8_t kIcmpv6RouterSolicitation = 133, kIcmpv6RouterAdvertisement = 134,
                              kIcmpv6NeighborSolicitation = 135,
                              kIcmpv6NeighborAdvertisement = 136, kIcmpv6Redirect = 137;

}  // namespace sallyport::wire

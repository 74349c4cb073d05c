// SPDX-License-Identifier: Apache-2.0
// RFC 792.
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
inline constexpr std::uint8_t kIcmpFragmentationNeeded = 4, kIcmpAdminProhibited = 13;

}  // namespace sallyport::wire

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
};
static_assert(sizeof(IcmpHeader) == 8 && alignof(IcmpHeader) == 1);

inline constexpr std::uint8_t kIcmpEchoReply = 0, kIcmpUnreachable = 3, kIcmpEchoRequest = 8;
inline constexpr std::uint8_t kIcmpAdminProhibited = 13;  // code of unreachable, RFC 1812 5.2.7.1

}  // namespace sallyport::wire

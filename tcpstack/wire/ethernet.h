// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>

#include "tcpstack/base/big_endian.h"

namespace sallyport::wire {

struct MacAddr {
    std::array<std::uint8_t, 6> octets{};
    constexpr bool is_multicast() const { return (octets[0] & 1) != 0; }  // broadcast included
    friend constexpr bool operator==(const MacAddr&, const MacAddr&) = default;
};
inline constexpr MacAddr kBroadcast{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

struct EthernetHeader {
    MacAddr dst, src;
    Be16 ethertype;
};
static_assert(sizeof(EthernetHeader) == 14 && alignof(EthernetHeader) == 1);

inline constexpr std::uint16_t kEthertypeIpv4 = 0x0800;
inline constexpr std::uint16_t kEthertypeArp = 0x0806;
inline constexpr std::uint16_t kEthertypeVlan = 0x8100;
inline constexpr std::uint16_t kEthertypeQinQ = 0x88a8;
inline constexpr std::uint16_t kEthertypeIpv6 = 0x86dd;

}  // namespace sallyport::wire

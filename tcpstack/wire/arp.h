// SPDX-License-Identifier: Apache-2.0
// RFC 826, Ethernet and IPv4 only.
#pragma once
#include <cstdint>

#include "tcpstack/base/big_endian.h"
#include "tcpstack/base/ip_addr.h"
#include "tcpstack/wire/ethernet.h"

namespace sallyport::wire {

struct ArpPacket {
    Be16 hardware, protocol;
    std::uint8_t hardware_length, protocol_length;
    Be16 operation;
    MacAddr sender_mac;
    Ipv4Addr sender_ip;
    MacAddr target_mac;
    Ipv4Addr target_ip;
};
static_assert(sizeof(ArpPacket) == 28 && alignof(ArpPacket) == 1);

inline constexpr std::uint16_t kArpHardwareEthernet = 1;
inline constexpr std::uint16_t kArpRequest = 1, kArpReply = 2;

// A whole frame (42 octets) in `out`: Ethernet header and ARP packet.
inline constexpr std::size_t kArpFrameLength = 42;
struct ArpFields {
    std::uint16_t operation;
    MacAddr sender_mac;
    Ipv4Addr sender_ip;
    MacAddr target_mac;  // zero in a request
    Ipv4Addr target_ip;
    MacAddr ethernet_dst;
};
void emit_arp(const ArpFields& fields, std::uint8_t* out);

}  // namespace sallyport::wire

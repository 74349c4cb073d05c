// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/wire/arp.h"

#include <cstring>

namespace sallyport::wire {

void emit_arp(const ArpFields& fields, std::uint8_t* out) {
    const EthernetHeader ethernet{fields.ethernet_dst, fields.sender_mac, Be16{kEthertypeArp}};
    const ArpPacket arp{Be16{kArpHardwareEthernet}, Be16{kEthertypeIpv4},   sizeof(MacAddr),
                        sizeof(Ipv4Addr),           Be16{fields.operation}, fields.sender_mac,
                        fields.sender_ip,           fields.target_mac,      fields.target_ip};
    static_assert(sizeof ethernet + sizeof arp == kArpFrameLength);
    std::memcpy(out, &ethernet, sizeof ethernet);
    std::memcpy(out + sizeof ethernet, &arp, sizeof arp);
}

}  // namespace sallyport::wire

// SPDX-License-Identifier: Apache-2.0
// From a captured frame to the IP packet in it.
#pragma once
#include <cstdint>
#include <optional>

#include "tools/sallyctl/replay/octets.h"

namespace sallyport::replay {

enum class LinkType : std::uint8_t {
    Ethernet,  // with any number of 802.1Q and 802.1ad tags up to four
    RawIp,     // the packet itself, IPv4 or IPv6
    Sll,       // Linux "cooked" capture, as of "any"
    Sll2,
    Null,  // BSD loopback: four octets of address family
};

// Of a DLT_ value of libpcap; nullopt: none that can be read.
std::optional<LinkType> link_type_of(int dlt);

// The IP packet, with whatever stands behind it in the frame. Empty: the frame holds none (ARP, or
// cut before it).
Octets ip_packet_in(LinkType link, Octets frame);

}  // namespace sallyport::replay

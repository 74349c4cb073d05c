// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/wire/ipv4.h"

#include <span>

#include "tcpstack/wire/checksum.h"

namespace sallyport::wire {

void fill(Ipv4Header& h, Ipv4Addr src, Ipv4Addr dst, std::uint8_t protocol, std::uint16_t payload) {
    h.version_ihl = 0x45;
    h.dscp_ecn = 0;
    h.total_length.set(static_cast<std::uint16_t>(sizeof h + payload));
    h.id.set(0);
    h.flags_fragment.set(kIpv4DontFragment);
    h.ttl = kDefaultTtl;
    h.protocol = protocol;
    h.src = src;
    h.dst = dst;
    set_checksum(h);
}

void set_checksum(Ipv4Header& h) {
    h.checksum.set(0);
    Sum16 sum;
    sum.add_bytes({reinterpret_cast<const std::uint8_t*>(&h), sizeof h});
    h.checksum.set(sum.checksum());
}

}  // namespace sallyport::wire

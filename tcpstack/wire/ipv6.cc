// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/wire/ipv6.h"

#include "tcpstack/wire/ipv4.h"

namespace sallyport::wire {

void fill(Ipv6Header& h, const Ipv6Addr& src, const Ipv6Addr& dst, std::uint8_t next_header,
          std::uint16_t payload) {
    h.version_class_flow.set(6U << 28);
    h.payload_length.set(payload);
    h.next_header = next_header;
    h.hop_limit = kDefaultTtl;
    h.src = src;
    h.dst = dst;
}

}  // namespace sallyport::wire

// SPDX-License-Identifier: Apache-2.0
// A TCP header in a capture (RFC 9293 section 3.1). The checksum is not looked at.
#pragma once
#include <cstdint>
#include <optional>

#include "tools/sallyctl/replay/ip_packet.h"

namespace sallyport::replay {

struct TcpSegment {
    std::uint16_t src_port = 0, dst_port = 0;
    std::uint32_t sequence = 0, acknowledgement = 0;
    bool syn = false, ack = false, fin = false, rst = false;
    Octets payload;            // as far as it was captured
    std::uint32_t length = 0;  // of the payload
};

// nullopt: cut within its header, or a data offset that cannot be.
std::optional<TcpSegment> parse_tcp(const IpPacket& packet);

}  // namespace sallyport::replay

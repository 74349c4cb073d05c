// SPDX-License-Identifier: Apache-2.0
#include "tools/sallyctl/replay/tcp_segment.h"

#include "tcpstack/base/byte_reader.h"

namespace sallyport::replay {

std::optional<TcpSegment> parse_tcp(const IpPacket& packet) {
    ByteReader reader(packet.payload);
    TcpSegment out;
    out.src_port = reader.u16();
    out.dst_port = reader.u16();
    out.sequence = reader.u32();
    out.acknowledgement = reader.u32();
    const std::uint32_t header = (reader.u8() >> 4) * 4U;
    const std::uint8_t flags = reader.u8();
    if (!reader.ok() || header < 20 || header > packet.length) return std::nullopt;
    out.fin = (flags & 0x01U) != 0;
    out.syn = (flags & 0x02U) != 0;
    out.rst = (flags & 0x04U) != 0;
    out.ack = (flags & 0x10U) != 0;
    out.length = packet.length - header;
    if (packet.payload.size() > header) out.payload = packet.payload.subspan(header);
    return out;
}

}  // namespace sallyport::replay

// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/wire/tcp_segment.h"

#include <array>
#include <cstring>

#include "tcpstack/wire/checksum.h"
#include "tcpstack/wire/ipv4.h"

namespace sallyport::wire {

std::size_t emit_tcp(const TcpFields& fields, std::span<const std::uint8_t> payload,
                     std::span<std::uint8_t> out) {
    std::array<std::uint8_t, kTcpOptionsMax> options{};
    const std::size_t options_length = emit_options(fields.options, options);
    const std::size_t tcp_length = sizeof(TcpHeader) + options_length + payload.size();
    const std::size_t total = sizeof(Ipv4Header) + tcp_length;
    if (total > out.size() || total > 0xffff) return 0;

    auto& ip = *reinterpret_cast<Ipv4Header*>(out.data());
    fill(ip, fields.tuple.src.v4(), fields.tuple.dst.v4(), kProtocolTcp,
         static_cast<std::uint16_t>(tcp_length));
    auto& tcp = *reinterpret_cast<TcpHeader*>(out.data() + sizeof(Ipv4Header));
    tcp.src_port.set(fields.tuple.src_port.number);
    tcp.dst_port.set(fields.tuple.dst_port.number);
    tcp.seq.set(fields.seq.raw());
    tcp.ack.set(fields.ack.raw());
    tcp.offset_reserved = static_cast<std::uint8_t>((sizeof(TcpHeader) + options_length) / 4 << 4);
    tcp.flags = fields.flags;
    tcp.window.set(fields.window);
    tcp.checksum.set(0);
    tcp.urgent.set(0);
    std::uint8_t* at = out.data() + sizeof(Ipv4Header) + sizeof(TcpHeader);
    std::memcpy(at, options.data(), options_length);
    if (!payload.empty()) std::memcpy(at + options_length, payload.data(), payload.size());

    Sum16 sum = pseudo_header(fields.tuple.src, fields.tuple.dst, kProtocolTcp,
                              static_cast<std::uint32_t>(tcp_length));
    sum.add_bytes({out.data() + sizeof(Ipv4Header), tcp_length});
    tcp.checksum.set(sum.checksum());
    return total;
}

}  // namespace sallyport::wire

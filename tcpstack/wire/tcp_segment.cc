// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/wire/tcp_segment.h"

#include <array>
#include <cstring>

#include "tcpstack/wire/checksum.h"
#include "tcpstack/wire/ipv4.h"
#include "tcpstack/wire/ipv6.h"

namespace sallyport::wire {
namespace {

// Of a packet whose addresses are both of one family; returns its length.
std::size_t emit_ip(const FourTuple& tuple, std::size_t payload, std::span<std::uint8_t> out) {
    const auto length = static_cast<std::uint16_t>(payload);
    if (tuple.src.is_v4()) {
        fill(*reinterpret_cast<Ipv4Header*>(out.data()), tuple.src.v4(), tuple.dst.v4(),
             kProtocolTcp, length);
        return sizeof(Ipv4Header);
    }
    fill(*reinterpret_cast<Ipv6Header*>(out.data()), tuple.src.v6(), tuple.dst.v6(), kProtocolTcp,
         length);
    return sizeof(Ipv6Header);
}

}  // namespace

std::size_t emit_tcp(const TcpFields& fields, std::span<const std::uint8_t> payload,
                     std::span<std::uint8_t> out) {
    std::array<std::uint8_t, kTcpOptionsMax> options{};
    const std::size_t options_length = emit_options(fields.options, options);
    const std::size_t tcp_length = sizeof(TcpHeader) + options_length + payload.size();
    const bool v4 = fields.tuple.src.is_v4();
    const std::size_t total = (v4 ? sizeof(Ipv4Header) : sizeof(Ipv6Header)) + tcp_length;
    if (total > out.size() || total > 0xffff) return 0;

    std::uint8_t* const segment = out.data() + emit_ip(fields.tuple, tcp_length, out);
    auto& tcp = *reinterpret_cast<TcpHeader*>(segment);
    tcp.src_port.set(fields.tuple.src_port.number);
    tcp.dst_port.set(fields.tuple.dst_port.number);
    tcp.seq.set(fields.seq.raw());
    tcp.ack.set(fields.ack.raw());
    tcp.offset_reserved = static_cast<std::uint8_t>((sizeof(TcpHeader) + options_length) / 4 << 4);
    tcp.flags = fields.flags;
    tcp.window.set(fields.window);
    tcp.checksum.set(0);
    tcp.urgent.set(0);
    std::uint8_t* at = segment + sizeof(TcpHeader);
    std::memcpy(at, options.data(), options_length);
    if (!payload.empty()) std::memcpy(at + options_length, payload.data(), payload.size());

    Sum16 sum = pseudo_header(fields.tuple.src, fields.tuple.dst, kProtocolTcp,
                              static_cast<std::uint32_t>(tcp_length));
    sum.add_bytes({segment, tcp_length});
    tcp.checksum.set(sum.checksum());
    return total;
}

}  // namespace sallyport::wire

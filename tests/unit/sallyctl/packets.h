// SPDX-License-Identifier: Apache-2.0
// Packets as a capture holds them.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tcpstack/base/endpoint.h"
#include "tests/support/client_hello.h"

namespace sallyport::replay {

using Bytes = std::vector<std::uint8_t>;

inline void put16(Bytes& out, unsigned value) {
    out.push_back(static_cast<std::uint8_t>(value >> 8));
    out.push_back(static_cast<std::uint8_t>(value));
}
inline void put32(Bytes& out, std::uint32_t value) {
    put16(out, value >> 16);
    put16(out, value & 0xffff);
}
inline void put(Bytes& out, const Bytes& more) { out.insert(out.end(), more.begin(), more.end()); }
inline Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }
inline IpAddr ip(std::string_view text) { return IpAddr::parse(text).value(); }

// `fragment`: flags and offset of IPv4.
inline Bytes ipv4(const IpAddr& src, const IpAddr& dst, std::uint8_t protocol, const Bytes& payload,
                  unsigned fragment = 0, unsigned id = 7, const Bytes& options = {}) {
    Bytes out{static_cast<std::uint8_t>(0x45 + options.size() / 4), 0};
    put16(out, static_cast<unsigned>(20 + options.size() + payload.size()));
    put16(out, id);
    put16(out, fragment);
    out.push_back(64);
    out.push_back(protocol);
    put16(out, 0);
    for (const IpAddr& a : {src, dst})
        out.insert(out.end(), a.octets().begin() + 12, a.octets().end());
    put(out, options);
    put(out, payload);
    return out;
}

inline Bytes ipv6(const IpAddr& src, const IpAddr& dst, std::uint8_t next, const Bytes& payload) {
    Bytes out{0x60, 0, 0, 0};
    put16(out, static_cast<unsigned>(payload.size()));
    out.push_back(next);
    out.push_back(64);
    for (const IpAddr& a : {src, dst}) out.insert(out.end(), a.octets().begin(), a.octets().end());
    put(out, payload);
    return out;
}

inline Bytes ip_packet(const IpAddr& src, const IpAddr& dst, std::uint8_t protocol,
                       const Bytes& payload) {
    return src.is_v4() ? ipv4(src, dst, protocol, payload) : ipv6(src, dst, protocol, payload);
}

inline constexpr unsigned kFin = 1, kSyn = 2, kRst = 4, kAck = 16;

inline Bytes tcp(const FourTuple& t, unsigned flags, std::uint32_t sequence,
                 std::uint32_t acknowledgement, const Bytes& payload = {}) {
    Bytes out;
    put16(out, t.src_port.number);
    put16(out, t.dst_port.number);
    put32(out, sequence);
    put32(out, acknowledgement);
    out.push_back(0x50);
    out.push_back(static_cast<std::uint8_t>(flags));
    put32(out, 0xffff0000);
    put16(out, 0);
    put(out, payload);
    return ip_packet(t.src, t.dst, 6, out);
}

inline Bytes udp(const FourTuple& t, const Bytes& payload = {}) {
    Bytes out;
    put16(out, t.src_port.number);
    put16(out, t.dst_port.number);
    put16(out, static_cast<unsigned>(8 + payload.size()));
    put16(out, 0);
    put(out, payload);
    return ip_packet(t.src, t.dst, 17, out);
}

inline Bytes echo(const IpAddr& src, const IpAddr& dst, bool request, unsigned id) {
    Bytes out{static_cast<std::uint8_t>(src.is_v4() ? (request ? 8 : 0) : (request ? 128 : 129)), 0};
    put16(out, 0);
    put16(out, id);
    put16(out, 1);
    return ip_packet(src, dst, src.is_v4() ? 1 : 58, out);
}

inline Bytes ethernet(const Bytes& packet, const Bytes& tags = {}) {
    Bytes out(12, 2);
    put(out, tags);
    put16(out, packet[0] >> 4 == 4 ? 0x0800 : 0x86dd);
    put(out, packet);
    return out;
}

inline Bytes client_hello(std::string_view name) {
    return test::record(test::Hello::of(name).message());
}

// A ServerHello; with `retry` a HelloRetryRequest (RFC 8446 section 4.1.3).
inline Bytes server_hello(bool retry) {
    static constexpr std::uint8_t kRetry[32] = {
        0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
        0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};
    Bytes out{22, 3, 3, 0, 44, 2, 0, 0, 40, 3, 3};
    for (const std::uint8_t octet : kRetry) out.push_back(retry ? octet : 5);
    for (const unsigned octet : {0U, 0x13U, 0x01U, 0U, 0U, 0U}) out.push_back(static_cast<std::uint8_t>(octet));
    return out;
}

}  // namespace sallyport::replay

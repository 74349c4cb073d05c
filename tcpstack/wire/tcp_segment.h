// SPDX-License-Identifier: Apache-2.0
// A TCP segment that the gate originates, as plain values, and how it is written.
#pragma once
#include <cstdint>
#include <span>

#include "tcpstack/base/endpoint.h"
#include "tcpstack/wire/tcp_header.h"
#include "tcpstack/wire/tcp_options.h"

namespace sallyport::wire {

struct TcpFields {
    FourTuple tuple{};  // src: who the segment says it is from
    SeqNum seq{}, ack{};
    std::uint8_t flags = 0;
    std::uint16_t window = 0;  // as it stands in the header: scaled
    TcpOptions options{};
};

inline constexpr std::size_t kTcpSegmentOverhead = 40 + 20 + kTcpOptionsMax;  // IPv6

// Writes the IP header of the tuple's family, the TCP header and the payload to `out`, checksums
// included. Returns the length, or 0 when `out` is too short.
std::size_t emit_tcp(const TcpFields& fields, std::span<const std::uint8_t> payload,
                     std::span<std::uint8_t> out);

}  // namespace sallyport::wire

// SPDX-License-Identifier: Apache-2.0
// What comes in from the peer of a connection, and what it turned out to be.
#pragma once
#include <cstdint>
#include <span>

#include "tcpstack/wire/tcp_header.h"
#include "tcpstack/wire/tcp_options.h"

namespace sallyport::tcp {

// A segment as it came in; the checksum has been verified.
struct Segment {
    const wire::TcpHeader& header;
    const wire::TcpOptions& options;
    std::span<const std::uint8_t> payload;
};

enum class Input : std::uint8_t {
    Accepted,       // look at queues, acked() and state()
    Reset,          // the peer has reset the connection: state Closed
    Conflict,       // octets that arrived ahead of a gap came again, different; nothing was taken
    NoBuffer,       // no chunk, or a seventeenth gap: the payload was not taken, the rest counts
    PawsRejected,   // RFC 7323 section 5; answered
    OutsideWindow,  // RFC 9293 section 3.10.7.4, RFC 5961 sections 3 and 4; perhaps answered
    BadAck,         // RFC 5961 section 5; answered
    BadFlags,       // no ACK
};

}  // namespace sallyport::tcp

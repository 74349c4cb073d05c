// SPDX-License-Identifier: Apache-2.0
// RFC 9293 section 3.1.
#pragma once
#include <cstdint>

#include "tcpstack/base/big_endian.h"
#include "tcpstack/base/modular32.h"

namespace sallyport::wire {

struct TcpHeader {
    Be16 src_port, dst_port;
    Be32 seq, ack;
    std::uint8_t offset_reserved;  // data offset in the high four bits, in 32-bit words
    std::uint8_t flags;
    Be16 window;
    Be16 checksum;
    Be16 urgent;

    SeqNum seq_num() const { return SeqNum{seq.host()}; }
    SeqNum ack_num() const { return SeqNum{ack.host()}; }
    unsigned header_length() const { return (offset_reserved >> 4) * 4U; }
    bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
};
static_assert(sizeof(TcpHeader) == 20 && alignof(TcpHeader) == 1);

inline constexpr std::uint8_t kFin = 0x01, kSyn = 0x02, kRst = 0x04, kPsh = 0x08, kAck = 0x10,
                              kUrg = 0x20, kEce = 0x40, kCwr = 0x80;

}  // namespace sallyport::wire

// SPDX-License-Identifier: Apache-2.0
// TCP options: MSS (RFC 9293 section 3.7.1), window scale and timestamps (RFC 7323), SACK
// (RFC 2018). Unknown options are skipped (MUST-6); a length that is zero, one or past the end of
// the header ends the walk there without error, as hosts do (MUST-7).
#pragma once
#include <cstdint>
#include <optional>
#include <span>

#include "tcpstack/base/fixed_vector.h"
#include "tcpstack/base/modular32.h"

namespace sallyport::wire {

struct SackBlock {
    SeqNum left, right;  // [left, right)
    friend constexpr bool operator==(const SackBlock&, const SackBlock&) = default;
};

struct Timestamps {
    TsVal val, ecr;
    friend constexpr bool operator==(const Timestamps&, const Timestamps&) = default;
};

inline constexpr std::size_t kSackBlocksMax = 4;
inline constexpr std::size_t kTcpOptionsMax = 40;
inline constexpr std::uint8_t kWindowShiftMax = 14;  // RFC 7323 section 2.3: more counts as 14

struct TcpOptions {
    std::optional<std::uint16_t> mss{};
    std::optional<std::uint8_t> window_shift{};  // <= 14
    std::optional<Timestamps> timestamps{};
    bool sack_permitted = false;
    bool md5 = false;  // RFC 2385; not configured here, so such a segment is dropped
    FixedVector<SackBlock, kSackBlocksMax> sack{};
};

// Of the octets behind the fixed header. Total: any input gives a result. The first occurrence of
// an option counts. `sack_permitted`, `mss` and `window_shift` only mean something on a SYN.
TcpOptions parse_options(std::span<const std::uint8_t> octets);

// Writes the options in Linux's order and pads with NOP to a multiple of four. Returns the length,
// <= 40. SACK blocks that do not fit are left out.
std::size_t emit_options(const TcpOptions& options, std::span<std::uint8_t, kTcpOptionsMax> out);

// Where the rewritable options of an established segment stand, as offsets into the option octets;
// zero means absent (offset 0 always holds a kind octet, never a value).
struct OptionOffsets {
    std::uint8_t timestamps = 0;   // of TSval
    std::uint8_t sack = 0;         // of the first block
    std::uint8_t sack_blocks = 0;  // how many
};
OptionOffsets find_options(std::span<const std::uint8_t> octets);

}  // namespace sallyport::wire

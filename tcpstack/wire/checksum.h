// SPDX-License-Identifier: Apache-2.0
// The Internet checksum: RFC 1071 (sum) and RFC 1624 (incremental update, equation 3).
#pragma once
#include <cstdint>
#include <span>

#include "tcpstack/base/ip_addr.h"

namespace sallyport::wire {

// A one's-complement sum in progress; exact for as many words as fit a packet, and far more. Adding is associative, so deltas can be computed once for a
// flow and applied to each of its packets.
class Sum16 {
   public:
    constexpr Sum16() = default;
    constexpr void add(std::uint16_t v) { sum_ += v; }
    constexpr void add32(std::uint32_t v) { sum_ += (v >> 16) + (v & 0xffff); }
    constexpr void add(Sum16 other) { sum_ += other.sum_; }
    // What replacing `from` by `to` changes (RFC 1624: ~m + m').
    constexpr void replace(std::uint16_t from, std::uint16_t to) {
        add(static_cast<std::uint16_t>(~from));
        add(to);
    }
    constexpr void replace32(std::uint32_t from, std::uint32_t to) {
        add32(~from);
        add32(to);
    }
    void add_bytes(std::span<const std::uint8_t> bytes);  // an odd last octet is padded with zero
    // What replacing `from` by as many octets `to` changes.
    void replace_bytes(std::span<const std::uint8_t> from, std::span<const std::uint8_t> to) {
        Sum16 old;
        old.add_bytes(from);
        add(static_cast<std::uint16_t>(~old.folded()));
        add_bytes(to);
    }
    constexpr std::uint16_t folded() const {
        // Always as many steps as the largest sum needs: no branch to guess.
        std::uint64_t s = (sum_ >> 32) + (sum_ & 0xffff'ffff);  // < 2^33
        s = (s >> 16) + (s & 0xffff);                           // < 2^18
        s = (s >> 16) + (s & 0xffff);                           // < 2^16 + 3
        s = (s >> 16) + (s & 0xffff);
        return static_cast<std::uint16_t>(s);
    }
    constexpr std::uint16_t checksum() const { return static_cast<std::uint16_t>(~folded()); }

   private:
    std::uint64_t sum_ = 0;
};

// The checksum field after the change: HC' = ~(~HC + delta) (RFC 1624).
constexpr std::uint16_t updated(std::uint16_t field, Sum16 delta) {
    delta.add(static_cast<std::uint16_t>(~field));
    return delta.checksum();
}

// Of the TCP/UDP pseudo-header (RFC 9293 section 3.1, RFC 8200 section 8.1).
Sum16 pseudo_header(const IpAddr& src, const IpAddr& dst, std::uint8_t protocol,
                    std::uint32_t length);

}  // namespace sallyport::wire

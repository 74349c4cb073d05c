// SPDX-License-Identifier: Apache-2.0
// The first bytes of a client until the verdict, and until the server has acknowledged them: what is
// judged here is what the gateway itself sends. Bytes are copied into chunks of 512 octets from a
// fixed pool, so that one octet never pins a packet buffer. The first copy of an octet wins.
#pragma once
#include <array>
#include <cstdint>
#include <span>

#include "tcpstack/base/slab.h"
#include "tcpstack/tcp/reassembly.h"

namespace sallyport::dp {

inline constexpr std::uint32_t kHoldChunkOctets = 512;
inline constexpr std::uint32_t kHoldBytesMax = 32 * 1024;
using HoldChunk = std::array<std::uint8_t, kHoldChunkOctets>;
using HoldPool = Slab<HoldChunk>;

enum class HoldResult : std::uint8_t {
    Kept,
    Conflict,   // octets that are held but not acknowledged came again, different
    NoRoom,     // a seventeenth range, or the pool is empty: not kept, will be sent again
};

class Hold {
   public:
    // `limit`: how many octets it may keep, <= kHoldBytesMax.
    void start(std::uint32_t limit) {
        arrived_ = {};
        limit_ = limit;
        chunks_.fill(kNoIndex);
    }

    // Octets at `offset` from the first; the caller has cut them to the limit. Octets below
    // contiguous() are duplicates of what was acknowledged and are ignored.
    HoldResult add(HoldPool& pool, std::uint32_t offset, std::span<const std::uint8_t> octets);
    // How many chunks add() would take from the pool.
    std::uint32_t chunks_needed(std::uint32_t offset, std::uint32_t length) const;

    std::uint32_t limit() const { return limit_; }
    std::uint32_t contiguous() const { return arrived_.contiguous(); }
    const tcp::Reassembly& arrived() const { return arrived_; }
    std::uint32_t chunks_held() const;

    // Copies octets [begin, begin + out.size()), which have arrived, to `out`.
    void read(const HoldPool& pool, std::uint32_t begin, std::span<std::uint8_t> out) const;
    void release(HoldPool& pool);

   private:
    bool take_chunks(HoldPool& pool, std::uint32_t begin, std::uint32_t end);
    bool same(const HoldPool& pool, std::uint32_t begin, std::span<const std::uint8_t> octets) const;
    void write(HoldPool& pool, std::uint32_t begin, std::span<const std::uint8_t> octets);

    tcp::Reassembly arrived_;
    std::uint32_t limit_ = 0;
    std::array<std::uint32_t, kHoldBytesMax / kHoldChunkOctets> chunks_;
};

}  // namespace sallyport::dp

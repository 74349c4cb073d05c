// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/hold.h"

#include <algorithm>
#include <cstring>

namespace sallyport::dp {
namespace {

// Calls visit(chunk number, offset within the chunk, offset within the run, length) for each chunk
// that [begin, begin + length) touches.
template <class Visit>
void for_each_piece(std::uint32_t begin, std::size_t length, Visit&& visit) {
    for (std::size_t done = 0; done < length;) {
        const std::uint32_t at = begin + static_cast<std::uint32_t>(done);
        const std::uint32_t within = at % kHoldChunkOctets;
        const std::size_t n = std::min<std::size_t>(kHoldChunkOctets - within, length - done);
        visit(at / kHoldChunkOctets, within, done, n);
        done += n;
    }
}

}  // namespace

std::uint32_t Hold::chunks_needed(std::uint32_t offset, std::uint32_t length) const {
    std::uint32_t needed = 0;
    for_each_piece(offset, length, [&](std::uint32_t chunk, std::uint32_t, std::size_t, std::size_t) {
        needed += chunks_[chunk] == kNoIndex ? 1U : 0U;
    });
    return needed;
}

HoldResult Hold::add(HoldPool& pool, std::uint32_t offset, std::span<const std::uint8_t> octets) {
    SP_ASSERT(offset + octets.size() <= limit_);
    if (offset < contiguous()) {
        const std::size_t old = std::min<std::size_t>(contiguous() - offset, octets.size());
        octets = octets.subspan(old);
        offset += static_cast<std::uint32_t>(old);
    }
    if (octets.empty()) return HoldResult::Kept;
    const tcp::Range range{offset, offset + static_cast<std::uint32_t>(octets.size())};
    bool conflict = false;
    arrived_.for_each_known(range, [&](tcp::Range known) {
        const auto part = octets.subspan(known.begin - offset, known.end - known.begin);
        conflict = conflict || !same(pool, known.begin, part);
    });
    if (conflict) return HoldResult::Conflict;

    tcp::Reassembly after = arrived_;
    if (!after.add(range) || !take_chunks(pool, range.begin, range.end)) return HoldResult::NoRoom;
    arrived_.for_each_new(range, [&](tcp::Range fresh) {
        write(pool, fresh.begin, octets.subspan(fresh.begin - offset, fresh.end - fresh.begin));
    });
    arrived_ = after;
    return HoldResult::Kept;
}

bool Hold::take_chunks(HoldPool& pool, std::uint32_t begin, std::uint32_t end) {
    // A failure leaves the chunks taken so far in place: the retransmission will use them.
    for (std::uint32_t i = begin / kHoldChunkOctets; i <= (end - 1) / kHoldChunkOctets; ++i) {
        if (chunks_[i] == kNoIndex) chunks_[i] = pool.take();
        if (chunks_[i] == kNoIndex) return false;
    }
    return true;
}

bool Hold::same(const HoldPool& pool, std::uint32_t begin,
                std::span<const std::uint8_t> octets) const {
    bool equal = true;
    for_each_piece(begin, octets.size(),
                   [&](std::uint32_t chunk, std::uint32_t within, std::size_t at, std::size_t n) {
                       equal = equal && std::memcmp(pool[chunks_[chunk]].data() + within,
                                                    octets.data() + at, n) == 0;
                   });
    return equal;
}

void Hold::write(HoldPool& pool, std::uint32_t begin, std::span<const std::uint8_t> octets) {
    for_each_piece(begin, octets.size(),
                   [&](std::uint32_t chunk, std::uint32_t within, std::size_t at, std::size_t n) {
                       std::memcpy(pool[chunks_[chunk]].data() + within, octets.data() + at, n);
                   });
}

void Hold::read(const HoldPool& pool, std::uint32_t begin, std::span<std::uint8_t> out) const {
    for_each_piece(begin, out.size(),
                   [&](std::uint32_t chunk, std::uint32_t within, std::size_t at, std::size_t n) {
                       std::memcpy(out.data() + at, pool[chunks_[chunk]].data() + within, n);
                   });
}

std::uint32_t Hold::chunks_held() const {
    return static_cast<std::uint32_t>(
        std::count_if(chunks_.begin(), chunks_.end(), [](auto c) { return c != kNoIndex; }));
}

void Hold::release(HoldPool& pool) {
    for (std::uint32_t& chunk : chunks_) {
        if (chunk != kNoIndex) pool.give_back(chunk);
        chunk = kNoIndex;
    }
}

}  // namespace sallyport::dp

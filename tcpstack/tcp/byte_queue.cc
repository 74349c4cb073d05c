// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/tcp/byte_queue.h"

#include <algorithm>
#include <cstring>

#include "tcpstack/base/check.h"

namespace sallyport::tcp {
namespace {

std::uint64_t chunk_start(std::uint64_t offset) {
    return offset - offset % kChunkOctets;
}

// Octets from `offset` to the end of its chunk or to `to`, whichever comes first.
std::size_t in_one_chunk(std::uint64_t offset, std::uint64_t to) {
    return static_cast<std::size_t>(std::min(chunk_start(offset) + kChunkOctets, to) - offset);
}

}  // namespace

bool ByteQueue::write(ChunkPool& pool, std::uint64_t offset, std::span<const std::uint8_t> octets) {
    SP_ASSERT(offset >= begin_);
    if (octets.empty()) return true;
    const std::uint64_t to = offset + octets.size();
    if (!reach(pool, to)) return false;
    ChunkId chunk = find(pool, offset);
    for (std::uint64_t at = offset; at < to; chunk = pool.next(chunk)) {
        const std::size_t n = in_one_chunk(at, to);
        std::memcpy(pool[chunk].data() + at % kChunkOctets, octets.data() + (at - offset), n);
        at += n;
    }
    written_ = std::max(written_, to);
    return true;
}

void ByteQueue::extend(std::uint64_t to) {
    SP_ASSERT(to >= end_ && to <= std::max(written_, end_));
    end_ = to;
}

bool ByteQueue::append(ChunkPool& pool, std::span<const std::uint8_t> octets) {
    if (!write(pool, end_, octets)) return false;
    extend(end_ + octets.size());
    return true;
}

void ByteQueue::read(const ChunkPool& pool, std::uint64_t offset,
                     std::span<std::uint8_t> out) const {
    const std::uint64_t to = offset + out.size();
    for (std::uint64_t at = offset; at < to;) {
        const std::span<const std::uint8_t> from = piece(pool, at, to);
        std::memcpy(out.data() + (at - offset), from.data(), from.size());
        at += from.size();
    }
}

std::span<const std::uint8_t> ByteQueue::piece(const ChunkPool& pool, std::uint64_t offset,
                                               std::uint64_t to) const {
    SP_ASSERT(offset >= begin_ && offset <= to && to <= written_);
    if (offset == to) return {};
    return {pool[find(pool, offset)].data() + offset % kChunkOctets, in_one_chunk(offset, to)};
}

bool ByteQueue::same(const ChunkPool& pool, std::uint64_t offset,
                     std::span<const std::uint8_t> octets) const {
    const std::uint64_t to = offset + octets.size();
    for (std::uint64_t at = offset; at < to;) {
        const std::span<const std::uint8_t> kept = piece(pool, at, to);
        if (std::memcmp(kept.data(), octets.data() + (at - offset), kept.size()) != 0) return false;
        at += kept.size();
    }
    return true;
}

void ByteQueue::release(ChunkPool& pool, std::uint64_t to) {
    SP_ASSERT(to >= begin_ && to <= end_);
    begin_ = to;
    const bool needs_none = empty() && written_ <= end_;
    while (chunks_ > 0 && (needs_none || head_offset_ + kChunkOctets <= begin_)) drop_head(pool);
}

void ByteQueue::truncate(ChunkPool& pool, std::uint64_t to) {
    SP_ASSERT(to >= begin_ && to <= end_);
    end_ = written_ = to;
    if (empty()) return clear(pool);
    const ChunkId last = find(pool, to - 1);
    for (ChunkId chunk = pool.next(last); chunk != kNoIndex; --chunks_) {
        const ChunkId next = pool.next(chunk);
        pool.give_back(chunk);
        chunk = next;
    }
    pool.next(last) = kNoIndex;
    tail_ = last;
    cursor_ = kNoIndex;
}

void ByteQueue::clear(ChunkPool& pool) {
    begin_ = written_ = end_;
    while (chunks_ > 0) drop_head(pool);
}

// Makes the chain long enough for octets below `to`, or leaves it as it is.
bool ByteQueue::reach(ChunkPool& pool, std::uint64_t to) {
    if (chunks_ == 0) head_offset_ = chunk_start(begin_);
    if (to <= chain_end()) return true;
    if (to - head_offset_ > kOctetsMax) return false;
    const std::uint64_t missing = (to - chain_end() + kChunkOctets - 1) / kChunkOctets;
    if (missing > pool.capacity() - pool.in_use()) return false;
    for (std::uint64_t i = 0; i < missing; ++i) {
        const ChunkId chunk = pool.take();
        if (chunks_ == 0)
            head_ = chunk;
        else
            pool.next(tail_) = chunk;
        tail_ = chunk;
        const std::uint64_t number = head_offset_ / kChunkOctets + chunks_++;
        if (number % kStride == 0) marks_[number / kStride % kMarks] = chunk;
    }
    return true;
}

void ByteQueue::drop_head(ChunkPool& pool) {
    const ChunkId chunk = head_;
    if (cursor_ == chunk) cursor_ = kNoIndex;
    head_ = pool.next(chunk);
    head_offset_ += kChunkOctets;
    if (--chunks_ == 0) tail_ = kNoIndex;
    pool.give_back(chunk);
}

// From the closest place before `offset` that is known: the head, a mark or the cursor. The tail is
// found at once, so that writing on does not move the place of the reader.
ChunkId ByteQueue::find(const ChunkPool& pool, std::uint64_t offset) const {
    SP_ASSERT(offset >= head_offset_ && offset < chain_end());
    if (offset >= chain_end() - kChunkOctets) return tail_;
    const std::uint64_t stride = offset / kChunkOctets / kStride;
    const std::uint64_t marked = stride * kStride * kChunkOctets;
    ChunkId chunk = head_;
    std::uint64_t at = head_offset_;
    if (marked > at) {
        chunk = marks_[stride % kMarks];
        at = marked;
    }
    if (cursor_ != kNoIndex && cursor_offset_ <= offset && cursor_offset_ > at) {
        chunk = cursor_;
        at = cursor_offset_;
    }
    for (; offset - at >= kChunkOctets; at += kChunkOctets) chunk = pool.next(chunk);
    cursor_ = chunk;
    cursor_offset_ = at;
    return chunk;
}

}  // namespace sallyport::tcp

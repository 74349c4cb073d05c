// SPDX-License-Identifier: Apache-2.0
// A window of one octet stream, kept in a chain of chunks. Offsets count from the stream's first
// octet and never wrap. A relay keeps one queue for each direction: the connection that receives
// writes to it, what has been judged is sent from it by the other connection, and what the peer has
// acknowledged is released. So an octet is stored once on its way through the gate.
//
//      released    | acknowledged by nobody yet       | arrived ahead of a gap
//   ---------------+----------------------------------+- - -[####]- - - -
//                begin()                             end()
#pragma once
#include <array>
#include <cstdint>
#include <span>

#include "tcpstack/tcp/chunk_pool.h"

namespace sallyport::tcp {

class ByteQueue {
    // Every kStride-th chunk of the stream is noted: no octet is further than that from a place
    // that is known, however the peer jumps about.
    static constexpr std::uint64_t kStride = 128;
    static constexpr std::size_t kMarks = 18;

   public:
    // What a queue can hold, the gaps ahead of its end included.
    static constexpr std::uint64_t kOctetsMax = (kMarks - 1) * kStride * kChunkOctets;

    std::uint64_t begin() const { return begin_; }
    std::uint64_t end() const { return end_; }
    std::uint64_t size() const { return end_ - begin_; }
    bool empty() const { return begin_ == end_; }

    // Stores octets at `offset` >= begin(); they may lie beyond end(). False, and nothing stored,
    // when the pool lacks the chunks or the queue would be longer than kOctetsMax.
    [[nodiscard]] bool write(ChunkPool& pool, std::uint64_t offset,
                             std::span<const std::uint8_t> octets);
    // Everything below `to` >= end() has been written: it is part of the stream now.
    void extend(std::uint64_t to);
    // write() and extend() at end().
    [[nodiscard]] bool append(ChunkPool& pool, std::span<const std::uint8_t> octets);

    // Copies octets from `offset` on, which have been written, to `out`.
    void read(const ChunkPool& pool, std::uint64_t offset, std::span<std::uint8_t> out) const;
    // The octets of [offset, to), which have been written, that lie in one chunk.
    std::span<const std::uint8_t> piece(const ChunkPool& pool, std::uint64_t offset,
                                        std::uint64_t to) const;
    // Whether the same octets have been written at `offset`.
    bool same(const ChunkPool& pool, std::uint64_t offset,
              std::span<const std::uint8_t> octets) const;

    // Octets below `to` <= end() are not needed any more. An empty queue without octets ahead of
    // its end holds no chunk.
    void release(ChunkPool& pool, std::uint64_t to);
    // Octets from `to` on, begin() <= `to` <= end(), are taken back, and whatever lies ahead: for
    // the owner of a connection that is gone, which will not go on with its stream.
    void truncate(ChunkPool& pool, std::uint64_t to);
    // Gives all chunks back; the queue is empty at its present end.
    void clear(ChunkPool& pool);

    std::uint32_t chunks_held() const { return chunks_; }

   private:
    std::uint64_t chain_end() const { return head_offset_ + std::uint64_t{chunks_} * kChunkOctets; }
    bool reach(ChunkPool& pool, std::uint64_t to);
    void drop_head(ChunkPool& pool);
    ChunkId find(const ChunkPool& pool, std::uint64_t offset) const;

    std::uint64_t begin_ = 0, end_ = 0;
    std::uint64_t written_ = 0;  // one past the highest octet ever written
    ChunkId head_ = kNoIndex, tail_ = kNoIndex;
    std::uint32_t chunks_ = 0;
    std::uint64_t head_offset_ = 0;  // of the first octet in head_; a multiple of kChunkOctets
    std::array<ChunkId, kMarks> marks_{};  // of chunk n of the stream: n / kStride % kMarks
    // Where the last read was, so that reading on does not walk the chain.
    mutable ChunkId cursor_ = kNoIndex;
    mutable std::uint64_t cursor_offset_ = 0;
};

}  // namespace sallyport::tcp

// SPDX-License-Identifier: Apache-2.0
// Chunks of 2 KiB from which the queues of relayed connections are chained. One pool for a worker:
// its size is a limit for all connections together, not a reservation for each.
#pragma once
#include <array>
#include <cstdint>
#include <span>

#include "tcpstack/base/slab.h"

namespace sallyport::tcp {

inline constexpr std::uint32_t kChunkOctets = 2048;
using Chunk = std::array<std::uint8_t, kChunkOctets>;
using ChunkId = std::uint32_t;  // kNoIndex: none

class ChunkPool {
   public:
    // The three are of one length and outlive the pool. The chunks need no initial value.
    ChunkPool(std::span<Chunk> chunks, std::span<std::uint32_t> links, std::span<ChunkId> next)
        : chunks_(chunks, links), next_(next) {}

    // kNoIndex when there is none left; else a chunk without a successor.
    ChunkId take() {
        const ChunkId chunk = chunks_.take();
        if (chunk != kNoIndex) next_[chunk] = kNoIndex;
        return chunk;
    }
    void give_back(ChunkId chunk) { chunks_.give_back(chunk); }

    Chunk& operator[](ChunkId chunk) { return chunks_[chunk]; }
    const Chunk& operator[](ChunkId chunk) const { return chunks_[chunk]; }
    ChunkId& next(ChunkId chunk) { return next_[chunk]; }
    ChunkId next(ChunkId chunk) const { return next_[chunk]; }

    std::uint32_t in_use() const { return chunks_.in_use(); }
    std::uint32_t capacity() const { return chunks_.capacity(); }

   private:
    Slab<Chunk> chunks_;
    std::span<ChunkId> next_;
};

}  // namespace sallyport::tcp

// SPDX-License-Identifier: Apache-2.0
// Names of live sessions: chains of 32-octet chunks from a fixed pool. Most names fit in one.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "tcpstack/base/slab.h"

namespace sallyport::dp {

struct NameChunk {
    static constexpr std::size_t kOctets = 27;
    std::uint32_t next = kNoIndex;
    std::uint8_t length = 0;
    std::array<char, kOctets> octets{};
};
static_assert(sizeof(NameChunk) == 32);

using NameId = std::uint32_t;  // of the first chunk; kNoIndex: no name

class NamePool {
   public:
    NamePool(std::span<NameChunk> chunks, std::span<std::uint32_t> links) : chunks_(chunks, links) {}

    // Keeps a copy of `name` (not empty). kNoIndex, and nothing taken, when the pool has no room.
    NameId keep(std::string_view name) {
        NameId first = kNoIndex;
        // From the end, so that each chunk knows its successor when it is made.
        for (std::size_t pieces = (name.size() + NameChunk::kOctets - 1) / NameChunk::kOctets;
             pieces > 0; --pieces) {
            std::string_view piece = name;  // not substr(), which may throw
            piece.remove_prefix((pieces - 1) * NameChunk::kOctets);
            const std::uint32_t chunk = chunks_.take();
            if (chunk == kNoIndex) return release(first), kNoIndex;
            NameChunk& c = chunks_[chunk];
            c.next = first;
            c.length = static_cast<std::uint8_t>(std::min(piece.size(), NameChunk::kOctets));
            std::memcpy(c.octets.data(), piece.data(), c.length);
            first = chunk;
        }
        return first;
    }
    void release(NameId name) {
        while (name != kNoIndex) {
            const std::uint32_t next = chunks_[name].next;
            chunks_.give_back(name);
            name = next;
        }
    }
    // Copies the name to `out`; returns its length (at most out.size()).
    std::size_t copy(NameId name, std::span<char> out) const {
        std::size_t at = 0;
        for (; name != kNoIndex; name = chunks_[name].next) {
            const NameChunk& c = chunks_[name];
            const std::size_t n = std::min<std::size_t>(c.length, out.size() - at);
            std::memcpy(out.data() + at, c.octets.data(), n);
            at += n;
        }
        return at;
    }
    std::uint32_t chunks_in_use() const { return chunks_.in_use(); }

   private:
    Slab<NameChunk> chunks_;
};

}  // namespace sallyport::dp

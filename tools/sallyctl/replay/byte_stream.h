// SPDX-License-Identifier: Apache-2.0
// One direction of a TCP connection as its capture has it: segments in any order, again and
// overlapping, to octets in order. The first copy of an octet wins, as in hold; an octet that is
// kept ahead of a gap and comes again with another value is a conflict.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "tools/sallyctl/replay/octets.h"

namespace sallyport::replay {

class ByteStream {
   public:
    static constexpr std::size_t kAheadMax = 256 * 1024;  // octets kept ahead of a gap
    static constexpr std::int64_t kWindowMax = 16 * 1024 * 1024;  // farther ahead is no part of it

    enum class Added : std::uint8_t {
        Kept,
        Conflict,  // nothing of the segment was taken
        NoRoom,    // too much waits for a gap to close: not kept
    };
    // `sink` gets what is in order now, piece by piece, and is called before add() returns.
    using Sink = std::function<void(Octets)>;
    // Octets whose first has the sequence number `start` + 1 + n are at n; `sequence` is that of the
    // first of `octets`.
    Added add(std::uint32_t start, std::uint32_t sequence, Octets octets, const Sink& sink);

    std::uint64_t in_order() const { return front_; }  // octets that the sink got
    bool has_gap() const { return !ahead_.empty(); }
    std::size_t held() const { return held_; }
    // Where a sequence number lies in the stream; negative: before its first octet.
    std::int64_t position(std::uint32_t start, std::uint32_t sequence) const;

   private:
    using Parts = std::map<std::uint64_t, std::vector<std::uint8_t>>;  // by position, no overlaps

    bool conflicts(std::uint64_t begin, Octets octets) const;
    void keep_new_parts(std::uint64_t begin, Octets octets);
    void deliver(Octets octets, const Sink& sink);

    std::uint64_t front_ = 0;
    Parts ahead_;
    std::size_t held_ = 0;
};

}  // namespace sallyport::replay

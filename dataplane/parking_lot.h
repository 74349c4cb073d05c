// SPDX-License-Identifier: Apache-2.0
// Frames that wait for their next hop to be resolved: short queues over one fixed pool.
#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "dataplane/frame.h"
#include "tcpstack/base/check.h"

namespace sallyport::dp {

class ParkingLot {
   public:
    static constexpr std::size_t kFramesMax = 512;
    // All that a busy link sends first must find room, or each of these connections waits for a timeout
    // of its own; yet stations that never answer may not take the places of all others.
    static constexpr std::uint8_t kQueueMax = 128;
    static constexpr std::uint8_t kQueueMaxHalfFull = 4;

    // A line of waiting frames, oldest first. Empty when made; only the lot touches its members.
    struct Queue {
        std::uint16_t first = 0, last = 0;  // meaningful when length > 0
        std::uint8_t length = 0;
    };

    ParkingLot() {
        for (std::uint16_t i = 0; i < kFramesMax; ++i)
            spots_[i].next = static_cast<std::uint16_t>(i + 1);
    }

    bool has_room(const Queue& q) const {
        return q.length < (used_ < kFramesMax / 2 ? kQueueMax : kQueueMaxHalfFull) && used_ < kFramesMax;
    }
    std::size_t used() const { return used_; }

    // Only when has_room().
    void push(Queue& q, const Frame& frame) {
        SP_ASSERT(has_room(q));
        const std::uint16_t spot = free_;
        free_ = spots_[spot].next;
        spots_[spot].frame = frame;
        if (q.length == 0) {
            q.first = spot;
        } else {
            spots_[q.last].next = spot;
        }
        q.last = spot;
        ++q.length;
        ++used_;
    }

    std::optional<Frame> pop(Queue& q) {
        if (q.length == 0) return std::nullopt;
        const std::uint16_t spot = q.first;
        q.first = spots_[spot].next;
        --q.length;
        spots_[spot].next = free_;
        free_ = spot;
        --used_;
        return spots_[spot].frame;
    }

   private:
    struct Spot {
        Frame frame;
        std::uint16_t next = 0;
    };
    std::array<Spot, kFramesMax> spots_{};
    std::uint16_t free_ = 0;
    std::uint16_t used_ = 0;
};

}  // namespace sallyport::dp

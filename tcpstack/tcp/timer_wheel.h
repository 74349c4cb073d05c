// SPDX-License-Identifier: Apache-2.0
// One deadline for each object of a slab, in a wheel of slots. Arming and cancelling cost a few
// stores. A deadline beyond the wheel's horizon fires early, at the horizon: the owner looks at what
// is really due and arms again (as it must anyway, because activity moves deadlines lazily).
#pragma once
#include <array>
#include <cstdint>
#include <span>

#include "tcpstack/base/slab.h"
#include "tcpstack/base/time.h"

namespace sallyport::tcp {

class TimerWheel {
   public:
    static constexpr Duration kTick = std::chrono::milliseconds(8);
    static constexpr std::uint32_t kSlots = 8192;
    static constexpr Duration kHorizon = kTick * (kSlots - 2);  // 65 s

    struct Node {
        std::uint32_t prev = kNoIndex, next = kNoIndex, slot = kNoIndex;
    };

    // One node for each object; the nodes outlive the wheel.
    TimerWheel(std::span<Node> nodes, Instant start);

    // Replaces an earlier deadline of the same object. Fires at the first advance() at or after
    // `when`, at most one tick late.
    void arm(std::uint32_t index, Instant when);
    void cancel(std::uint32_t index);
    bool is_armed(std::uint32_t index) const { return nodes_[index].slot != kNoIndex; }

    // Takes one object whose deadline has come off the wheel; kNoIndex when there is none left up to
    // `now`. Visits at most `slots` empty slots, so that a long pause is worked off in pieces.
    std::uint32_t next_due(Instant now, std::uint32_t& slots);

   private:
    std::uint64_t tick_of(Instant t) const;
    void link(std::uint32_t index, std::uint32_t slot);

    std::span<Node> nodes_;
    std::array<std::uint32_t, kSlots> heads_;
    Instant start_;
    std::uint64_t current_ = 0;  // every slot before this tick is empty
};

}  // namespace sallyport::tcp

// SPDX-License-Identifier: Apache-2.0
// One direction of a bad network: frames and time go in, frames come out later, or not at all.
//
//   put() ── queue, rate ── loss, bursts ── corruption ── duplication ── delay, jitter, reordering ── take()
//
// The same seed and the same frames at the same times give the same result. What becomes of the
// n-th IP packet, other than waiting for the rate, depends on nothing but the seed and the settings.
// Frames that carry no IP (ARP) are only delayed: they have no checksum that would tell.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "tcpstack/base/rng.h"
#include "tests/impairment/impairment.h"

namespace sallyport::test {

using Frame = std::vector<std::uint8_t>;

// What really happened, in frames unless said.
struct WayCounts {
    std::uint64_t arrived = 0, arrived_octets = 0;
    std::uint64_t left = 0, left_octets = 0;  // taken
    std::uint64_t queue_full = 0;
    std::uint64_t lost = 0, lost_in_bursts = 0, bursts = 0;
    std::uint64_t corrupted = 0, duplicated = 0;
    std::uint64_t held_back = 0;  // by `reorder_by`
    std::uint64_t overtaken = 0;  // left after one that had arrived later
};

class ImpairedWay {
   public:
    ImpairedWay(const Impairment& impairment, std::uint64_t seed)
        : impairment_(impairment), rng_(seed) {}

    // A whole Ethernet frame; `now` never goes back.
    void put(Frame frame, Instant now);
    // The next frame that is due, until there is none.
    std::optional<Frame> take(Instant now);
    // When the next one will be; kNever: nothing is under way.
    Instant due() const { return waiting_.empty() ? kNever : waiting_.front().due; }

    const WayCounts& counts() const { return counts_; }

   private:
    // All that chance has to say about one packet, whether it matters or not.
    struct Fate {
        bool lost, lost_in_burst, corrupted, duplicated, held_back;
        Duration jitter;
        std::uint32_t bit;  // turned, if corrupted; of as many as there are
    };
    struct Waiting {
        Instant due;
        std::uint64_t order;    // among those that are due at once
        std::uint64_t arrival;  // a duplicate has that of its original
        Frame frame;
    };
    static bool is_later(const Waiting& a, const Waiting& b);

    bool happens(Chance chance);
    Fate draw(std::size_t octets);
    std::optional<Instant> transmit(std::size_t octets, Instant now);
    void schedule(Frame frame, Instant due);

    Impairment impairment_;
    Rng rng_;
    bool in_burst_ = false;
    std::deque<Instant> transmissions_;  // when each waiting packet will have passed the rate
    Instant latest_due_{};               // of those that keep the order
    std::vector<Waiting> waiting_;       // a heap
    std::uint64_t order_ = 0, highest_left_ = 0;
    WayCounts counts_;
};

}  // namespace sallyport::test

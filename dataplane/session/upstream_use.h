// SPDX-License-Identifier: Apache-2.0
// How many connections this worker has to each upstream that has a limit of its own. Fixed in size;
// an entry is free as soon as nothing is open.
#pragma once
#include <array>
#include <cstdint>

#include "dataplane/policy/verdict.h"
#include "tcpstack/base/slab.h"

namespace sallyport::dp {

class UpstreamUse {
   public:
    // Counts one more when fewer than `limit` are open: `place` says where, until close(). Else
    // ConnectionLimit, or LimitTableFull.
    Reason open(policy::RuleId rule, std::uint8_t upstream, std::uint32_t limit,
                std::uint32_t& place) {
        const std::uint32_t first = (rule * 0x9e37'79b9U + upstream) % kBuckets * kWays;
        std::uint32_t free = kNoIndex;
        for (std::uint32_t i = first; i < first + kWays; ++i) {
            Entry& e = entries_[i];
            if (e.open == 0) free = i;
            if (e.open == 0 || e.rule != rule || e.upstream != upstream) continue;
            if (e.open >= limit) return Reason::ConnectionLimit;
            ++e.open;
            place = i;
            return Reason::None;
        }
        if (free == kNoIndex) return Reason::LimitTableFull;
        entries_[free] = {.rule = rule, .open = 1, .upstream = upstream};
        place = free;
        return Reason::None;
    }
    // Once for each open(); `place` says nothing afterwards.
    void close(std::uint32_t& place) {
        if (place != kNoIndex) --entries_[place].open;
        place = kNoIndex;
    }

   private:
    static constexpr std::uint32_t kBuckets = 128, kWays = 8;
    struct Entry {
        policy::RuleId rule = policy::kDefaultRule;
        std::uint32_t open = 0;
        std::uint8_t upstream = 0;
    };
    std::array<Entry, std::size_t{kBuckets} * kWays> entries_{};
};

}  // namespace sallyport::dp

// SPDX-License-Identifier: Apache-2.0
// When a first slow start has found the size of the path: HyStart++ (RFC 9406). As soon as the round
// trip grows, the window grows a quarter as fast (conservative slow start); it ends when the queue is
// still there five rounds later, before it overflows.
//
//   Standard --round trip grew--> Conservative --five rounds--> Over
//      ^                             |
//      '------- it fell again -------'
#pragma once
#include <cstdint>

#include "tcpstack/base/time.h"

namespace sallyport::tcp {

class HyStart {
   public:
    // A round trip of a segment that was sent once.
    void on_measurement(Duration rtt);

    // All below the offset `una` is acknowledged, all below `nxt` was sent. True: slow start ends here.
    [[nodiscard]] bool on_progress(std::uint64_t una, std::uint64_t nxt);

    // By what the window grows for so many octets that have arrived.
    std::uint32_t growth(std::uint32_t octets) const;

   private:
    static constexpr Duration kNone = Duration::max();
    enum class Phase : std::uint8_t { Standard, Conservative, Over };

    void judge();

    Duration last_round_ = kNone, round_ = kNone;  // the least round trip of each
    Duration baseline_ = kNone;                    // of the round in which the conservative phase began
    std::uint64_t round_end_ = 0;                  // what was sent when the round began
    std::uint8_t samples_ = 0;                     // of this round
    std::uint8_t rounds_ = 0;                      // in the conservative phase
    Phase phase_ = Phase::Standard;
};

}  // namespace sallyport::tcp

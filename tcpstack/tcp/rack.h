// SPDX-License-Identifier: Apache-2.0
// Which segments count as lost: RACK of RFC 8985. What was sent before something that has arrived,
// and longer ago than a round trip and a little, will not arrive. "A little" (the reordering window)
// is nothing on a path that has never reordered, a quarter of the shortest round trip on one that
// has, and more where repetitions turned out to be needless.
#pragma once
#include <cstdint>

#include "tcpstack/base/time.h"
#include "tcpstack/tcp/scoreboard.h"

namespace sallyport::tcp {

class Rack {
   public:
    // A part of a span has arrived: it ends at the stream offset `end`. `echoed`: the peer's
    // timestamp says that the last transmission is the one that arrived.
    void on_delivered(const Span& span, std::uint64_t end, bool echoed, Micros now);
    // The peer has got octets twice (RFC 2883), and everything below `una` once.
    void on_duplicate_report(std::uint64_t una, std::uint64_t nxt);
    void on_recovery_end();
    // Nothing is in flight: whatever is sent from now on was sent after all that has arrived, also when
    // the clock of the scoreboard has wrapped meanwhile.
    void on_nothing_in_flight() { known_ = false; }

    // Marks what is lost. `una`: the offset of the scoreboard's first octet; `urgent`: in recovery,
    // or three segments were selectively acknowledged. Returns how long to wait until the rest has
    // to be looked at again; zero: nothing waits.
    Duration detect(Scoreboard& board, std::uint64_t una, bool urgent, Duration srtt, Micros now) const;

    bool has_round_trip() const { return min_rtt_ != kUnknown; }

   private:
    static constexpr Micros kUnknown = 0xffff'ffff;
    Micros reordering_window(bool urgent, Duration srtt) const;

    std::uint64_t end_ = 0;  // of the segment sent last among those that have arrived
    std::uint64_t highest_ = 0;     // end of the highest octets that have arrived
    std::uint64_t round_end_ = 0;   // no second widening before it is acknowledged
    Micros sent_ = 0, rtt_ = 0;     // of the segment at end_
    Micros min_rtt_ = kUnknown;
    std::uint8_t multiplier_ = 1;
    std::uint8_t persist_ = 0;  // recoveries until the multiplier is forgotten
    bool known_ = false;        // sent_, rtt_ and end_ mean something
    bool reordering_ = false;   // was seen on this path
};

}  // namespace sallyport::tcp

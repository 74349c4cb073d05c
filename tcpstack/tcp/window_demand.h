// SPDX-License-Identifier: Apache-2.0
// How large a receive window has to be so that it does not hold the peer back: twice what the owner
// reads within a round trip, and more while that grows (dynamic right-sizing, as Linux does it). A
// receiver that sends little knows the round trip badly; every measurement is too long rather than
// too short, so the shortest counts.
#pragma once
#include <cstdint>

#include "tcpstack/base/time.h"

namespace sallyport::tcp {

class WindowDemand {
   public:
    // Nothing above `received` has come, and the peer may send up to `edge`.
    void open(std::uint64_t received, std::uint64_t edge, Instant now);

    void note_round_trip(Duration rtt);
    // A segment leaves that lets the peer send up to `edge`: what fills that window cannot come sooner
    // than a round trip later.
    void on_promise(std::uint64_t edge, Instant now);
    void on_received(std::uint64_t received, Instant now);
    // The owner has passed on everything below `read`.
    void on_read(std::uint64_t read, Instant now);

    std::uint64_t octets() const { return octets_; }  // never less than before

   private:
    static constexpr Duration kUnknown = Duration::max();

    std::uint64_t octets_ = 0;
    std::uint64_t read_ = 0, last_round_ = 0;      // when the round began; in the one before
    std::uint64_t edge_ = 0, awaited_ = 0;         // the last promise; the one that is measured
    Instant round_at_{}, promised_at_ = kNever;    // kNever: none is measured
    Duration rtt_ = kUnknown;
};

}  // namespace sallyport::tcp

// SPDX-License-Identifier: Apache-2.0
// The only clock of the data plane: the CPU's time stamp counter, as nanoseconds. Assumes a counter
// that is constant and the same on all CPUs, as on every x86-64 of the last decade.
#pragma once
#include <rte_cycles.h>

#include <cstdint>

#include "tcpstack/base/time.h"

namespace sallyport::dp {

class TscClock {
   public:
    // After EAL has started: it measures the rate.
    TscClock() : hz_(rte_get_tsc_hz()), base_(rte_rdtsc()) {
        scale_ = static_cast<std::uint64_t>((Wide{1'000'000'000} << kShift) / hz_);
    }

    static std::uint64_t cycles() { return rte_rdtsc(); }
    Instant at(std::uint64_t cycles) const {
        const Wide ns = (Wide{cycles - base_} * scale_) >> kShift;
        // Time starts at a second, so that "never" and "a moment ago" both have room below it.
        return Instant(std::chrono::seconds(1) + Duration(static_cast<std::int64_t>(ns)));
    }
    Instant now() const { return at(cycles()); }
    std::uint64_t hz() const { return hz_; }

   private:
    __extension__ using Wide = unsigned __int128;
    static constexpr unsigned kShift = 32;
    std::uint64_t hz_, base_, scale_;
};

}  // namespace sallyport::dp

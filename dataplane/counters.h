// SPDX-License-Identifier: Apache-2.0
// Counters of one worker. One writer (the worker), any number of readers; each value is read whole,
// a set of values need not be of one instant. No atomic read-modify-write.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>

#include "dataplane/reason.h"

namespace sallyport::dp {

class Counter {
   public:
    void add(std::uint64_t n) { set(value() + n); }
    void set(std::uint64_t n) { value_.store(n, std::memory_order_relaxed); }
    std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

   private:
    std::atomic<std::uint64_t> value_{0};
};

struct alignas(64) Counters {
    std::array<Counter, kReasonCount> reasons;
#define SP_COUNTER(name, help) Counter name;
#define SP_GAUGE(name, help) Counter name;
#include "dataplane/counters.def"
#undef SP_COUNTER
#undef SP_GAUGE

    void count(Reason r, std::uint64_t n = 1) { reasons[static_cast<std::size_t>(r)].add(n); }
    std::uint64_t of(Reason r) const { return reasons[static_cast<std::size_t>(r)].value(); }
};

}  // namespace sallyport::dp

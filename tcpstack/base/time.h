// SPDX-License-Identifier: Apache-2.0
// A clock that cannot be asked. Time enters as an argument; whoever owns the real clock (the worker
// loop, a test) hands it in.
#pragma once
#include <chrono>
#include <cstdint>

namespace sallyport {

struct StackClock {
    using rep = std::int64_t;
    using period = std::nano;
    using duration = std::chrono::duration<rep, period>;
    using time_point = std::chrono::time_point<StackClock, duration>;
    static constexpr bool is_steady = true;
};
using Duration = StackClock::duration;
using Instant = StackClock::time_point;  // nanoseconds since an arbitrary start, monotonic

inline constexpr Instant kNever = Instant::max();

template <class Clock>
concept HasNow = requires { Clock::now(); };
static_assert(!HasNow<StackClock>, "time is an argument: the stack's clock must not have now()");

constexpr std::uint64_t nanoseconds(Instant t) {
    return static_cast<std::uint64_t>(t.time_since_epoch().count());
}
constexpr std::uint64_t milliseconds(Instant t) { return nanoseconds(t) / 1'000'000; }

}  // namespace sallyport

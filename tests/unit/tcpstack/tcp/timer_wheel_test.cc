// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/tcp/timer_wheel.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "tcpstack/base/rng.h"

namespace sallyport::tcp {
namespace {

using std::chrono::milliseconds;

struct Wheel {
    explicit Wheel(std::size_t n) : nodes(n), wheel(nodes, Instant{}) {}
    std::vector<TimerWheel::Node> nodes;
    TimerWheel wheel;
    std::vector<std::uint32_t> due(Instant now) {
        std::vector<std::uint32_t> out;
        std::uint32_t slots = 1U << 20;
        for (std::uint32_t i; (i = wheel.next_due(now, slots)) != kNoIndex;) out.push_back(i);
        return out;
    }
};

TEST(TimerWheel, FiresOnceNeverEarlyAndAtMostOneTickLate) {
    Wheel w(1);
    for (int ms = 0; ms < 50; ++ms) {
        const Instant when = Instant{} + milliseconds(1000 * ms + ms);
        w.wheel.arm(0, when);
        EXPECT_TRUE(w.due(when - std::chrono::nanoseconds(1)).empty());
        EXPECT_EQ(w.due(when + TimerWheel::kTick).size(), 1U);
        EXPECT_FALSE(w.wheel.is_armed(0));
    }
}

TEST(TimerWheel, FiresAtTheHorizonWhatLiesBeyondIt) {
    Wheel w(1);
    w.wheel.arm(0, kNever);
    EXPECT_TRUE(w.due(Instant{} + TimerWheel::kHorizon - TimerWheel::kTick).empty());
    EXPECT_EQ(w.due(Instant{} + TimerWheel::kHorizon + TimerWheel::kTick).size(), 1U);
}

TEST(TimerWheel, WorksALongPauseOffInPieces) {
    Wheel w(1);
    w.wheel.arm(0, Instant{} + std::chrono::seconds(30));
    int calls = 0;
    for (std::uint32_t slots = 100;; slots = 100, ++calls)
        if (w.wheel.next_due(Instant{} + std::chrono::seconds(31), slots) == 0) break;
    EXPECT_GE(calls, 30);
}

// Against a map from object to deadline, with times that stay within the horizon.
TEST(TimerWheel, AgreesWithAModel) {
    constexpr std::uint32_t kObjects = 64;
    Wheel w(kObjects);
    Rng rng(42);
    std::map<std::uint32_t, Instant> model;
    Instant now{};
    for (int round = 0; round < 20'000; ++round) {
        const std::uint32_t i = rng.below(kObjects);
        if (rng.below(4) == 0) {
            w.wheel.cancel(i);
            model.erase(i);
        } else {
            model[i] = now + milliseconds(rng.below(60'000));
            w.wheel.arm(i, model[i]);
        }
        now += milliseconds(rng.below(40));
        for (const std::uint32_t fired : w.due(now)) {
            ASSERT_TRUE(model.contains(fired)) << round;
            ASSERT_LE(model[fired], now) << round;
            model.erase(fired);
        }
        for (const auto& [index, when] : model) ASSERT_GT(when + TimerWheel::kTick, now) << index;
    }
}

}  // namespace
}  // namespace sallyport::tcp

// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/tcp/congestion.h"

#include <gtest/gtest.h>

#include <cmath>

namespace sallyport::tcp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant kStart = Instant{} + seconds(100);
constexpr Duration kRtt = milliseconds(100);

Congestion opened(std::uint32_t mss = 1000) {
    Congestion c;
    c.open(mss);
    return c;
}

// A window of `segments` segments of 1000 octets that one loss has cut.
Congestion cut_from(std::uint32_t segments) {
    Congestion c = opened();
    while (c.window() < segments * 1000)
        c.on_delivered(std::min(c.window(), segments * 1000 - c.window()), kRtt, kStart);
    c.enter_recovery(c.window());
    c.leave_recovery();
    return c;
}

// What a window's worth of acknowledgements does, segment by segment, in one round trip.
void round_trip(Congestion& c, Instant now) {
    for (std::uint32_t left = c.window() / 1000; left > 0; --left) c.on_delivered(1000, kRtt, now);
}

TEST(Congestion, EndsTheFirstSlowStartWhenTheRoundTripStaysGrown) {
    Congestion c = opened();
    std::uint64_t una = 0;
    const auto round = [&](Duration rtt) {
        const std::uint64_t nxt = una + c.window();
        for (; una < nxt; una += 1000) {
            c.on_measurement(rtt, una + 1000, nxt + c.window());
            c.on_delivered(1000, rtt, kStart);
        }
    };
    round(kRtt);
    round(kRtt);
    EXPECT_EQ(c.window(), 40'000U);
    round(kRtt + milliseconds(20));
    const std::uint32_t grown = c.window();
    round(kRtt + milliseconds(20));
    EXPECT_LT(c.window(), grown * 13 / 10) << "a quarter a round";
    for (int n = 0; n < 5 && c.in_slow_start(); ++n) round(kRtt + milliseconds(20));
    EXPECT_FALSE(c.in_slow_start());
}

TEST(Congestion, StartsWithTheWindowOfRfc6928) {
    EXPECT_EQ(opened(1000).window(), 10000U);
    EXPECT_EQ(opened(1460).window(), 14600U);
    EXPECT_EQ(opened(2000).window(), 14600U);
    EXPECT_EQ(opened(8960).window(), 17920U);
}

TEST(Congestion, DoublesAWindowInSlowStart) {
    Congestion c = opened();
    for (int i = 0; i < 5; ++i) c.on_delivered(2000, kRtt, kStart);
    EXPECT_EQ(c.window(), 20000U);
}

TEST(Congestion, CutsToSevenTenths) {  // RFC 9438 section 4.6
    Congestion c = cut_from(100);
    EXPECT_EQ(c.threshold(), 70000U);
    EXPECT_EQ(c.window(), 70000U);
}

TEST(Congestion, NeverCutsBelowTwoSegments) {
    Congestion c = opened();
    for (int i = 0; i < 20; ++i) {
        c.enter_recovery(c.window());
        c.leave_recovery();
    }
    EXPECT_EQ(c.window(), 2000U);
}

// Equation 1 of RFC 9438, at the end of each round trip; the estimate of Reno stays below it here.
TEST(Congestion, FollowsTheCubicFunction) {
    Congestion c = cut_from(1000);
    const double k = std::cbrt(1000 * 0.3 / 0.4);
    Instant now = kStart;
    round_trip(c, now);  // the epoch begins
    for (int i = 1; i <= 150; ++i) {
        now += kRtt;
        round_trip(c, now);
        const double t = 0.1 * i + 0.1;
        const double segments = 0.4 * std::pow(t - k, 3) + 1000;
        ASSERT_NEAR(c.window() / 1000.0, segments, 0.02 * segments) << "after " << t << " s";
    }
    EXPECT_GT(c.window(), 1'000'000U);
}

// Section 4.3: where the cubic function is slower than Reno with the same average, Reno holds.
TEST(Congestion, IsNotSlowerThanReno) {
    Congestion c = cut_from(20);
    Instant now = kStart;
    for (int i = 0; i < 10; ++i) round_trip(c, now += milliseconds(10));
    const double reno = 14 + 10 * 9.0 / 17;
    EXPECT_NEAR(c.window() / 1000.0, reno, 1.0);
}

TEST(Congestion, LeavesRoomForOthersWhenItsShareShrinks) {  // section 4.7: fast convergence
    Congestion c = cut_from(1000);
    c.enter_recovery(c.window());  // below the window of the loss before
    c.leave_recovery();
    EXPECT_EQ(c.window(), 490'000U);
    Instant now = kStart;
    // The function is flat at 0.85 of where it was cut this time, and not at 700.
    for (int i = 0; i < 70; ++i) round_trip(c, now += kRtt);
    EXPECT_NEAR(c.window() / 1000.0, 595, 15);
}

TEST(Congestion, SendsInProportionToWhatArrivesInRecovery) {  // RFC 6937 section 3
    Congestion c = opened();
    c.enter_recovery(10000);
    ASSERT_EQ(c.threshold(), 7000U);
    std::uint32_t pipe = 9000, sent = 0;
    c.on_delivered_in_recovery(1000, pipe, false);
    for (int i = 0; i < 9; ++i) {
        while (pipe + 1000 <= c.window()) {
            pipe += 1000;
            sent += 1000;
            c.on_sent_in_recovery(1000);
        }
        pipe -= 1000;
        c.on_delivered_in_recovery(1000, pipe, false);
    }
    // Ten have arrived, seven have gone out.
    EXPECT_NEAR(sent, 7000, 1000);
    EXPECT_NEAR(pipe, 7000, 1000);
}

TEST(Congestion, GrowsBackToTheThresholdWhenMuchIsLost) {
    Congestion c = opened();
    c.enter_recovery(10000);
    c.on_delivered_in_recovery(1000, 1000, true);  // slow start: what has arrived, and one more
    EXPECT_EQ(c.window(), 3000U);
    c.on_sent_in_recovery(2000);
    c.on_delivered_in_recovery(1000, 2000, false);  // no more than has arrived
    EXPECT_EQ(c.window(), 2000U);
}

TEST(Congestion, StartsOverAfterATimeoutAndCutsOnce) {  // RFC 5681 section 3.1
    Congestion c = opened();
    c.on_timeout(false);
    EXPECT_EQ(c.window(), 1000U);
    EXPECT_EQ(c.threshold(), 7000U);
    c.on_timeout(true);
    EXPECT_EQ(c.threshold(), 7000U);
    c.on_delivered(1000, kRtt, kStart);
    c.on_delivered(2000, kRtt, kStart);
    EXPECT_EQ(c.window(), 4000U);
}

TEST(Congestion, TakesACutBackThatWasNeedless) {
    Congestion c = opened();
    c.enter_recovery(10000);
    c.on_delivered_in_recovery(1000, 5000, false);
    c.undo_recovery();
    EXPECT_EQ(c.window(), 10000U);
    EXPECT_EQ(c.threshold(), Congestion::kWindowMax);
}

TEST(Congestion, ForgetsAGrownWindowWhenIdle) {  // RFC 5681 section 4.1
    Congestion c = opened();
    c.on_delivered(10000, kRtt, kStart);
    c.on_idle();
    EXPECT_EQ(c.window(), 10000U);
    c.on_timeout(false);
    c.on_idle();
    EXPECT_EQ(c.window(), 1000U);
}

TEST(Congestion, StopsGrowingAtTheLargestWindowOfThePeer) {
    Congestion c = opened(60000);
    for (int i = 0; i < 40; ++i) c.on_delivered(c.window(), kRtt, kStart);
    EXPECT_EQ(c.window(), Congestion::kWindowMax);
}

// Whatever it is told, the window stays what can be sent.
TEST(Congestion, SurvivesAnyOrderOfEvents) {
    for (std::uint32_t mss : {40U, 1460U, 9000U}) {
        Congestion c = opened(mss);
        Instant now = kStart;
        std::uint32_t state = mss;
        for (int i = 0; i < 20000; ++i) {
            state = state * 1664525 + 1013904223;
            now += milliseconds(state >> 20);
            switch (state >> 8 & 7) {
                case 0: c.enter_recovery(state >> 12); break;
                case 1: c.on_delivered_in_recovery(state >> 16, state >> 10, (state & 1) != 0); break;
                case 2: c.leave_recovery(); break;
                case 3: c.on_timeout((state & 2) != 0); break;
                case 4: c.on_idle(); break;
                default: c.on_delivered(state >> 14, milliseconds(state >> 22), now); break;
            }
            ASSERT_LE(c.window(), Congestion::kWindowMax);
            ASSERT_GE(c.threshold(), 2 * mss);
        }
    }
}

}  // namespace
}  // namespace sallyport::tcp

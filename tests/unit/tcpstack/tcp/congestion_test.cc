// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/tcp/congestion.h"

#include <gtest/gtest.h>

namespace sallyport::tcp {
namespace {

Congestion opened(std::uint32_t mss = 1000) {
    Congestion c;
    c.open(mss);
    return c;
}

TEST(Congestion, StartsWithTheWindowOfRfc6928) {
    EXPECT_EQ(opened(1000).window(), 10000U);
    EXPECT_EQ(opened(1460).window(), 14600U);
    EXPECT_EQ(opened(2000).window(), 14600U);
    EXPECT_EQ(opened(8960).window(), 17920U);
}

TEST(Congestion, DoublesAWindowInSlowStart) {
    Congestion c = opened();
    for (int i = 0; i < 5; ++i) c.on_ack(2000);
    EXPECT_EQ(c.window(), 20000U);
}

TEST(Congestion, GrowsByASegmentAWindowAboveTheThreshold) {  // RFC 5681 section 3.1
    Congestion c = opened();
    c.enter_recovery(20000);
    c.leave_recovery(20000);
    ASSERT_EQ(c.window(), 10000U);
    for (int i = 0; i < 9; ++i) c.on_ack(1000);
    EXPECT_EQ(c.window(), 10000U);
    c.on_ack(1000);
    EXPECT_EQ(c.window(), 11000U);
}

TEST(Congestion, HalvesOnLossAndCountsWhatHasLeftTheNetwork) {
    Congestion c = opened();
    c.enter_recovery(10000);
    EXPECT_EQ(c.threshold(), 5000U);
    EXPECT_EQ(c.window(), 8000U);
    c.on_duplicate();
    EXPECT_EQ(c.window(), 9000U);
    c.on_partial_ack(3000);  // RFC 6582 section 3.2 (3)
    EXPECT_EQ(c.window(), 7000U);
    c.on_partial_ack(500);
    EXPECT_EQ(c.window(), 6500U);
    c.leave_recovery(2000);
    EXPECT_EQ(c.window(), 3000U);
}

TEST(Congestion, NeverHalvesBelowTwoSegments) {
    Congestion c = opened();
    c.enter_recovery(1000);
    EXPECT_EQ(c.threshold(), 2000U);
    c.on_partial_ack(100'000);
    EXPECT_GE(c.window(), 1000U);
}

TEST(Congestion, StartsOverAfterATimeoutAndHalvesOnce) {  // RFC 5681 section 3.1
    Congestion c = opened();
    c.on_timeout(10000, false);
    EXPECT_EQ(c.window(), 1000U);
    EXPECT_EQ(c.threshold(), 5000U);
    c.on_timeout(1000, true);
    EXPECT_EQ(c.threshold(), 5000U);
    c.on_ack(1000);
    c.on_ack(2000);
    EXPECT_EQ(c.window(), 4000U);
    c.on_ack(4000);
    EXPECT_EQ(c.window(), 5000U);
}

TEST(Congestion, ForgetsAGrownWindowWhenIdle) {  // RFC 5681 section 4.1
    Congestion c = opened();
    c.on_ack(10000);
    c.on_idle();
    EXPECT_EQ(c.window(), 10000U);
    c.on_timeout(10000, false);
    c.on_idle();
    EXPECT_EQ(c.window(), 1000U);
}

TEST(Congestion, StopsGrowingAtTheLargestWindowOfThePeer) {
    Congestion c = opened(60000);
    for (int i = 0; i < 40; ++i) c.on_ack(c.window());
    EXPECT_EQ(c.window(), Congestion::kWindowMax);
}

}  // namespace
}  // namespace sallyport::tcp

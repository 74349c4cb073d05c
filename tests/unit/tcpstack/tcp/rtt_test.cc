// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/tcp/rtt.h"

#include <gtest/gtest.h>

namespace sallyport::tcp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(RttEstimator, BeginsWithOneSecond) { EXPECT_EQ(RttEstimator().rto(), seconds(1)); }

TEST(RttEstimator, FollowsTheFormulasOfRfc6298) {
    RttEstimator rtt;
    rtt.on_measurement(milliseconds(100));  // SRTT 100, RTTVAR 50
    EXPECT_EQ(rtt.rto(), milliseconds(300));
    rtt.on_measurement(milliseconds(180));  // RTTVAR 57.5, SRTT 110
    EXPECT_EQ(rtt.rto(), milliseconds(340));
}

TEST(RttEstimator, StaysWithinItsBounds) {
    RttEstimator rtt;
    rtt.on_measurement(milliseconds(1));
    EXPECT_EQ(rtt.rto(), RttEstimator::kMinRto);
    for (int i = 0; i < 20; ++i) rtt.on_timeout();
    EXPECT_EQ(rtt.rto(), RttEstimator::kMaxRto);
}

TEST(RttEstimator, DoublesAtEachTimeout) {
    RttEstimator rtt;
    rtt.on_timeout();
    rtt.on_timeout();
    EXPECT_EQ(rtt.rto(), seconds(4));
}

}  // namespace
}  // namespace sallyport::tcp

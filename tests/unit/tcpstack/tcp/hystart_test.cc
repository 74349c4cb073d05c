// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/tcp/hystart.h"

#include <gtest/gtest.h>

namespace sallyport::tcp {
namespace {

using namespace std::chrono_literals;

class HyStartTest : public testing::Test {
   protected:
    // Twenty segments are acknowledged, and as many sent. Whether slow start ended meanwhile.
    bool round(Duration rtt, int segments = 20) {
        bool ended = false;
        for (int n = 0; n < segments; ++n) {
            hystart.on_measurement(rtt);
            una_ += 1000;
            nxt_ += 1000;
            ended = hystart.on_progress(una_, nxt_) || ended;
        }
        return ended;
    }
    bool is_conservative() const { return hystart.growth(1000) == 250; }

    HyStart hystart;

   private:
    std::uint64_t una_ = 0, nxt_ = 20'000;
};

TEST_F(HyStartTest, GrowsByAllThatArrivesWhileTheRoundTripStays) {
    for (int n = 0; n < 20; ++n) EXPECT_FALSE(round(50ms));
    EXPECT_EQ(hystart.growth(1000), 1000U);
}

TEST_F(HyStartTest, GrowsAQuarterOnceTheRoundTripHasGrownByAnEighth) {
    round(100ms);
    round(112ms);
    EXPECT_FALSE(is_conservative());
    round(100ms);
    round(113ms);
    EXPECT_TRUE(is_conservative());
}

TEST_F(HyStartTest, TakesLessThanFourMillisecondsForNoise) {
    round(1ms);
    round(4900us);
    EXPECT_FALSE(is_conservative());
}

TEST_F(HyStartTest, TakesSixteenMillisecondsForGrowthOnAnyPath) {
    round(600ms);
    round(617ms);
    EXPECT_TRUE(is_conservative());
}

TEST_F(HyStartTest, DoesNotJudgeByAFewMeasurements) {
    round(50ms);
    round(90ms, 8);  // one of them belongs to the round before
    EXPECT_FALSE(is_conservative());
}

TEST_F(HyStartTest, JudgesByTheLeastOfARound) {
    round(50ms);
    for (int n = 0; n < 20; ++n) hystart.on_measurement(n == 3 ? Duration(50ms) : Duration(90ms));
    EXPECT_FALSE(is_conservative());
}

TEST_F(HyStartTest, EndsFiveRoundsAfterTheRoundTripHasGrown) {
    round(50ms);
    for (int n = 0; n < 5; ++n) EXPECT_FALSE(round(70ms));
    EXPECT_TRUE(round(70ms)) << "with the first acknowledgement of the sixth";
    EXPECT_FALSE(round(200ms)) << "it ends once";
}

TEST_F(HyStartTest, GoesOnWhenTheRoundTripFallsAgain) {
    round(50ms);
    round(70ms);
    ASSERT_TRUE(is_conservative());
    round(60ms);
    EXPECT_FALSE(is_conservative());
    for (int n = 0; n < 20; ++n) EXPECT_FALSE(round(60ms));
}

}  // namespace
}  // namespace sallyport::tcp

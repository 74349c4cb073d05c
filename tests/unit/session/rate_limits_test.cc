// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/rate_limits.h"

#include <gtest/gtest.h>

namespace sallyport::dp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
constexpr Instant kNow = Instant{} + seconds(50);

TEST(TokenBucket, GivesItsRateEachSecond) {
    TokenBucket bucket(3);
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(bucket.take(kNow));
    EXPECT_FALSE(bucket.take(kNow + milliseconds(999)));
    EXPECT_TRUE(bucket.take(kNow + seconds(1)));
}

TEST(BadCookies, QuietsASourceForASecondAfterAThousand) {
    BadCookies bad;
    for (std::uint32_t i = 0; i < BadCookies::kLimit; ++i) bad.count(7, kNow);
    EXPECT_FALSE(bad.is_quiet(7, kNow));
    bad.count(7, kNow);
    EXPECT_TRUE(bad.is_quiet(7, kNow + milliseconds(999)));
    EXPECT_FALSE(bad.is_quiet(8, kNow));
    EXPECT_FALSE(bad.is_quiet(7, kNow + seconds(1)));
}

TEST(BadCookies, ForgetsASlowSource) {
    BadCookies bad;
    for (int i = 0; i < 5000; ++i) {
        bad.count(7, kNow + milliseconds(10 * i));
        ASSERT_FALSE(bad.is_quiet(7, kNow + milliseconds(10 * i)));
    }
}

TEST(Strays, AreFlowsThatStillSendAfterASecond) {
    Strays strays;
    EXPECT_FALSE(strays.is_persistent(9, kNow));
    EXPECT_FALSE(strays.is_persistent(9, kNow + milliseconds(900)));
    EXPECT_TRUE(strays.is_persistent(9, kNow + seconds(1)));
    EXPECT_FALSE(strays.is_persistent(9, kNow + seconds(90)));  // another story by now
}

}  // namespace
}  // namespace sallyport::dp

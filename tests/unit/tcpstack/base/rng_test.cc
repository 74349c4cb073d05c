// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/base/rng.h"

#include <gtest/gtest.h>

#include <array>

namespace sallyport {
namespace {

TEST(Rng, SameSeedGivesTheSameNumbers) {
    Rng a(42), b(42), c(43);
    EXPECT_EQ(a.next(), b.next());
    EXPECT_EQ(a.next(), b.next());
    EXPECT_NE(a.next(), c.next());
}

TEST(Rng, BelowReachesEveryValueAndNoOther) {
    Rng rng(1);
    std::array<int, 7> hits{};
    for (int i = 0; i < 70'000; ++i) {
        const std::uint32_t v = rng.below(7);
        ASSERT_LT(v, 7U);
        ++hits[v];
    }
    for (const int n : hits) EXPECT_NEAR(n, 10'000, 500);
    EXPECT_EQ(rng.below(1), 0U);
}

}  // namespace
}  // namespace sallyport

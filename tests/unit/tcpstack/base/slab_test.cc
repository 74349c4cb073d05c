// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/base/slab.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace sallyport {
namespace {

class SlabTest : public testing::Test {
   protected:
    std::array<int, 4> items{};
    std::array<std::uint32_t, 4> links{};
    Slab<int> slab{items, links};
};

TEST_F(SlabTest, GivesEachObjectOnceAndThenNone) {
    std::set<std::uint32_t> taken;
    for (int i = 0; i < 4; ++i) taken.insert(slab.take());
    EXPECT_EQ(taken, (std::set<std::uint32_t>{0, 1, 2, 3}));
    EXPECT_EQ(slab.take(), kNoIndex);
    EXPECT_EQ(slab.in_use(), slab.capacity());
}

TEST_F(SlabTest, TakesAgainWhatWasGivenBack) {
    for (int i = 0; i < 4; ++i) (void)slab.take();
    slab.give_back(2);
    EXPECT_FALSE(slab.is_taken(2));
    EXPECT_EQ(slab.in_use(), 3U);
    EXPECT_EQ(slab.take(), 2U);
    EXPECT_TRUE(slab.is_taken(2));
}

TEST_F(SlabTest, KnowsTheIndexOfAnItem) {
    const std::uint32_t i = slab.take();
    slab[i] = 17;
    EXPECT_EQ(slab.index_of(slab[i]), i);
    EXPECT_EQ(items[i], 17);
}

TEST(Slab, OfNothingIsAlwaysEmpty) {
    Slab<int> slab({}, {});
    EXPECT_EQ(slab.take(), kNoIndex);
    EXPECT_EQ(slab.capacity(), 0U);
}

#ifndef NDEBUG
using SlabDeathTest = SlabTest;
TEST_F(SlabDeathTest, GivingBackTwiceIsAProgrammingError) {
    const std::uint32_t i = slab.take();
    slab.give_back(i);
    EXPECT_DEATH(slab.give_back(i), "");
}
#endif

}  // namespace
}  // namespace sallyport

// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/tcp/reassembly.h"

#include <gtest/gtest.h>

#include <vector>

#include "tcpstack/base/rng.h"

namespace sallyport::tcp {
namespace {

TEST(Reassembly, RefusesASeventeenthRangeAndChangesNothing) {
    Reassembly r;
    for (std::uint32_t i = 1; i <= Reassembly::kRangesMax; ++i) EXPECT_TRUE(r.add({10 * i, 10 * i + 1}));
    EXPECT_FALSE(r.add({500, 501}));
    EXPECT_EQ(r.highest(), 161U);
    EXPECT_TRUE(r.add({11, 12}));  // grows one that is there
    EXPECT_TRUE(r.add({0, 160}));  // and closes the gaps
    EXPECT_EQ(r.contiguous(), 161U);
    EXPECT_TRUE(r.ahead().empty());
}

TEST(Reassembly, JoinsRangesThatTouch) {
    Reassembly r;
    ASSERT_TRUE(r.add({10, 20}) && r.add({30, 40}) && r.add({20, 30}));
    ASSERT_EQ(r.ahead().size(), 1U);
    EXPECT_EQ(r.ahead()[0], (Range{10, 40}));
}

TEST(Reassembly, CountsFromTheFrontAfterARebase) {
    Reassembly r;
    ASSERT_TRUE(r.add({10, 20}) && r.add({30, 40}) && r.add({0, 5}));
    EXPECT_EQ(r.rebase(), 5U);
    EXPECT_EQ(r.contiguous(), 0U);
    ASSERT_EQ(r.ahead().size(), 2U);
    EXPECT_EQ(r.ahead()[0], (Range{5, 15}));
    EXPECT_EQ(r.ahead()[1], (Range{25, 35}));
    ASSERT_TRUE(r.add({0, 5}));
    EXPECT_EQ(r.rebase(), 15U);
    EXPECT_EQ(r.highest(), 20U);
}

std::vector<bool> covered(const Reassembly& r, std::size_t size) {
    std::vector<bool> out(size);
    for (std::uint32_t i = 0; i < r.contiguous(); ++i) out[i] = true;
    for (const Range& range : r.ahead())
        for (std::uint32_t i = range.begin; i < range.end; ++i) out[i] = true;
    return out;
}

TEST(Reassembly, AgreesWithAnArrayOfOctets) {
    constexpr std::uint32_t kSize = 200;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        Rng rng(seed);
        Reassembly r;
        std::vector<bool> model(kSize);
        for (int step = 0; step < 60; ++step) {
            const std::uint32_t begin = rng.below(kSize - 1);
            const Range range{begin, begin + 1 + rng.below(std::min(kSize - begin, 30U))};
            std::vector<int> visits(kSize);
            r.for_each_known(range, [&](Range k) { for (auto i = k.begin; i < k.end; ++i) visits[i] += 1; });
            r.for_each_new(range, [&](Range k) { for (auto i = k.begin; i < k.end; ++i) visits[i] += 10; });
            for (std::uint32_t i = 0; i < kSize; ++i) {
                const bool within = i >= range.begin && i < range.end;
                ASSERT_EQ(visits[i], !within ? 0 : model[i] ? 1 : 10) << seed << " " << step;
            }
            if (r.add(range))
                for (auto i = range.begin; i < range.end; ++i) model[i] = true;
            ASSERT_EQ(covered(r, kSize), model) << seed << " " << step;
        }
    }
}

}  // namespace
}  // namespace sallyport::tcp

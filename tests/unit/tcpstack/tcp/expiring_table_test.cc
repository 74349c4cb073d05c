// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/tcp/expiring_table.h"

#include <gtest/gtest.h>

#include <vector>

namespace sallyport::tcp {
namespace {

using std::chrono::seconds;

struct Entry {
    int key = 0;
    CoarseTime deadline = 0;
};
constexpr Instant kNow = Instant{} + seconds(100);

struct Table {
    std::vector<Entry> entries = std::vector<Entry>(64);
    ExpiringTable<Entry> table{entries};
    Entry* add(int key, std::uint64_t hash, Duration life) {
        Entry* e = table.place(hash);
        if (e != nullptr) *e = {key, coarse(kNow + life)};
        return e;
    }
};

TEST(ExpiringTable, FindsUntilTheDeadlineAndSweepsAfterIt) {
    Table t;
    t.add(1, 77, seconds(10));
    EXPECT_NE(t.table.find(1, 77, kNow), nullptr);
    EXPECT_EQ(t.table.find(2, 77, kNow), nullptr);
    EXPECT_EQ(t.table.find(1, 77, kNow + seconds(11)), nullptr);
    int expired = 0;
    t.table.sweep(kNow + seconds(9), 64, [&](const Entry&) { ++expired; });
    EXPECT_EQ(expired, 0);
    t.table.sweep(kNow + seconds(11), 64, [&](const Entry& e) { expired += e.key; });
    EXPECT_EQ(expired, 1);
    EXPECT_EQ(t.table.in_use(), 0U);
}

TEST(ExpiringTable, SweepsNoMoreThanItsBudgetAndGoesRound) {
    Table t;
    for (int i = 0; i < 8; ++i) t.add(i, static_cast<std::uint64_t>(i), seconds(1));
    for (int i = 0; i < 4; ++i) t.table.sweep(kNow + seconds(2), 16, [](const Entry&) {});
    EXPECT_EQ(t.table.in_use(), 0U);
}

TEST(ExpiringTable, RefusesWhenBothBucketsAreFullAndNamesTheOldest) {
    Table t;
    constexpr std::uint64_t kHash = 3 | std::uint64_t{9} << 32;
    for (int i = 0; i < 8; ++i) ASSERT_NE(t.add(i, kHash, seconds(20 - i)), nullptr) << i;
    EXPECT_EQ(t.table.place(kHash), nullptr);
    EXPECT_EQ(t.table.oldest(kHash).key, 7);
    for (int i = 0; i < 8; ++i) EXPECT_NE(t.table.find(i, kHash, kNow), nullptr) << i;
    t.table.erase(t.table.oldest(kHash));
    EXPECT_EQ(t.table.in_use(), 7U);
    EXPECT_NE(t.add(9, kHash, seconds(1)), nullptr);
}

TEST(CoarseTime, IsNeverZeroAndLastsForYears) {
    EXPECT_EQ(coarse(Instant{}), 1U);
    EXPECT_LT(coarse(Instant{} + std::chrono::hours(24 * 365)),
              coarse(Instant{} + std::chrono::hours(24 * 365 * 8)));
}

}  // namespace
}  // namespace sallyport::tcp

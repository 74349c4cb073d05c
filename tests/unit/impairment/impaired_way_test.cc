// SPDX-License-Identifier: Apache-2.0
#include "tests/impairment/impaired_way.h"

#include <gtest/gtest.h>

#include <bit>

namespace sallyport::test {
namespace {

using namespace std::chrono_literals;

constexpr Instant kStart{1h};

// An IPv4 frame that carries its number.
Frame numbered(std::uint32_t n, std::size_t octets = 100) {
    Frame frame(octets);
    frame[12] = 0x08;
    for (int i = 0; i < 4; ++i) frame[20 + static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(n >> 8 * i);
    return frame;
}

std::uint32_t number_of(const Frame& frame) {
    std::uint32_t n = 0;
    for (int i = 0; i < 4; ++i) n |= std::uint32_t{frame[20 + static_cast<std::size_t>(i)]} << 8 * i;
    return n;
}

struct Left {
    Instant at;
    Frame frame;
    friend bool operator==(const Left&, const Left&) = default;
};

ImpairedWay way_of(std::string_view text, std::uint64_t seed = 1) {
    return {parse_impairment(text).value(), seed};
}

// Everything that is under way, each frame when it is due.
std::vector<Left> drain(ImpairedWay& way) {
    std::vector<Left> out;
    while (way.due() != kNever) {
        const Instant at = way.due();
        while (auto frame = way.take(at)) out.push_back({at, std::move(*frame)});
    }
    return out;
}

// So many frames, one each `gap`, and what came of them.
std::vector<Left> carry(ImpairedWay& way, std::uint32_t count, Duration gap = 100us) {
    std::vector<Left> out;
    for (std::uint32_t n = 0; n < count; ++n) {
        const Instant now = kStart + n * gap;
        for (Instant at = way.due(); at <= now; at = way.due())
            while (auto frame = way.take(at)) out.push_back({at, std::move(*frame)});
        way.put(numbered(n), now);
    }
    for (Left& rest : drain(way)) out.push_back(std::move(rest));
    return out;
}

TEST(ImpairedWay, PassesEverythingAtOnceWhenNothingIsAskedFor) {
    ImpairedWay way = way_of("");
    const auto left = carry(way, 100);
    ASSERT_EQ(left.size(), 100U);
    for (std::uint32_t n = 0; n < 100; ++n) {
        EXPECT_EQ(left[n].at, kStart + n * 100us);
        EXPECT_EQ(left[n].frame, numbered(n));
    }
    EXPECT_EQ(way.counts().left_octets, 100U * 100);
}

TEST(ImpairedWay, NothingLeavesBeforeItsDelay) {
    ImpairedWay way = way_of("delay=10ms");
    way.put(numbered(1), kStart);
    EXPECT_EQ(way.due(), kStart + 10ms);
    EXPECT_FALSE(way.take(kStart + 10ms - 1ns));
    EXPECT_TRUE(way.take(kStart + 10ms));
    EXPECT_EQ(way.due(), kNever);
}

TEST(ImpairedWay, JitterVariesTheDelayAndKeepsTheOrder) {
    ImpairedWay way = way_of("delay=10ms,jitter=5ms");
    const auto left = carry(way, 1000, 10ms);
    ASSERT_EQ(left.size(), 1000U);
    Duration least = 1h, most{};
    for (std::uint32_t n = 0; n < 1000; ++n) {
        EXPECT_EQ(number_of(left[n].frame), n);
        least = std::min(least, left[n].at - (kStart + n * 10ms));
        most = std::max(most, left[n].at - (kStart + n * 10ms));
    }
    EXPECT_GE(least, 10ms);
    EXPECT_LT(least, 10100us);
    EXPECT_GT(most, 14900us);
    EXPECT_LE(most, 15ms);
    EXPECT_EQ(way.counts().overtaken, 0U);
}

TEST(ImpairedWay, LosesAboutAsManyAsAskedForAndCountsThem) {
    ImpairedWay way = way_of("loss=1%");
    const auto left = carry(way, 100'000);
    EXPECT_NEAR(static_cast<double>(way.counts().lost), 1000, 150);
    EXPECT_EQ(left.size() + way.counts().lost, 100'000U);
    EXPECT_EQ(way.counts().left, left.size());
}

// In the bad state for 1 / leave packets, which it enters every 1 / enter.
TEST(ImpairedWay, BurstsLoseSeveralInARow) {
    ImpairedWay way = way_of("burst=0.1%/20%/100%");
    const auto left = carry(way, 200'000);
    const WayCounts& counts = way.counts();
    EXPECT_NEAR(static_cast<double>(counts.bursts), 200, 60);
    EXPECT_NEAR(static_cast<double>(counts.lost_in_bursts) / static_cast<double>(counts.bursts), 5, 1);
    EXPECT_EQ(left.size() + counts.lost_in_bursts, 200'000U);
    std::uint32_t gaps = 0;
    for (std::size_t i = 1; i < left.size(); ++i)
        gaps += number_of(left[i].frame) != number_of(left[i - 1].frame) + 1;
    EXPECT_LE(gaps, counts.bursts);
}

TEST(ImpairedWay, CorruptionTurnsOneBitBehindTheEthernetHeader) {
    ImpairedWay way = way_of("corrupt=10%");
    const auto left = carry(way, 1000);
    std::uint64_t turned = 0;
    for (std::uint32_t n = 0; n < 1000; ++n) {
        const Frame original = numbered(n);
        int bits = 0;
        for (std::size_t i = 0; i < original.size(); ++i) {
            const int here = std::popcount(static_cast<unsigned>(original[i] ^ left[n].frame[i]));
            EXPECT_TRUE(here == 0 || i >= 14);
            bits += here;
        }
        EXPECT_LE(bits, 1);
        turned += static_cast<std::uint64_t>(bits);
    }
    EXPECT_EQ(turned, way.counts().corrupted);
    EXPECT_NEAR(static_cast<double>(turned), 100, 40);
}

TEST(ImpairedWay, DuplicatesFollowTheirOriginals) {
    ImpairedWay way = way_of("duplicate=10%,delay=1ms");
    const auto left = carry(way, 1000);
    EXPECT_EQ(left.size(), 1000U + way.counts().duplicated);
    EXPECT_NEAR(static_cast<double>(way.counts().duplicated), 100, 40);
    EXPECT_EQ(way.counts().overtaken, 0U);
}

TEST(ImpairedWay, ThoseHeldBackAreOvertaken) {
    ImpairedWay way = way_of("reorder=5%/1ms,delay=10ms");
    const auto left = carry(way, 1000, 300us);
    ASSERT_EQ(left.size(), 1000U);
    EXPECT_GT(way.counts().held_back, 20U);
    EXPECT_GE(way.counts().overtaken + 3, way.counts().held_back);  // the last have nobody behind
    std::uint64_t overtaken = 0;
    std::uint32_t highest = 0;
    for (const Left& l : left) {
        overtaken += number_of(l.frame) < highest;
        highest = std::max(highest, number_of(l.frame));
    }
    EXPECT_EQ(overtaken, way.counts().overtaken);
}

// 1000 octets at 8 Mbit/s take a millisecond.
TEST(ImpairedWay, TheRateSpreadsABurstAndTheQueueIsLimited) {
    ImpairedWay way = way_of("rate=8Mbit,queue=10,delay=5ms");
    for (std::uint32_t n = 0; n < 20; ++n) way.put(numbered(n, 1000), kStart);
    EXPECT_EQ(way.counts().queue_full, 9U);  // one is on its way, ten wait
    const auto left = drain(way);
    ASSERT_EQ(left.size(), 11U);
    for (std::uint32_t n = 0; n < 11; ++n) EXPECT_EQ(left[n].at, kStart + 5ms + (n + 1) * 1ms);
    way.put(numbered(99, 1000), kStart + 1s);
    EXPECT_EQ(way.due(), kStart + 1s + 6ms);  // an idle link has saved nothing
}

TEST(ImpairedWay, WithoutIpOnlyDelayed) {
    ImpairedWay way = way_of("loss=100%,corrupt=100%,duplicate=100%,delay=3ms");
    Frame arp(60);
    arp[12] = 0x08, arp[13] = 0x06;
    way.put(arp, kStart);
    const auto left = drain(way);
    ASSERT_EQ(left.size(), 1U);
    EXPECT_EQ(left[0], (Left{kStart + 3ms, arp}));
}

constexpr const char* kMixed = "loss=2%,burst=1%/30%/50%,corrupt=2%,duplicate=2%,reorder=2%/3ms,delay=10ms,jitter=2ms";

TEST(ImpairedWay, TheSameSeedGivesTheSameResult) {
    ImpairedWay a = way_of(kMixed, 7), b = way_of(kMixed, 7), c = way_of(kMixed, 8);
    const auto once = carry(a, 2000);
    EXPECT_EQ(once, carry(b, 2000));
    EXPECT_NE(once, carry(c, 2000));
}

// A run can be compared with one that has an impairment less.
TEST(ImpairedWay, OneImpairmentDoesNotChangeTheOthers) {
    ImpairedWay all = way_of(kMixed, 7), loss = way_of("loss=2%", 7);
    (void)carry(all, 2000);
    (void)carry(loss, 2000);
    // What is lost in a burst and by itself counts as lost in the burst.
    EXPECT_LE(all.counts().lost, loss.counts().lost);
    EXPECT_LE(loss.counts().lost - all.counts().lost, all.counts().lost_in_bursts);
}

}  // namespace
}  // namespace sallyport::test

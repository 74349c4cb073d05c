// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/hold.h"

#include <gtest/gtest.h>

#include <vector>

#include "tcpstack/base/rng.h"

namespace sallyport::dp {
namespace {

using Bytes = std::vector<std::uint8_t>;

struct Fixture {
    explicit Fixture(std::size_t chunks, std::uint32_t limit)
        : items(chunks), links(chunks), pool(items, links) {
        hold.start(limit);
    }
    HoldResult add(std::uint32_t at, const Bytes& b) { return hold.add(pool, at, b); }
    Bytes read(std::uint32_t from, std::uint32_t n) {
        Bytes out(n);
        hold.read(pool, from, out);
        return out;
    }
    std::vector<HoldChunk> items;
    std::vector<std::uint32_t> links;
    HoldPool pool;
    Hold hold;
};

TEST(Hold, TheFirstCopyOfAnOctetWins) {
    Fixture f(8, 2048);
    EXPECT_EQ(f.add(0, {1, 2, 3}), HoldResult::Kept);
    EXPECT_EQ(f.add(0, {9, 9, 9, 4}), HoldResult::Kept);  // acknowledged octets are not compared
    EXPECT_EQ(f.read(0, 4), (Bytes{1, 2, 3, 4}));
}

TEST(Hold, RefusesOtherOctetsForAHeldRangeAndKeepsNothingOfThem) {
    Fixture f(8, 2048);
    EXPECT_EQ(f.add(10, {1, 2, 3}), HoldResult::Kept);
    EXPECT_EQ(f.add(9, {7, 1, 2, 4, 5}), HoldResult::Conflict);
    EXPECT_EQ(f.hold.arrived().highest(), 13U);
    EXPECT_EQ(f.add(9, {7, 1, 2, 3, 5}), HoldResult::Kept);
    EXPECT_EQ(f.read(9, 5), (Bytes{7, 1, 2, 3, 5}));
}

TEST(Hold, TakesChunksOnlyForWhatItKeepsAndGivesAllBack) {
    Fixture f(4, 2048);
    EXPECT_EQ(f.hold.chunks_needed(1000, 100), 2U);
    EXPECT_EQ(f.add(1000, Bytes(100)), HoldResult::Kept);
    EXPECT_EQ(f.hold.chunks_held(), 2U);
    EXPECT_EQ(f.hold.chunks_needed(1000, 100), 0U);
    f.hold.release(f.pool);
    EXPECT_EQ(f.pool.in_use(), 0U);
    EXPECT_EQ(f.hold.chunks_held(), 0U);
}

TEST(Hold, AnEmptyPoolMeansNoRoomUntilItIsSentAgain) {
    Fixture f(1, 2048);
    EXPECT_EQ(f.add(0, Bytes(600, 5)), HoldResult::NoRoom);
    EXPECT_EQ(f.hold.contiguous(), 0U);
    EXPECT_EQ(f.add(0, Bytes(512, 5)), HoldResult::Kept);
    f.hold.release(f.pool);
    EXPECT_EQ(f.pool.in_use(), 0U);
}

// In any order and overlap the octets that are read are those that the stream has.
TEST(Hold, AgreesWithAnArrayOfOctets) {
    constexpr std::uint32_t kSize = 3000;
    for (std::uint64_t seed = 1; seed < 60; ++seed) {
        Rng rng(seed);
        Fixture f(8, kSize);
        Bytes stream(kSize);
        for (auto& b : stream) b = static_cast<std::uint8_t>(rng.next());
        for (int i = 0; i < 4000 && f.hold.contiguous() < kSize; ++i) {
            const std::uint32_t front = f.hold.contiguous();
            const std::uint32_t at = i % 5 == 0 ? front - rng.below(std::min(front + 1, 50U))
                                                : rng.below(kSize);
            const std::uint32_t n = 1 + rng.below(std::min(kSize - at, 400U));
            const Bytes part(stream.begin() + at, stream.begin() + at + n);
            ASSERT_NE(f.add(at, part), HoldResult::Conflict);
            const std::uint32_t have = f.hold.contiguous();
            ASSERT_EQ(f.read(0, have), Bytes(stream.begin(), stream.begin() + have));
        }
        EXPECT_EQ(f.hold.contiguous(), kSize);
        f.hold.release(f.pool);
        ASSERT_EQ(f.pool.in_use(), 0U);
    }
}

}  // namespace
}  // namespace sallyport::dp

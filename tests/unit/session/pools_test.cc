// SPDX-License-Identifier: Apache-2.0
// name_pool.h and source_shares.h.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dataplane/session/name_pool.h"
#include "dataplane/session/source_shares.h"

namespace sallyport::dp {
namespace {

struct Names {
    explicit Names(std::size_t n) : chunks(n), links(n), pool(chunks, links) {}
    std::vector<NameChunk> chunks;
    std::vector<std::uint32_t> links;
    NamePool pool;
    std::string copy(NameId id, std::size_t room = 253) {
        std::vector<char> out(room);
        return {out.data(), pool.copy(id, out)};
    }
};

TEST(NamePool, KeepsNamesOfEveryLength) {
    Names n(16);
    for (std::size_t length = 1; length <= 253; ++length) {
        std::string name(length, 'a');
        for (std::size_t i = 0; i < length; ++i) name[i] = static_cast<char>('a' + i % 26);
        const NameId id = n.pool.keep(name);
        ASSERT_NE(id, kNoIndex);
        EXPECT_EQ(n.copy(id), name);
        EXPECT_EQ(n.copy(id, 5), name.substr(0, 5));
        n.pool.release(id);
        ASSERT_EQ(n.pool.chunks_in_use(), 0U);
    }
}

TEST(NamePool, TakesNothingWhenANameDoesNotFit) {
    Names n(2);
    EXPECT_EQ(n.pool.keep(std::string(60, 'x')), kNoIndex);
    EXPECT_EQ(n.pool.chunks_in_use(), 0U);
    EXPECT_NE(n.pool.keep(std::string(54, 'x')), kNoIndex);
    EXPECT_EQ(n.pool.keep("y"), kNoIndex);
    EXPECT_EQ(n.copy(kNoIndex), "");
}

struct Shares {
    std::vector<SourceShares::Entry> entries = std::vector<SourceShares::Entry>(8);
    SourceShares shares{entries};
    bool may(SourceHash s, std::uint64_t used) {
        return shares.may_take(Resource::Sessions, s, used, 80);
    }
};

TEST(SourceShares, LimitsASourceOnlyWhenTheResourceRunsShort) {
    Shares s;
    s.shares.took(Resource::Sessions, 1, 59);
    EXPECT_TRUE(s.may(1, 59));
    EXPECT_FALSE(s.may(1, 60));   // three quarters are taken, 59 of them by this source
    EXPECT_TRUE(s.may(2, 60));
    s.shares.took(Resource::Sessions, 2, 10);
    EXPECT_FALSE(s.may(2, 60));   // an eighth
    EXPECT_FALSE(s.may(3, 80));   // full
    s.shares.gave_back(Resource::Sessions, 2);
    EXPECT_TRUE(s.may(2, 60));
    EXPECT_FALSE(s.may(2, 70));   // half of what is left
    s.shares.gave_back(Resource::Sessions, 2, 5);
    EXPECT_TRUE(s.may(2, 70));
}

TEST(SourceShares, LeaveSomethingHoweverManyTakeAllTheyCan) {
    constexpr std::uint64_t kCapacity = 1000;
    std::vector<SourceShares::Entry> entries(512);
    SourceShares shares(entries);
    std::uint64_t used = 0;
    for (bool any = true; any;) {
        any = false;
        for (SourceHash s = 1; s <= 100; ++s) {
            if (!shares.may_take(Resource::RelayChunks, s, used, kCapacity)) continue;
            shares.took(Resource::RelayChunks, s);
            ++used;
            any = true;
        }
    }
    EXPECT_GE(kCapacity - used, 15U);
    EXPECT_TRUE(shares.may_take(Resource::RelayChunks, 101, used, kCapacity));
}

TEST(SourceShares, CountsEachResourceByItself) {
    Shares s;
    s.shares.took(Resource::Embryos, 1, 50);
    EXPECT_TRUE(s.may(1, 70));
}

TEST(SourceShares, ForgetsASourceThatHoldsNothing) {
    Shares s;
    for (SourceHash h = 1; h <= 100; ++h) {
        s.shares.took(Resource::Sessions, h, 3);
        s.shares.gave_back(Resource::Sessions, h, 3);
    }
    for (const auto& e : s.entries) EXPECT_EQ(e.source, 0U);
}

TEST(SourceShares, GivesASourceThatItCannotTrackNothingWhenShort) {
    Shares s;
    for (SourceHash h = 1; h <= 8; ++h) s.shares.took(Resource::Sessions, h);
    EXPECT_TRUE(s.may(9, 10));
    EXPECT_FALSE(s.may(9, 70));
}

}  // namespace
}  // namespace sallyport::dp

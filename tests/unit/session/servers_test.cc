// SPDX-License-Identifier: Apache-2.0
// What decides which server a session is sent to, and what one upstream may hold.
#include <gtest/gtest.h>

#include <array>

#include "dataplane/session/address_health.h"
#include "dataplane/session/candidates.h"
#include "dataplane/session/rate_limits.h"
#include "dataplane/session/server_load.h"
#include "dataplane/session/upstream_use.h"
#include "tests/support/frame_builder.h"

namespace sallyport::dp {
namespace {

using namespace std::chrono_literals;
using test::v4;

Endpoint server(std::uint32_t n) { return {Ipv4Addr::from_host(0xc633'6400U + n), {443}}; }

TEST(Candidates, AreTriedByRankAndThenInTheirOrder) {
    Candidates list;
    list.add(server(1), 5);
    list.add(server(2), 0);
    list.add(server(3), 5);
    for (const std::uint32_t n : {2U, 1U, 3U}) {
        ASSERT_NE(list.present(), nullptr);
        EXPECT_EQ(*list.present(), server(n));
        EXPECT_EQ(list.has_next(), n != 3);
        list.skip();
    }
    EXPECT_EQ(list.present(), nullptr);
}

TEST(Candidates, LeaveOutWhatIsWantedLeast) {
    Candidates list;
    for (std::uint32_t n = 0; n < 20; ++n) list.add(server(n), 100 - n);
    for (std::uint32_t n = 19; n > 19 - Candidates::kMax; --n, list.skip())
        EXPECT_EQ(*list.present(), server(n));
    EXPECT_EQ(list.present(), nullptr);
}

TEST(Candidates, HoldAPromotedOneOnce) {
    Candidates list;
    for (std::uint32_t n = 0; n < Candidates::kMax; ++n) list.add(server(n), n + 1);
    list.promote(server(3), 0);
    EXPECT_EQ(*list.present(), server(3));
    list.skip();
    EXPECT_EQ(*list.present(), server(0));
}

TEST(AddressHealth, RestsTwiceAsLongAfterEachFailureInARow) {
    AddressHealth health;
    Instant now = Instant{} + 1000s;
    for (const Duration rest : {Duration(1s), Duration(2s), Duration(4s), Duration(8s), Duration(16s),
                                Duration(32s), Duration(60s), Duration(60s)}) {
        health.failed(7, now);
        EXPECT_TRUE(health.rests(7, now + rest - 1ms));
        EXPECT_FALSE(health.rests(7, now + rest));
        now += rest;
    }
    EXPECT_FALSE(health.rests(8, now));
}

TEST(AddressHealth, ForgetsWithAnAnswerOrWithTime) {
    AddressHealth health;
    const Instant now = Instant{} + 1000s;
    health.failed(7, now);
    health.failed(7, now + 1s);
    health.answered(7);
    EXPECT_FALSE(health.rests(7, now + 1s));
    health.failed(7, now + 2s);
    EXPECT_FALSE(health.rests(7, now + 3s)) << "the first of a new row";
    health.failed(7, now + 200s);
    EXPECT_FALSE(health.rests(7, now + 201s)) << "long after the last one";
}

TEST(AddressHealth, IsBounded) {
    AddressHealth health;
    const Instant now = Instant{} + 1000s;
    for (std::uint64_t n = 1; n < 100'000; ++n) health.failed(n * 2 + 1, now + Duration(n));
    EXPECT_TRUE(health.rests(199'999, now)) << "the latest is known";
}

TEST(ServerLoad, CountsWhatIsOpen) {
    ServerLoad load;
    load.opened(7);
    load.opened(7);
    load.closed(7);
    EXPECT_EQ(load.open(7), 1U);
    EXPECT_EQ(load.open(8), 0U);
}

TEST(Turns, GiveEachShareItsPart) {
    Turns turns;
    std::array<int, 2> got{};
    int row = 0, longest = 0;
    for (int i = 0; i < 1000; ++i) {
        const bool first = share_of_turn(turns.next(3), 100) < 80;
        ++got[first ? 0 : 1];
        row = first ? row + 1 : 0;
        longest = std::max(longest, row);
    }
    EXPECT_NEAR(got[0], 800, 3);
    EXPECT_LE(longest, 8) << "evenly mixed, not in blocks";
}

TEST(UpstreamUse, HoldsEachUpstreamToItsLimit) {
    UpstreamUse use;
    std::uint32_t a = kNoIndex, b = kNoIndex, c = kNoIndex, other = kNoIndex;
    EXPECT_EQ(use.open(1, 0, 2, a), Reason::None);
    EXPECT_EQ(use.open(1, 0, 2, b), Reason::None);
    EXPECT_EQ(use.open(1, 0, 2, c), Reason::ConnectionLimit);
    EXPECT_EQ(use.open(1, 1, 2, other), Reason::None);
    EXPECT_EQ(c, kNoIndex);
    use.close(a);
    EXPECT_EQ(a, kNoIndex);
    EXPECT_EQ(use.open(1, 0, 2, c), Reason::None);
    use.close(a);  // holds nothing
    EXPECT_EQ(use.open(1, 0, 2, a), Reason::ConnectionLimit);
}

TEST(UpstreamUse, RefusesWhatItCannotCount) {
    UpstreamUse use;
    bool full = false;
    std::vector<std::uint32_t> places;
    for (policy::RuleId rule = 1; rule < 5000 && !full; ++rule) {
        std::uint32_t place = kNoIndex;
        full = use.open(rule, 0, 1, place) == Reason::LimitTableFull;
        if (!full) places.push_back(place);
    }
    EXPECT_TRUE(full);
    for (std::uint32_t& place : places) use.close(place);
    std::uint32_t place = kNoIndex;
    EXPECT_EQ(use.open(4999, 0, 1, place), Reason::None);
}

TEST(NewNames, AreCountedForEachSourceAndSecond) {
    NewNames names;
    const Instant now = Instant{} + 1000s;
    EXPECT_TRUE(names.take(5, 2, now));
    EXPECT_TRUE(names.take(5, 2, now));
    EXPECT_FALSE(names.take(5, 2, now + 999ms));
    EXPECT_TRUE(names.take(6, 2, now));
    EXPECT_TRUE(names.take(5, 2, now + 1s));
}

}  // namespace
}  // namespace sallyport::dp

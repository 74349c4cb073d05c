// SPDX-License-Identifier: Apache-2.0
// Two connections over a link that spoils what it can: what goes in comes out, in bounded time.
#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "tests/support/tcp_application.h"

namespace sallyport::tcp {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using test::Agreed;
using test::Pair;
using test::start_of;
using test::step;
using test::TcpLink;
using test::TcpPeer;
using test::TestPool;

constexpr Instant kStart = Pair::kStart;
constexpr std::uint32_t kRoom = 32 * 1024;  // of each receive queue
constexpr std::uint32_t kChunks = 200;

struct Scenery {
    Agreed agreed{};
    std::uint32_t octets[2] = {};
    test::Impairment impairment{};
};

Scenery scenery_of(std::uint64_t seed) {
    Rng rng(seed);
    Scenery s;
    Agreed& agreed = s.agreed;
    agreed.mss = static_cast<std::uint16_t>(rng.below(3) == 0 ? 100 + rng.below(400) : 1460);
    agreed.shift[0] = agreed.shift[1] = static_cast<std::uint8_t>(rng.below(2) == 0 ? 0 : rng.below(9));
    agreed.sack = rng.below(2) == 0;
    agreed.timestamps = rng.below(2) == 0;
    agreed.room[0] = agreed.room[1] = kRoom;
    // Every other connection wraps on its way.
    agreed.iss[0] = SeqNum{static_cast<std::uint32_t>(rng.next())};
    agreed.iss[1] = SeqNum{0U - rng.below(20000)};
    s.octets[0] = rng.below(60000);
    s.octets[1] = rng.below(4) == 0 ? 0 : rng.below(30000);
    s.impairment = {milliseconds(1 + rng.below(60)), milliseconds(rng.below(2) * rng.below(30)),
                    rng.below(3) * rng.below(60), rng.below(2) * rng.below(50)};
    return s;
}

void transfer(std::uint64_t seed) {
    const Scenery s = scenery_of(seed);
    Pair pair(s.agreed, s.octets, s.impairment, seed, kChunks);
    while (!pair.is_over()) {
        pair.act();
        ASSERT_TRUE(pair.step()) << "stalled or gave up; " << pair.told();
        ASSERT_LT(pair.now, kStart + minutes(10));
    }
    pair.expect_exact();
}

TEST(TwoConnections, BringEveryOctetOverALinkThatSpoilsWhatItCan) {
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        transfer(seed);
        if (HasFatalFailure()) return;
    }
}

// With all that may go wrong switched on at once, for the numbers that it brings about.
TEST(TwoConnections, DoTheSameForTheSameSeed) {
    std::uint64_t segments[2];
    for (std::uint64_t& sent : segments) {
        Scenery s = scenery_of(7);
        s.impairment = {milliseconds(20), milliseconds(20), 100, 50};
        Pair pair(s.agreed, {50'000, 0}, s.impairment, 7, kChunks);
        do {
            pair.act();
        } while (pair.step() && !pair.is_over());
        sent = pair.link.sent();
        EXPECT_GT(pair.link.lost(), 0U);
        EXPECT_GT(pair.link.doubled(), 0U);
        EXPECT_GT(pair.link.overtaken(), 0U);
    }
    EXPECT_EQ(segments[0], segments[1]);
}

TEST(TwoConnections, StopAtAReaderThatStopsAndGoOnWithIt) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const Scenery s = scenery_of(seed);
        Pair pair(s.agreed, {200'000, 0}, s.impairment, seed, kChunks);
        TcpPeer& reader = pair.ends[1];
        while (pair.now < kStart + minutes(10)) {
            pair.apps[0].act(0xffff'ffff);
            ASSERT_TRUE(pair.step());
        }
        ASSERT_LE(reader.in().size(), kRoom);
        ASSERT_GE(reader.in().size(), kRoom - 2 * s.agreed.mss - (1U << s.agreed.shift[0]));
        ASSERT_LE(pair.ends[0].tcp().sent(), kRoom + 1);  // with the octet of a probe
        while (!pair.is_over()) {
            pair.act(5000);
            ASSERT_TRUE(pair.step());
            ASSERT_LT(pair.now, kStart + minutes(20));
        }
        pair.expect_exact();
    }
}

// A transfer over a long way whose receiver gives its connection what it asks for, from 64 KiB on.
struct Fat {
    Duration took{};
    std::uint64_t window = 0;  // the largest that was offered
};
Fat transfer_far(bool timestamps, std::uint32_t octets, std::uint32_t reads_at_most) {
    constexpr std::uint64_t kMost = 4U << 20, kFirst = 64U << 10;
    Agreed agreed;
    agreed.shift[0] = agreed.shift[1] = 7;
    agreed.sack = true;
    agreed.timestamps = timestamps;
    agreed.room[0] = kRoom;
    agreed.room[1] = kFirst;
    const ConnectionStart at_a = start_of(agreed, 0), at_b = start_of(agreed, 1);
    TestPool pool(4096);
    TcpPeer a(at_a, pool, kStart), b(at_b, pool, kStart);
    TcpLink link(a, b, {milliseconds(25), {}, 0, 0}, 1);
    Instant now = kStart;
    std::uint64_t written = 0, read = 0;
    const std::string part(100'000, 'f');
    Fat fat;
    while (read < octets && now < kStart + minutes(2)) {
        while (written < octets && a.out().size() < 2 * kMost && a.write(part)) written += part.size();
        read += b.read(reads_at_most).size();
        b.tcp().on_read(read, now);
        const std::uint64_t size = std::min(std::max(b.tcp().window_demand(), kFirst), kMost);
        b.tcp().offer(static_cast<std::uint32_t>(size - std::min(size, b.in().size())));
        fat.window = std::max(fat.window, size);
        if (!step(link, now)) break;
    }
    fat.took = now - kStart;
    return fat;
}

TEST(TwoConnections, FillALongWayBecauseTheWindowGrows) {
    for (const bool timestamps : {false, true}) {
        // With 64 KiB a round trip this takes eight seconds.
        const Fat fat = transfer_far(timestamps, 10'000'000, 0xffff'ffff);
        EXPECT_LT(fat.took, milliseconds(1200)) << timestamps;
        EXPECT_GT(fat.window, 1'000'000U) << timestamps;
    }
}

TEST(TwoConnections, KeepASmallWindowForASlowReader) {
    const Fat fat = transfer_far(true, 1'000'000, 200);
    EXPECT_LE(fat.window, 256U << 10);
}

// Both numbers wrap at once, and again 4 GiB later.
TEST(TwoConnections, CarryMoreThanFourGibibytesEachWay) {
    constexpr std::uint64_t kOctets = (std::uint64_t{1} << 32) + (200U << 20);
    constexpr std::uint32_t kSegment = 60'000, kWindow = 1U << 20;
    Agreed agreed;
    agreed.iss[0] = agreed.iss[1] = SeqNum{0xffff'ff00};
    agreed.mss = kSegment;
    agreed.shift[0] = agreed.shift[1] = 7;
    agreed.sack = true;
    agreed.room[0] = agreed.room[1] = kWindow;
    const ConnectionStart start = start_of(agreed, 0);
    TestPool pool(4 * kWindow / kChunkOctets);
    TcpPeer ends[2] = {{start, pool, kStart}, {start, pool, kStart}};
    std::uint64_t written[2] = {}, read[2] = {};
    std::string part(kSegment, '\0');
    Instant now = kStart;
    while (read[0] < kOctets || read[1] < kOctets) {
        now += milliseconds(1);
        for (int i : {0, 1}) {
            TcpPeer &from = ends[i], &to = ends[1 - i];
            while (written[i] < kOctets && from.out().size() < kWindow) {
                std::memcpy(part.data(), &written[i], sizeof written[i]);  // each part is another
                ASSERT_TRUE(from.write(part));
                written[i] += part.size();
            }
            while (const auto segment = from.next(now)) ASSERT_EQ(to.receive(*segment, now), Input::Accepted);
            const std::uint64_t begin = read[i] - read[i] % kSegment;
            const std::string got = to.read(kWindow);
            for (std::uint64_t at = begin; at < read[i] + got.size(); at += kSegment)
                if (at >= read[i] && at + sizeof at <= read[i] + got.size()) {
                    ASSERT_EQ(std::memcmp(got.data() + (at - read[i]), &at, sizeof at), 0) << at;
                }
            read[i] += got.size();
            to.tcp().offer(kWindow);
        }
    }
    EXPECT_EQ(ends[0].tcp().received(), ends[1].tcp().sent());
    EXPECT_GE(ends[0].tcp().received(), kOctets);
}

TEST(TwoConnections, GiveUpWhenTheLinkIsCut) {
    const Scenery s = scenery_of(1);
    Pair pair(s.agreed, {50'000, 0}, s.impairment, 1, kChunks);
    for (int i = 0; i < 20; ++i) {
        pair.act();
        ASSERT_TRUE(pair.step());
    }
    pair.link.impair({milliseconds(1), {}, 1000, 0});
    const Instant cut = pair.now;
    while (pair.step()) ASSERT_LT(pair.now, cut + minutes(5));
    EXPECT_EQ(pair.ends[0].tcp().state(), TcpState::Closed);
    EXPECT_LE(pair.now - cut, kUserTimeout + seconds(1));
}

}  // namespace
}  // namespace sallyport::tcp

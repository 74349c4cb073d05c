// SPDX-License-Identifier: Apache-2.0
// Two connections over a link that spoils what it can: what goes in comes out, in bounded time.
#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "tests/support/tcp_application.h"
#include "tests/support/tcp_link.h"

namespace sallyport::tcp {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using test::Application;
using test::Impairment;
using test::is_over;
using test::random_octets;
using test::step;
using test::TcpLink;
using test::TcpPeer;
using test::TestPool;
using test::told_of;

constexpr Instant kStart = Instant{} + seconds(1000);
constexpr std::uint32_t kRoom = 32 * 1024;  // of each receive queue

struct Scenery {
    std::uint16_t mss = 1460;
    std::uint8_t shift = 0;
    bool sack = false, timestamps = false;
    SeqNum iss_a{}, iss_b{};
    std::uint32_t octets_a = 0, octets_b = 0;
    Impairment impairment{};
};

Scenery scenery_of(std::uint64_t seed) {
    Rng rng(seed);
    Scenery s;
    s.mss = static_cast<std::uint16_t>(rng.below(3) == 0 ? 100 + rng.below(400) : 1460);
    s.shift = static_cast<std::uint8_t>(rng.below(2) == 0 ? 0 : rng.below(9));
    s.sack = rng.below(2) == 0;
    s.timestamps = rng.below(2) == 0;
    // Every other connection wraps on its way.
    s.iss_a = SeqNum{static_cast<std::uint32_t>(rng.next())};
    s.iss_b = SeqNum{0U - rng.below(20000)};
    s.octets_a = rng.below(60000);
    s.octets_b = rng.below(4) == 0 ? 0 : rng.below(30000);
    s.impairment = {milliseconds(1 + rng.below(60)), milliseconds(rng.below(2) * rng.below(30)),
                    rng.below(3) * rng.below(60), rng.below(2) * rng.below(50)};
    return s;
}

ConnectionStart start_of(const Scenery& s, bool is_a) {
    ConnectionStart start;
    start.iss = is_a ? s.iss_a : s.iss_b;
    start.irs = is_a ? s.iss_b : s.iss_a;
    start.snd_mss = s.mss;
    start.snd_shift = start.rcv_shift = s.shift;
    start.sack = s.sack;
    start.timestamps = s.timestamps;
    start.ts_recent = start.ts_sent = TsVal{0xffff'fff0};
    start.snd_wnd = start.offered = kRoom;
    return start;
}

void transfer(std::uint64_t seed) {
    const Scenery s = scenery_of(seed);
    TestPool pool(200);
    {
        TcpPeer a(start_of(s, true), pool, kStart), b(start_of(s, false), pool, kStart);
        Application app_a(a, random_octets(seed, s.octets_a), kRoom);
        Application app_b(b, random_octets(seed + 1, s.octets_b), kRoom);
        TcpLink link(a, b, s.impairment, seed);
        Instant now = kStart;
        while (!is_over(a) || !is_over(b)) {
            app_a.act(0xffff'ffff);
            app_b.act(0xffff'ffff);
            ASSERT_TRUE(step(link, now))
                << "stalled or gave up; a: " << told_of(a, now) << "; b: " << told_of(b, now);
            ASSERT_LT(now, kStart + minutes(10));
        }
        app_a.act(0xffff'ffff);
        app_b.act(0xffff'ffff);
        ASSERT_TRUE(app_a.got() == app_b.sends());
        ASSERT_TRUE(app_b.got() == app_a.sends());
        ASSERT_EQ(pool->in_use(), 0U);
    }
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
        TestPool pool(200);
        TcpPeer a(start_of(s, true), pool, kStart), b(start_of(s, false), pool, kStart);
        Application app_a(a, random_octets(1, 50'000), kRoom), app_b(b, "", kRoom);
        TcpLink link(a, b, s.impairment, 7);
        Instant now = kStart;
        do {
            app_a.act(0xffff'ffff);
            app_b.act(0xffff'ffff);
        } while (step(link, now) && (!is_over(a) || !is_over(b)));
        sent = link.sent();
        EXPECT_GT(link.lost(), 0U);
        EXPECT_GT(link.doubled(), 0U);
        EXPECT_GT(link.overtaken(), 0U);
    }
    EXPECT_EQ(segments[0], segments[1]);
}

TEST(TwoConnections, StopAtAReaderThatStopsAndGoOnWithIt) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const Scenery s = scenery_of(seed);
        TestPool pool(200);
        TcpPeer a(start_of(s, true), pool, kStart), b(start_of(s, false), pool, kStart);
        Application app_a(a, random_octets(seed, 200'000), kRoom), app_b(b, "", kRoom);
        TcpLink link(a, b, s.impairment, seed);
        Instant now = kStart;
        while (now < kStart + minutes(10)) {
            app_a.act(0xffff'ffff);
            ASSERT_TRUE(step(link, now));
        }
        ASSERT_LE(b.in().size(), kRoom);
        ASSERT_GE(b.in().size(), kRoom - 2 * s.mss - (1U << s.shift));
        ASSERT_LE(a.tcp().sent(), kRoom + 1);  // with the octet of a probe
        while (!is_over(a) || !is_over(b)) {
            app_a.act(0xffff'ffff);
            app_b.act(5000);
            ASSERT_TRUE(step(link, now));
            ASSERT_LT(now, kStart + minutes(20));
        }
        app_b.act(0xffff'ffff);
        ASSERT_TRUE(app_b.got() == app_a.sends());
    }
}

// A transfer over a long way whose receiver gives its connection what it asks for, from 64 KiB on.
struct Fat {
    Duration took{};
    std::uint64_t window = 0;  // the largest that was offered
};
Fat transfer_far(bool timestamps, std::uint32_t octets, std::uint32_t reads_at_most) {
    constexpr std::uint64_t kMost = 4U << 20, kFirst = 64U << 10;
    Scenery s{.shift = 7, .sack = true, .timestamps = timestamps};
    ConnectionStart at_a = start_of(s, true), at_b = start_of(s, false);
    at_a.snd_wnd = at_b.offered = kFirst;
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
    ConnectionStart start = start_of({.mss = kSegment, .shift = 7, .sack = true}, true);
    start.iss = start.irs = SeqNum{0xffff'ff00};
    start.snd_wnd = start.offered = kWindow;
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
    TestPool pool(200);
    TcpPeer a(start_of(s, true), pool, kStart), b(start_of(s, false), pool, kStart);
    Application app_a(a, random_octets(1, 50'000), kRoom), app_b(b, "", kRoom);
    TcpLink link(a, b, s.impairment, 1);
    Instant now = kStart;
    for (int i = 0; i < 20; ++i) {
        app_a.act(0xffff'ffff);
        app_b.act(0xffff'ffff);
        ASSERT_TRUE(step(link, now));
    }
    link.impair({milliseconds(1), {}, 1000, 0});
    const Instant cut = now;
    while (step(link, now)) ASSERT_LT(now, cut + minutes(5));
    EXPECT_EQ(a.tcp().state(), TcpState::Closed);
    EXPECT_LE(now - cut, kUserTimeout + seconds(1));
}

}  // namespace
}  // namespace sallyport::tcp

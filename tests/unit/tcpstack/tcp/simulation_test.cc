// SPDX-License-Identifier: Apache-2.0
// Random lives of two connections over random links, each from a seed and in packets of either family:
// whatever the link and the applications do, octets arrive once and in order, no buffer exceeds its
// limit, no packet its path, no state moves but as the table says, and everything ends.
// SALLYPORT_LONG=1 plays ten times as many.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "tests/support/state_moves.h"
#include "tests/support/tcp_application.h"

namespace sallyport::tcp {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using test::Agreed;
using test::Pair;
using test::TcpPeer;
using test::TcpWire;

constexpr Instant kStart = Pair::kStart;
constexpr std::uint32_t kPoolChunks = 600;
constexpr std::uint32_t kMtu = 1500;

struct Scenery {
    Agreed agreed{};
    std::uint32_t octets[2] = {};
    std::uint32_t reads[2] = {};  // at most so many octets at a time
    Duration pause[2] = {};       // between two reads; zero: reads whatever comes at once
    test::Impairment impairment{};
    Instant cut_from = kNever, cut_to = kNever;  // the link loses everything
    Instant narrow_from = kNever;                // packets may be so large from then on:
    std::uint32_t narrow_mtu = kMtu;
    Instant abort_at = kNever;                   // the first end gives up
};

void vary_link(Scenery& s, const TcpWire& wire, Rng& rng) {
    s.impairment.delay = milliseconds(rng.below(4) == 0 ? 100 + rng.below(400) : 1 + rng.below(60));
    s.impairment.jitter = milliseconds(rng.below(2) * rng.below(40));
    s.impairment.loss = rng.below(3) * rng.below(80);
    s.impairment.duplication = rng.below(2) * rng.below(50);
    s.impairment.corruption = rng.below(3) == 0 ? rng.below(50) : 0;
    s.impairment.mtu = kMtu;
    if (rng.below(2) == 0) {
        s.impairment.rate = 20'000 + rng.below(1'000'000);
        s.impairment.queue = 3000 + rng.below(60'000);
    }
    // Shorter than the user timeout, however long the last round trip before it was.
    if (rng.below(4) == 0) {
        s.cut_from = kStart + milliseconds(rng.below(3000));
        s.cut_to = s.cut_from + seconds(1 + rng.below(50));
    }
    if (rng.below(3) == 0) {
        s.narrow_from = kStart + milliseconds(rng.below(2000));
        s.narrow_mtu = wire.least_mtu() + rng.below(kMtu - wire.least_mtu());
    }
}

void vary_applications(Scenery& s, Rng& rng) {
    for (int end : {0, 1}) {
        s.octets[end] = rng.below(5) == 0 ? 0 : rng.below(60'000);
        s.agreed.room[end] = 2048 + rng.below(8) * rng.below(30'000);
        s.reads[end] = rng.below(3) == 0 ? 500 + rng.below(5000) : 0xffff'ffff;
        if (rng.below(4) == 0) s.pause[end] = milliseconds(1 + rng.below(700));
    }
    if (rng.below(10) == 0) s.abort_at = kStart + milliseconds(rng.below(5000));
}

Scenery scenery_of(std::uint64_t seed, const TcpWire& wire) {
    Rng rng(seed ^ 0x5eed);
    Scenery s;
    vary_link(s, wire, rng);
    vary_applications(s, rng);
    Agreed& agreed = s.agreed;
    agreed.iss[0] = SeqNum{static_cast<std::uint32_t>(rng.next())};
    agreed.iss[1] = SeqNum{0U - rng.below(20'000)};
    agreed.mss = rng.below(3) == 0 ? static_cast<std::uint16_t>(40 + rng.below(500)) : wire.mss_of(kMtu);
    agreed.sack = rng.below(4) != 0;
    agreed.timestamps = rng.below(2) == 0;
    agreed.shift[0] = static_cast<std::uint8_t>(rng.below(9));
    agreed.shift[1] = static_cast<std::uint8_t>(rng.below(2) * rng.below(15));
    // An owner that has less than a few units of its scale could never say so.
    for (int end : {0, 1}) agreed.room[end] = std::max(agreed.room[end], 4U << agreed.shift[end]);
    return s;
}

class Life {
   public:
    Life(std::uint64_t seed, Family family)
        : wire_(family),
          s_(scenery_of(seed, wire_)),
          pair_(s_.agreed, s_.octets, s_.impairment, seed, kPoolChunks, &wire_) {}

    void live() {
        for (int events = 0; !pair_.is_over(); ++events) {
            ASSERT_LT(events, 200'000);
            ASSERT_LT(now(), kStart + minutes(40)) << told();
            act();
            if (testing::Test::HasFatalFailure() || given_up()) return;
            spoil();
            if (!pair_.step(next_read())) {
                ASSERT_TRUE(may_give_up()) << "stalled or gave up: " << told();
                gave_up = true;
                return;
            }
            watch();
        }
        pair_.expect_exact();
    }
    bool gave_up = false;
    const test::TcpLink& link() const { return pair_.link; }

    std::string told() {
        const auto ms = [](Duration d) { return std::to_string(d / milliseconds(1)) + " ms "; };
        const test::Impairment& i = s_.impairment;
        return pair_.told() + "; after " + ms(now() - kStart) + "delay " + ms(i.delay) + "jitter " + ms(i.jitter) +
               "loss " + std::to_string(i.loss) + " rate " + std::to_string(i.rate) + " queue " +
               std::to_string(i.queue) + " mtu " + std::to_string(s_.narrow_mtu) +
               (s_.cut_from == kNever ? "" : " cut at " + ms(s_.cut_from - kStart) + "until " + ms(s_.cut_to - kStart));
    }

   private:
    // Applications read when their pause is over, and write whenever there is room.
    void act() {
        for (int end : {0, 1}) {
            const bool reads = now() >= read_at_[end];
            pair_.apps[end].act(reads ? s_.reads[end] : 0);
            if (reads && s_.pause[end] > Duration{}) read_at_[end] = now() + s_.pause[end];
        }
    }
    Instant next_read() const {
        Instant next = kNever;
        for (int end : {0, 1})
            if (s_.pause[end] > Duration{}) next = std::min(next, read_at_[end]);
        return std::min(next, s_.abort_at > now() ? s_.abort_at : kNever);
    }
    // What has come is a beginning of what was sent, also when the end came early.
    bool given_up() {
        if (now() < s_.abort_at) return false;
        TcpPeer& first = pair_.ends[0];
        (void)first.tcp().abort(now());
        EXPECT_EQ(first.tcp().state(), TcpState::Closed);
        EXPECT_EQ(first.tcp().deadline(), kNever);
        EXPECT_FALSE(first.next(now()).has_value());
        for (int end : {0, 1}) EXPECT_TRUE(pair_.apps[1 - end].sends().starts_with(pair_.apps[end].got()));
        return true;
    }
    // On a link that is cut or very bad all repetitions of one segment may get lost: then an end has
    // waited for the user timeout.
    bool may_give_up() {
        const bool a = pair_.ends[0].tcp().state() == TcpState::Closed;
        const bool b = pair_.ends[1].tcp().state() == TcpState::Closed;
        const int end = a ? 0 : 1;
        return (a || b) && now() >= progress_at_[end] + kUserTimeout;
    }
    void spoil() {
        test::Impairment impairment = s_.impairment;
        if (now() >= s_.cut_from && now() < s_.cut_to) impairment.loss = 1000;
        if (now() >= s_.narrow_from) impairment.mtu = s_.narrow_mtu;
        pair_.link.impair(impairment);
    }
    void watch() {
        std::uint32_t held = 0;
        for (int end : {0, 1}) {
            TcpPeer& peer = pair_.ends[end];
            const TcpState state = peer.tcp().state();
            ASSERT_TRUE(test::is_reachable(states_[end], state))
                << text(states_[end]) << " became " << text(state);
            states_[end] = state;
            if (peer.tcp().acked() != acked_[end]) progress_at_[end] = now();
            acked_[end] = peer.tcp().acked();
            held += peer.in().chunks_held() + peer.out().chunks_held();
        }
        ASSERT_EQ(held, pair_.pool->in_use());
        ASSERT_EQ(pair_.link.misread(), 0U);
        ASSERT_TRUE(now() >= s_.narrow_from || pair_.link.too_big() == 0) << "a packet larger than the path";
    }
    Instant now() const { return pair_.now; }

    TcpWire wire_;
    Scenery s_;
    Pair pair_;
    Instant read_at_[2] = {kStart, kStart};
    std::uint64_t acked_[2] = {};
    Instant progress_at_[2] = {kStart, kStart};
    TcpState states_[2] = {TcpState::Established, TcpState::Established};
};

class Simulation : public testing::TestWithParam<Family> {};

TEST_P(Simulation, EveryLifeEndsWithEveryOctetInItsPlace) {
    const std::uint64_t lives = std::getenv("SALLYPORT_LONG") != nullptr ? 10'000 : 1000;
    std::uint64_t gave_up = 0, corrupted = 0, too_big = 0;
    for (std::uint64_t seed = 0; seed < lives; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Life life(seed, GetParam());
        life.live();
        if (HasFailure()) return;
        gave_up += life.gave_up ? 1 : 0;
        corrupted += life.link().corrupted();
        too_big += life.link().too_big() > 0 ? 1U : 0U;
    }
    EXPECT_LE(gave_up, lives / 50);
    EXPECT_GT(corrupted, lives) << "packets";
    EXPECT_GT(too_big, lives / 20) << "lives in which a path became too narrow";
}

INSTANTIATE_TEST_SUITE_P(Of, Simulation, testing::Values(Family::V4, Family::V6),
                         [](const auto& family) { return family.param == Family::V4 ? "v4" : "v6"; });

}  // namespace
}  // namespace sallyport::tcp

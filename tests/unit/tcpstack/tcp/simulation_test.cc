// SPDX-License-Identifier: Apache-2.0
// Random lives of two connections over random links, each from a seed: whatever the link and the
// applications do, octets arrive once and in order, no buffer exceeds its limit, no state moves but
// as the table says, and everything ends. SALLYPORT_LONG=1 plays twenty times as many.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "tests/support/tcp_application.h"

namespace sallyport::tcp {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using test::Application;
using test::TcpLink;
using test::TcpPeer;
using test::TestPool;

constexpr Instant kStart = Instant{} + seconds(1000);
constexpr std::uint32_t kPoolChunks = 600;

struct Scenery {
    ConnectionStart start[2];
    std::uint32_t octets[2] = {}, room[2] = {};
    std::uint32_t reads[2] = {};  // at most so many octets at a time
    Duration pause[2] = {};       // between two reads; zero: reads whatever comes at once
    test::Impairment impairment{};
    Instant cut_from = kNever, cut_to = kNever;  // the link loses everything
    Instant abort_at = kNever;                   // the first end gives up
};

void vary_link(Scenery& s, Rng& rng) {
    s.impairment.delay = milliseconds(rng.below(4) == 0 ? 100 + rng.below(400) : 1 + rng.below(60));
    s.impairment.jitter = milliseconds(rng.below(2) * rng.below(40));
    s.impairment.loss = rng.below(3) * rng.below(80);
    s.impairment.duplication = rng.below(2) * rng.below(50);
    if (rng.below(2) == 0) {
        s.impairment.rate = 20'000 + rng.below(1'000'000);
        s.impairment.queue = 3000 + rng.below(60'000);
    }
    // Shorter than the user timeout, however long the last round trip before it was.
    if (rng.below(4) == 0) {
        s.cut_from = kStart + milliseconds(rng.below(3000));
        s.cut_to = s.cut_from + seconds(1 + rng.below(50));
    }
}

void vary_applications(Scenery& s, Rng& rng) {
    for (int end : {0, 1}) {
        s.octets[end] = rng.below(5) == 0 ? 0 : rng.below(60'000);
        s.room[end] = 2048 + rng.below(8) * rng.below(30'000);
        s.reads[end] = rng.below(3) == 0 ? 500 + rng.below(5000) : 0xffff'ffff;
        if (rng.below(4) == 0) s.pause[end] = milliseconds(1 + rng.below(700));
    }
    if (rng.below(10) == 0) s.abort_at = kStart + milliseconds(rng.below(5000));
}

Scenery scenery_of(std::uint64_t seed) {
    Rng rng(seed ^ 0x5eed);
    Scenery s;
    vary_link(s, rng);
    vary_applications(s, rng);
    const SeqNum isn[] = {SeqNum{static_cast<std::uint32_t>(rng.next())}, SeqNum{0U - rng.below(20'000)}};
    const auto mss = static_cast<std::uint16_t>(rng.below(3) == 0 ? 40 + rng.below(500) : 1460);
    const bool sack = rng.below(4) != 0, timestamps = rng.below(2) == 0;
    const std::uint8_t shift[] = {static_cast<std::uint8_t>(rng.below(9)),
                                  static_cast<std::uint8_t>(rng.below(2) * rng.below(15))};
    // An owner that has less than a few units of its scale could never say so.
    for (int end : {0, 1}) s.room[end] = std::max(s.room[end], 4U << shift[end]);
    for (int end : {0, 1}) {
        ConnectionStart& start = s.start[end];
        start.iss = isn[end];
        start.irs = isn[1 - end];
        start.snd_mss = mss;
        start.rcv_shift = shift[end];
        start.snd_shift = shift[1 - end];
        start.sack = sack;
        start.timestamps = timestamps;
        start.ts_recent = start.ts_sent = TsVal{0xffff'fff0};
        start.offered = s.room[end];
        start.snd_wnd = s.room[1 - end];
    }
    return s;
}

// Whether `to` can be reached, by any number of moves that the table has.
bool reachable(TcpState from, TcpState to, int moves = 4) {
    if (from == to) return true;
    for (std::size_t i = 0; moves > 0 && i < kTcpStateCount; ++i) {
        const auto next = static_cast<TcpState>(i);
        if (next != TcpState::Closed && is_legal_move(from, next) && reachable(next, to, moves - 1))
            return true;
    }
    return to == TcpState::Closed;
}

class Life {
   public:
    explicit Life(std::uint64_t seed)
        : s_(scenery_of(seed)),
          a_(s_.start[0], pool_, kStart),
          b_(s_.start[1], pool_, kStart),
          apps_{{a_, test::random_octets(seed, s_.octets[0]), s_.room[0]},
                {b_, test::random_octets(seed + 1, s_.octets[1]), s_.room[1]}},
          link_(a_, b_, s_.impairment, seed) {}

    void live() {
        for (int events = 0; !(test::is_over(a_) && test::is_over(b_)); ++events) {
            ASSERT_LT(events, 200'000);
            ASSERT_LT(now_, kStart + minutes(40)) << told();
            act();
            if (testing::Test::HasFatalFailure() || given_up()) return;
            spoil();
            if (!test::step(link_, now_, next_read())) {
                ASSERT_TRUE(may_give_up()) << "stalled or gave up: " << told();
                gave_up = true;
                return;
            }
            watch();
        }
        for (Application& app : apps_) app.act(0xffff'ffff);
        ASSERT_TRUE(apps_[0].got() == apps_[1].sends());
        ASSERT_TRUE(apps_[1].got() == apps_[0].sends());
        ASSERT_EQ(pool_->in_use(), 0U);
    }
    bool gave_up = false;

    std::string told() {
        const auto ms = [](Duration d) { return std::to_string(d / milliseconds(1)) + " ms "; };
        const test::Impairment& i = s_.impairment;
        return "a: " + test::told_of(a_, now_) + "; b: " + test::told_of(b_, now_) + "; after " +
               ms(now_ - kStart) + "delay " + ms(i.delay) + "jitter " + ms(i.jitter) + "loss " +
               std::to_string(i.loss) + " rate " + std::to_string(i.rate) + " queue " +
               std::to_string(i.queue) + (s_.cut_from == kNever ? "" : " cut at " + ms(s_.cut_from - kStart) +
               "until " + ms(s_.cut_to - kStart));
    }

   private:
    // Applications read when their pause is over, and write whenever there is room.
    void act() {
        for (int end : {0, 1}) {
            const bool reads = now_ >= read_at_[end];
            apps_[end].act(reads ? s_.reads[end] : 0);
            if (reads && s_.pause[end] > Duration{}) read_at_[end] = now_ + s_.pause[end];
        }
    }
    Instant next_read() const {
        Instant next = kNever;
        for (int end : {0, 1})
            if (s_.pause[end] > Duration{}) next = std::min(next, read_at_[end]);
        return std::min(next, s_.abort_at > now_ ? s_.abort_at : kNever);
    }
    // What has come is a beginning of what was sent, also when the end came early.
    bool given_up() {
        if (now_ < s_.abort_at) return false;
        (void)a_.tcp().abort(now_);
        EXPECT_EQ(a_.tcp().state(), TcpState::Closed);
        EXPECT_EQ(a_.tcp().deadline(), kNever);
        EXPECT_FALSE(a_.next(now_).has_value());
        for (int end : {0, 1}) EXPECT_TRUE(apps_[1 - end].sends().starts_with(apps_[end].got()));
        return true;
    }
    // On a link that is cut or very bad all repetitions of one segment may get lost: then an end has
    // waited for the user timeout.
    bool may_give_up() {
        const bool a = a_.tcp().state() == TcpState::Closed, b = b_.tcp().state() == TcpState::Closed;
        const int end = a ? 0 : 1;
        return (a || b) && now_ >= progress_at_[end] + kUserTimeout;
    }
    void spoil() {
        test::Impairment now = s_.impairment;
        if (now_ >= s_.cut_from && now_ < s_.cut_to) now.loss = 1000;
        link_.impair(now);
    }
    void watch() {
        TcpPeer* const peers[] = {&a_, &b_};
        for (int end : {0, 1}) {
            const TcpState state = peers[end]->tcp().state();
            ASSERT_TRUE(reachable(states_[end], state))
                << text(states_[end]) << " became " << text(state);
            states_[end] = state;
            if (peers[end]->tcp().acked() != acked_[end]) progress_at_[end] = now_;
            acked_[end] = peers[end]->tcp().acked();
        }
        ASSERT_EQ(a_.in().chunks_held() + a_.out().chunks_held() + b_.in().chunks_held() +
                      b_.out().chunks_held(),
                  pool_->in_use());
    }

    Scenery s_;
    TestPool pool_{kPoolChunks};
    TcpPeer a_, b_;
    Application apps_[2];
    TcpLink link_;
    Instant now_ = kStart, read_at_[2] = {kStart, kStart};
    std::uint64_t acked_[2] = {};
    Instant progress_at_[2] = {kStart, kStart};
    TcpState states_[2] = {TcpState::Established, TcpState::Established};
};

TEST(Simulation, EveryLifeEndsWithEveryOctetInItsPlace) {
    const std::uint64_t lives = std::getenv("SALLYPORT_LONG") != nullptr ? 10'000 : 500;
    std::uint64_t gave_up = 0;
    for (std::uint64_t seed = 0; seed < lives; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Life life(seed);
        life.live();
        if (HasFailure()) return;
        gave_up += life.gave_up ? 1 : 0;
    }
    EXPECT_LE(gave_up, lives / 50);
}

}  // namespace
}  // namespace sallyport::tcp

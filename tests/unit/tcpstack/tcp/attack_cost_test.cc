// SPDX-License-Identifier: Apache-2.0
// What a hostile peer can make a connection do: for each way, how many segments are sent for those
// that come in and how much memory is held. Counted, never timed; the loops on the way are bounded by
// the constants below.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/tcp_talk.h"

namespace sallyport::tcp {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using test::Said;
using test::Talk;

// Whatever a peer says, a segment of it is compared with so many ranges and spans, and no more.
static_assert(Reassembly::kRangesMax == 16);
static_assert(Scoreboard::kSpansMax == 32);

constexpr int kStorm = 10'000;

// How many segments were said.
std::size_t count(const std::string& said) {
    return said.empty() ? 0U : 1U + static_cast<std::size_t>(std::count(said.begin(), said.end(), '|'));
}

struct Cost {
    std::size_t most = 0, all = 0;
    void add(const std::string& said) {
        most = std::max(most, count(said));
        all += count(said);
    }
};

TEST(AttackCost, OfTenThousandHolesOfOneOctet) {
    ConnectionStart start = Talk::plain();
    start.offered = 60'000;
    start.sack = true;
    Talk talk(start);
    Cost cost;
    for (int i = 0; i < kStorm; ++i) cost.add(talk.answer({.seq = 2 * i + 1, .text = "x"}));
    EXPECT_EQ(cost.most, 1U);
    // Sixteen octets are kept, the last of them in the first chunk.
    EXPECT_EQ(talk.peer().in().chunks_held(), 1U);
    // Those in holes that were kept are as good as any others; the rest has to be sent again.
    EXPECT_EQ(talk.hear({.text = std::string(2 * kStorm, 'x')}), Input::Accepted);
    EXPECT_EQ(talk.tcp().received(), 2U * kStorm);
}

TEST(AttackCost, OfHolesAllOverTheWindow) {
    ConnectionStart start = Talk::plain();
    start.offered = 60'000;
    Talk talk(start);
    for (int i = 0; i < kStorm; ++i) talk.answer({.seq = (i * 7919) % 60'000 + 1, .text = "x"});
    EXPECT_LE(talk.peer().in().chunks_held(), start.offered / kChunkOctets + 1);
}

// CVE-2019-11477, -11478 and -11479: blocks that cut what is in flight into the smallest pieces, of a
// peer that asks for the smallest segments.
TEST(AttackCost, OfSackStormsOnTinySegments) {
    ConnectionStart start = Talk::plain();
    start.snd_mss = 1;
    start.sack = start.timestamps = true;
    start.snd_wnd = 60'000;
    Talk talk(start);
    talk.write(60'000);
    Cost first;
    first.add(talk.said());
    EXPECT_EQ(first.all, 10U);
    // The window grows by what is acknowledged, so that there is something to cut.
    std::int64_t acked = 0;
    for (int i = 0; i < 6; ++i) {
        acked = static_cast<std::int64_t>(talk.tcp().sent());
        talk.answer({.ack = acked, .win = 60'000});
    }
    ASSERT_GT(talk.tcp().sender().flight(), 1000U);
    const std::int64_t end = static_cast<std::int64_t>(talk.tcp().sent());
    Cost cost;
    for (int i = 0; i < kStorm; ++i) {
        Said said{.ack = acked, .win = 60'000};
        for (int block = 0; block < 3; ++block) {
            const std::int64_t at = acked + 1 + (i * 3 + block) * 2 % (end - acked - 2);
            said.sack.emplace_back(at, at + 1);
        }
        cost.add(talk.answer(said));
        talk.pass(microseconds(10));
    }
    EXPECT_LE(cost.most, 12U);
    EXPECT_LE(cost.all, 2U * kStorm);
    EXPECT_EQ(static_cast<std::int64_t>(talk.tcp().acked()), acked);
}

// What is answered by a challenge, is so twice a second, however much comes (RFC 5961 section 7).
TEST(AttackCost, OfForgedResetsAndSyns) {
    Talk talk;
    Cost cost;
    for (int i = 0; i < kStorm; ++i) {
        cost.add(talk.answer({.seq = 1 + i % 1000, .flags = wire::kRst}));
        cost.add(talk.answer({.seq = i, .flags = wire::kSyn}));
        cost.add(talk.answer({.seq = 100'000 + i}));
        cost.add(talk.answer({.ack = 100'000 + i}));
        cost.add(talk.answer({.ack = -1'000'000 - i}));
        talk.pass(milliseconds(1));
    }
    const std::size_t due = kStorm * milliseconds(1) / kChallengeInterval + 1;
    EXPECT_LE(cost.all, due);
    EXPECT_EQ(talk.tcp().state(), TcpState::Established);
}

// Octets outside the window are answered, since their sender may be honest and lost: one for one.
TEST(AttackCost, OfOctetsOutsideTheWindow) {
    Talk talk;
    Cost cost;
    for (int i = 0; i < kStorm; ++i) cost.add(talk.answer({.seq = 100'000 + i, .text = "x"}));
    EXPECT_EQ(cost.most, 1U);
    EXPECT_EQ(talk.pool()->in_use(), 0U);
}

TEST(AttackCost, OfDuplicateAcknowledgements) {
    ConnectionStart start = Talk::plain();
    start.snd_wnd = 4000;
    Talk talk(start);
    talk.write(6000);
    Cost cost;
    cost.add(talk.said());
    for (int i = 0; i < kStorm; ++i) cost.add(talk.answer({.win = 4000}));
    EXPECT_LE(cost.all, 4000U / Talk::kMss + 1);  // the window once, and one repetition
    EXPECT_LE(talk.tcp().sent(), 4000U);
}

// RFC 3465: the congestion window grows by octets that are acknowledged, not by acknowledgements.
TEST(AttackCost, OfAcknowledgementsOfOneOctetEach) {
    ConnectionStart start = Talk::plain();
    start.snd_wnd = 60'000;
    Talk talk(start);
    talk.write(60'000);
    talk.said();
    const std::uint32_t before = talk.tcp().sender().congestion().window();
    Cost cost;
    constexpr std::uint32_t kAcked = 900;
    for (std::uint32_t i = 1; i <= kAcked; ++i) cost.add(talk.answer({.ack = i, .win = 60'000}));
    EXPECT_LE(talk.tcp().sender().congestion().window(), before + kAcked);
    EXPECT_LE(cost.all, 2 * kAcked / Talk::kMss + 1);
}

// Octets that were not sent cannot be acknowledged: nobody makes us send faster by guessing.
TEST(AttackCost, OfAcknowledgementsOfTheFuture) {
    Talk talk;
    talk.write(6000);
    talk.said();
    const std::uint64_t sent = talk.tcp().sent();
    Cost cost;
    for (int i = 0; i < 100; ++i) cost.add(talk.answer({.ack = 3000 + i}));
    EXPECT_LE(cost.all, 1U);
    EXPECT_EQ(talk.tcp().sent(), sent);
}

TEST(AttackCost, OfAClosedWindowForTenMinutes) {
    ConnectionStart start = Talk::plain();
    start.snd_wnd = 0;
    Talk talk(start);
    talk.write(6000);
    const std::uint32_t chunks = talk.pool()->in_use();
    Cost cost;
    for (int second = 0; second < 600; ++second) {
        ASSERT_TRUE(talk.pass(seconds(1)));
        cost.add(talk.said());
        cost.add(talk.answer({.win = 0}));
    }
    EXPECT_LE(cost.all, 40U);  // every twenty seconds, after those that come sooner
    EXPECT_EQ(talk.pool()->in_use(), chunks);
}

// A window that opens by one octet at a time draws no segments of one octet each (RFC 9293 section
// 3.8.6.2.1).
TEST(AttackCost, OfAWindowThatOpensByOneOctetAtATime) {
    ConnectionStart start = Talk::plain();
    start.snd_wnd = 0;
    Talk talk(start);
    talk.write(6000);
    Cost cost;
    for (int i = 1; i <= 1000; ++i)
        cost.add(talk.answer({.seq = 0, .win = static_cast<std::uint16_t>(i)}));
    EXPECT_LE(cost.all, 1000U / Talk::kMss + 1);
}

}  // namespace
}  // namespace sallyport::tcp

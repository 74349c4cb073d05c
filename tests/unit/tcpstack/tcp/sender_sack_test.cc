// SPDX-License-Identifier: Apache-2.0
// Loss recovery with selective acknowledgements: RFC 2018, RFC 2883, RFC 6675's pipe, RFC 8985.
#include <gtest/gtest.h>

#include "tests/support/tcp_talk.h"

namespace sallyport::tcp {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using test::Said;
using test::Talk;

constexpr Duration kRtt = milliseconds(100);

ConnectionStart with_sack() {
    ConnectionStart start = Talk::plain();
    start.sack = true;
    return start;
}

std::string data(int from, int n = 100, bool push = false) {
    return (push ? "P " : "") + std::to_string(from) + "+" + std::to_string(n) + " ack 0 win 4000";
}

// A conversation whose round trip has been measured; `octets` are in flight.
struct InFlight : Talk {
    explicit InFlight(std::uint32_t octets) : Talk(with_sack()) {
        write(100);
        said();
        pass(kRtt);
        hear({.ack = 100});
        write(octets);
        said();
    }
};

TEST(SenderSack, RepairsEachHoleInOneRoundTrip) {
    InFlight talk(1000);
    talk.pass(kRtt);
    // 100 and 400 are missing.
    EXPECT_EQ(talk.answer({.ack = 100, .sack = {{200, 400}}}), "");
    EXPECT_EQ(talk.answer({.ack = 100, .sack = {{500, 600}, {200, 400}}}), data(100));
    EXPECT_EQ(talk.answer({.ack = 100, .sack = {{500, 1100}, {200, 400}}}), data(400));
    talk.pass(kRtt);
    EXPECT_EQ(talk.answer({.ack = 1100}), "");
    EXPECT_EQ(talk.tcp().deadline(), kNever);
    EXPECT_EQ(talk.tcp().sender().congestion().threshold(), 700U);  // cut once
}

TEST(SenderSack, NeedsNoThreeDuplicates) {  // RFC 8985: a quarter of a round trip is enough
    InFlight talk(200);
    talk.pass(kRtt);
    EXPECT_EQ(talk.answer({.ack = 100, .sack = {{200, 300}}}), "");
    talk.pass(kRtt / 4 - milliseconds(1));
    EXPECT_EQ(talk.said(), "");
    talk.pass(milliseconds(1));
    EXPECT_EQ(talk.said(), data(100));
}

// The wait for reordering and the retransmission timeout are over at once.
TEST(SenderSack, ForgetsTheWaitForReorderingAtATimeout) {
    InFlight talk(200);
    talk.pass(kRtt);
    EXPECT_EQ(talk.answer({.ack = 100, .sack = {{200, 300}}}), "");
    EXPECT_TRUE(talk.oversleep(seconds(5)));
    EXPECT_GT(talk.tcp().deadline(), talk.now());
}

TEST(SenderSack, IsNotFooledByALittleReordering) {
    InFlight talk(500);
    talk.pass(kRtt);
    EXPECT_EQ(talk.answer({.ack = 100, .sack = {{200, 300}}}), "");
    talk.pass(milliseconds(10));
    EXPECT_EQ(talk.answer({.ack = 600}), "");
    talk.pass(seconds(10));
    EXPECT_EQ(talk.said(), "");
    EXPECT_EQ(talk.tcp().sender().congestion().threshold(), Congestion::kWindowMax);
}

TEST(SenderSack, SendsNewOctetsForThoseThatArrive) {  // RFC 3042, by the pipe of RFC 6675
    InFlight talk(2000);
    talk.pass(kRtt);
    EXPECT_EQ(talk.answer({.ack = 100, .sack = {{200, 300}}}), data(1100));
    EXPECT_EQ(talk.answer({.ack = 100, .sack = {{200, 400}}}), data(1200));
}

TEST(SenderSack, ProbesTheTail) {  // RFC 8985 section 7
    InFlight talk(300);
    talk.pass(2 * kRtt - milliseconds(1));
    EXPECT_EQ(talk.said(), "");
    talk.pass(milliseconds(1));
    EXPECT_EQ(talk.said(), data(300, 100, true));
    // The peer had got only the first: what is missing shows now, without a timeout.
    talk.pass(kRtt);
    EXPECT_EQ(talk.answer({.ack = 200, .sack = {{300, 400}}}), data(200));
}

TEST(SenderSack, ProbesTheTailOnce) {
    InFlight talk(300);
    talk.pass(2 * kRtt);
    talk.said();
    talk.pass(milliseconds(299));
    EXPECT_EQ(talk.said(), "");
    talk.pass(milliseconds(1));
    EXPECT_EQ(talk.said(), data(100));  // the timeout, from the probe on
}

TEST(SenderSack, LeavesADelayedAcknowledgementItsTime) {
    InFlight talk(100);
    talk.pass(milliseconds(299));
    EXPECT_EQ(talk.said(), "");
}

TEST(SenderSack, SlowsDownWhenTheProbeRepairedALoss) {  // RFC 8985 section 7.4.2
    InFlight talk(300);
    talk.pass(2 * kRtt);
    EXPECT_EQ(talk.said(), data(300, 100, true));
    talk.write(100);
    talk.said();
    talk.pass(kRtt);
    talk.hear({.ack = 500});
    EXPECT_EQ(talk.tcp().sender().congestion().threshold(), 700U);
}

TEST(SenderSack, DoesNotSlowDownWhenTheProbeWasNeedless) {
    InFlight talk(300);
    talk.pass(2 * kRtt);
    talk.said();
    talk.hear({.ack = 400});
    talk.hear({.ack = 400, .sack = {{300, 400}}});  // RFC 2883
    EXPECT_EQ(talk.tcp().sender().congestion().threshold(), Congestion::kWindowMax);
}

TEST(SenderSack, TakesACutBackWhenNothingWasLost) {  // by the reports of RFC 2883
    InFlight talk(1000);
    talk.pass(kRtt);
    EXPECT_EQ(talk.answer({.ack = 100, .sack = {{200, 600}}}), data(100));
    const std::uint32_t before = 1000;
    EXPECT_LT(talk.tcp().sender().congestion().threshold(), before);
    talk.hear({.ack = 1100});  // it was only late
    talk.hear({.ack = 1100, .sack = {{100, 200}}});
    EXPECT_EQ(talk.tcp().sender().congestion().threshold(), Congestion::kWindowMax);
    EXPECT_EQ(talk.tcp().sender().congestion().window(), before);
}

TEST(SenderSack, IgnoresBlocksOfWhatWasNotSent) {
    InFlight talk(500);
    talk.pass(kRtt);
    talk.hear({.ack = 100, .sack = {{600, 700}}});
    talk.hear({.ack = 100, .sack = {{400, 300}}});
    talk.hear({.ack = 100, .sack = {{300, 300}}});
    talk.hear({.ack = 100, .sack = {{50, 2000}}});
    EXPECT_EQ(talk.tcp().sender().scoreboard().sacked(), 0U);
    EXPECT_EQ(talk.said(), "");
}

TEST(SenderSack, IgnoresBlocksThatWereNotNegotiated) {
    Talk talk;
    talk.write(500);
    talk.said();
    talk.pass(kRtt);
    for (int i = 0; i < 2; ++i) talk.hear({.ack = 0, .sack = {{100, 500}}});
    EXPECT_EQ(talk.said(), "");
    EXPECT_EQ(talk.tcp().sender().scoreboard().sacked(), 0U);
}

TEST(SenderSack, SendsAllAgainThatThePeerThrewAway) {  // RFC 2018 section 8
    InFlight talk(300);
    talk.pass(kRtt);
    talk.hear({.ack = 100, .sack = {{200, 400}}});
    talk.said();
    talk.pass(seconds(3));
    EXPECT_NE(talk.said(), "");
    // The first hole is filled, but the peer has nothing behind it any more.
    EXPECT_EQ(talk.answer({.ack = 200}).substr(0, 0), "");
    talk.pass(seconds(10));
    EXPECT_NE(talk.said().find("200+100"), std::string::npos);
}

TEST(SenderSack, RepairsALostRepetitionWithoutATimeout) {
    InFlight talk(1000);
    talk.pass(kRtt);
    EXPECT_EQ(talk.answer({.ack = 100, .sack = {{200, 600}}}), data(100));
    talk.write(1000);
    // More arrives, and so new octets go; the repetition of 100 does not arrive.
    talk.hear({.ack = 100, .sack = {{200, 1100}}});
    ASSERT_NE(talk.said(), "");
    talk.pass(kRtt);
    const std::string again = talk.answer({.ack = 100, .sack = {{200, 1200}}});
    EXPECT_EQ(again.substr(0, 8), "100+100 ");
}

// The clock of the scoreboard says nothing about what is longer ago than half an hour.
TEST(SenderSack, DoesNotCompareWithWhatArrivedBeforeALongSilence) {
    InFlight talk(100);
    talk.pass(kRtt);
    talk.hear({.ack = 200});
    talk.pass(minutes(40));
    talk.write(1000);
    talk.said();
    talk.pass(3 * kRtt / 2);  // the path is slower than before
    talk.hear({.ack = 300});
    EXPECT_EQ(talk.tcp().sender().scoreboard().lost(), 0U);
    EXPECT_EQ(talk.tcp().sender().congestion().threshold(), Congestion::kWindowMax);
}

TEST(SenderSack, DoesNotCompareWithWhatArrivedBeforeALongClosedWindow) {
    InFlight talk(100);
    talk.pass(kRtt);
    talk.hear({.ack = 200, .win = 0});
    talk.write(1000);
    for (int i = 0; i < 80; ++i) {
        ASSERT_TRUE(talk.pass(seconds(30)));
        talk.hear({.ack = 200, .win = 0});
    }
    talk.said();
    EXPECT_NE(talk.answer({.ack = 200}), "");
    talk.pass(3 * kRtt / 2);  // the path is slower than before
    talk.hear({.ack = 300});
    EXPECT_EQ(talk.tcp().sender().scoreboard().lost(), 0U);
    EXPECT_EQ(talk.tcp().sender().congestion().threshold(), Congestion::kWindowMax);
}

// RFC 8985 section 6.2, step 1: by the timestamp, however old the connection is.
TEST(SenderSack, KnowsWhichTransmissionArrivedOnAnOldConnection) {
    for (const Duration age : {Duration{seconds(1)}, Duration{minutes(80)}}) {
        ConnectionStart start = with_sack();
        start.timestamps = true;
        Talk talk(start);
        talk.pass(age);
        talk.write(88);
        talk.said();
        const auto stamp = [&] { return talk.tcp().sender().ts_val(talk.now()); };
        const TsVal first = stamp();
        talk.pass(kRtt);
        talk.hear({.ack = 88, .ts = wire::Timestamps{TsVal{1}, first}});
        const TsVal second = stamp();
        talk.write(880);
        talk.said();
        talk.pass(kRtt);
        talk.hear({.ack = 88, .ts = wire::Timestamps{TsVal{1}, second}, .sack = {{176, 440}}});
        talk.said();  // what is missing goes again
        ASSERT_EQ(talk.tcp().sender().scoreboard().lost(), 0U);
        talk.pass(milliseconds(2));
        talk.hear({.ack = 440, .ts = wire::Timestamps{TsVal{2}, second}});  // it was only late
        EXPECT_EQ(talk.tcp().sender().scoreboard().lost(), 0U);
    }
}

TEST(SenderSack, KeepsWithinTheRowWhateverThePeerSays) {
    ConnectionStart start = with_sack();
    start.snd_wnd = 1U << 20;
    start.snd_shift = 10;
    Talk talk(start, 600);
    talk.write(1000);
    talk.said();
    for (int round = 0; round < 60; ++round) {
        talk.pass(milliseconds(1));
        talk.write(1000);
        for (int i = 0; i < 20; ++i)
            talk.hear({.ack = 0, .win = 1024, .sack = {{100 + 40 * i, 101 + 40 * i}, {900 + 7 * round, 903 + 7 * round}}});
        talk.said();
        const Scoreboard& board = talk.tcp().sender().scoreboard();
        ASSERT_EQ(board.in_flight() + board.lost() + board.sacked(), talk.tcp().sender().flight());
    }
}

}  // namespace
}  // namespace sallyport::tcp

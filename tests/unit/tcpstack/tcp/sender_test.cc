// SPDX-License-Identifier: Apache-2.0
// What is sent, and sent again.
#include "tcpstack/tcp/sender.h"

#include <gtest/gtest.h>

#include "tests/support/tcp_talk.h"

namespace sallyport::tcp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::Said;
using test::Talk;

int count(const std::string& said) {
    if (said.empty()) return 0;
    int n = 1;
    for (const char c : said) n += c == '|' ? 1 : 0;
    return n;
}

std::string data(int from, int n = 100, bool push = false) {
    return (push ? "P " : "") + std::to_string(from) + "+" + std::to_string(n) + " ack 0 win 4000";
}

TEST(Sender, SendsTenSegmentsAtFirst) {  // RFC 6928
    Talk talk;
    talk.write(5000);
    EXPECT_EQ(count(talk.said()), 10);
    // Slow start: two for each acknowledged one.
    EXPECT_EQ(talk.answer({.ack = 200}),
              data(1000) + " | " + data(1100) + " | " + data(1200) + " | " + data(1300));
}

TEST(Sender, DoesNotGrowAWindowThatItDoesNotUse) {
    Talk talk;
    int at = 0;
    for (int i = 0; i < 20; ++i) {
        talk.write(100);
        talk.said();
        talk.hear({.ack = at += 100});
    }
    EXPECT_EQ(talk.tcp().sender().congestion().window(), 1000U);
}

TEST(Sender, StartsOverAfterIdleTime) {  // RFC 5681 section 4.1
    Talk talk;
    talk.write(3000);
    talk.said();
    talk.hear({.ack = 1000});
    EXPECT_EQ(count(talk.said()), 20);
    talk.hear({.ack = 3000});
    talk.pass(seconds(10));
    talk.write(3000);
    EXPECT_EQ(count(talk.said()), 10);
}

TEST(Sender, SendsAgainWithGrowingIntervals) {  // RFC 6298 section 5
    Talk talk;
    talk.write(100);
    talk.said();
    EXPECT_TRUE(talk.pass(milliseconds(999)));
    EXPECT_EQ(talk.said(), "");
    talk.pass(milliseconds(1));
    EXPECT_EQ(talk.said(), data(0, 100, true));
    talk.pass(milliseconds(1999));
    EXPECT_EQ(talk.said(), "");
    talk.pass(milliseconds(1));
    EXPECT_EQ(talk.said(), data(0, 100, true));
    talk.pass(milliseconds(4000));
    EXPECT_EQ(talk.said(), data(0, 100, true));
    talk.hear({.ack = 100});
    EXPECT_EQ(talk.tcp().deadline(), kNever);
}

TEST(Sender, GoesBackToTheFirstUnacknowledgedOctetAfterATimeout) {
    Talk talk;
    talk.write(500);
    talk.said();
    talk.pass(seconds(1));
    EXPECT_EQ(talk.said(), data(0));  // a window of one segment
    EXPECT_EQ(talk.answer({.ack = 100}), data(100) + " | " + data(200));
    // The peer had the rest: the acknowledgement jumps ahead.
    EXPECT_EQ(talk.answer({.ack = 500}), "");
    talk.write(100);
    EXPECT_EQ(talk.said(), data(500, 100, true));
}

TEST(Sender, MeasuresWhatWasSentOnce) {  // RFC 6298 section 3: Karn
    Talk talk;
    talk.write(100);
    talk.said();
    talk.pass(milliseconds(300));
    talk.hear({.ack = 100});
    EXPECT_EQ(talk.tcp().sender().rto(), milliseconds(900));
    talk.write(100);
    talk.said();
    talk.pass(milliseconds(950));
    talk.said();
    talk.hear({.ack = 200});
    EXPECT_EQ(talk.tcp().sender().rto(), milliseconds(1800));  // backed off, not measured
}

TEST(Sender, MeasuresWithTimestampsWhatWasSentAgain) {  // RFC 7323 section 4.1
    ConnectionStart start = Talk::plain();
    start.timestamps = true;
    start.ts_sent = TsVal{0xffff'ff00};
    Talk talk(start);
    talk.write(50);
    talk.said();
    talk.pass(milliseconds(1000));
    EXPECT_EQ(count(talk.said()), 1);
    talk.pass(milliseconds(100));
    talk.hear({.ack = 50, .ts = wire::Timestamps{TsVal{1}, TsVal{0xffff'ff00 + 1000}}});
    EXPECT_EQ(talk.tcp().sender().rto(), milliseconds(300));
}

TEST(Sender, MeasuresNothingByTheEchoOfWhatItSentBeforeATimeout) {
    ConnectionStart start = Talk::plain();
    start.timestamps = true;
    start.ts_sent = TsVal{50};
    Talk talk(start);
    talk.write(200);
    talk.said();
    talk.pass(milliseconds(3100));
    EXPECT_EQ(talk.tcp().sender().rto(), seconds(4));
    talk.hear({.ack = 88, .ts = wire::Timestamps{TsVal{1}, TsVal{50}}});
    EXPECT_EQ(talk.tcp().sender().rto(), seconds(4));
    talk.hear({.ack = 200, .ts = wire::Timestamps{TsVal{1}, TsVal{3050}}});
    EXPECT_EQ(talk.tcp().sender().rto(), milliseconds(300));
}

TEST(Sender, DoesNotBelieveAnEchoThatItNeverSent) {
    ConnectionStart start = Talk::plain();
    start.timestamps = true;
    start.ts_sent = TsVal{5000};
    for (const std::uint32_t ecr : {0U, 4999U, 5011U, 0xffff'ffffU}) {
        Talk talk(start);
        talk.write(50);
        talk.said();
        talk.pass(milliseconds(10));
        talk.hear({.ack = 50, .ts = wire::Timestamps{TsVal{1}, TsVal{ecr}}});
        EXPECT_EQ(talk.tcp().sender().rto(), RttEstimator::kInitialRto) << ecr;
    }
}

// The peer has everything below `ack` and says so again, `times`.
void repeat(Talk& talk, int ack, int times) {
    for (int i = 0; i < times; ++i) talk.hear({.ack = ack});
}

TEST(Sender, SendsTwoMoreOnTheFirstDuplicates) {  // RFC 3042
    Talk talk;
    talk.write(5000);
    talk.said();
    EXPECT_EQ(talk.answer({.ack = 0}), data(1000));
    EXPECT_EQ(talk.answer({.ack = 0}), data(1100));
}

TEST(Sender, RetransmitsOnTheThirdDuplicate) {  // RFC 5681 section 3.2
    Talk talk;
    talk.write(5000);
    talk.said();
    repeat(talk, 0, 2);
    talk.said();
    EXPECT_EQ(talk.answer({.ack = 0}), data(0));
    EXPECT_EQ(talk.tcp().sender().congestion().threshold(), 700U);  // CUBIC: 0.7
    // RFC 6937: seven of ten that arrive let a new one go.
    repeat(talk, 0, 8);
    EXPECT_NEAR(count(talk.said()), 5, 1);
    talk.hear({.ack = 1200});
    EXPECT_EQ(talk.tcp().sender().congestion().window(), 700U);
}

TEST(Sender, RetransmitsEachHoleOfAWindow) {  // RFC 6582: partial acknowledgements
    Talk talk;
    talk.write(1000);
    talk.said();
    repeat(talk, 0, 3);
    EXPECT_EQ(talk.said(), data(0));
    EXPECT_EQ(talk.answer({.ack = 300}), data(300));
    EXPECT_EQ(talk.answer({.ack = 600}), data(600));
    EXPECT_EQ(talk.answer({.ack = 1000}), "");
    EXPECT_EQ(talk.tcp().deadline(), kNever);
}

TEST(Sender, GivesARetransmissionItsWholeTime) {
    Talk talk;
    talk.write(1000);
    talk.said();
    talk.pass(milliseconds(900));
    repeat(talk, 0, 3);
    EXPECT_EQ(talk.said(), data(0));
    EXPECT_EQ(talk.tcp().deadline(), talk.now() + RttEstimator::kInitialRto);
}

TEST(Sender, MeasuresNothingBehindARetransmission) {
    Talk talk;
    talk.write(1000);
    talk.said();
    repeat(talk, 0, 3);
    EXPECT_EQ(talk.said(), data(0));
    talk.pass(milliseconds(900));
    talk.hear({.ack = 1000});
    EXPECT_EQ(talk.tcp().sender().rto(), RttEstimator::kInitialRto);
}

TEST(Sender, RetransmitsTheFirstSegmentBehindARecovery) {
    Talk talk;
    talk.write(1000);
    talk.said();
    repeat(talk, 0, 3);
    talk.said();
    talk.hear({.ack = 1000});
    talk.write(500);
    EXPECT_EQ(count(talk.said()), 5);
    repeat(talk, 1000, 2);
    EXPECT_EQ(talk.said(), "");
    EXPECT_EQ(talk.answer({.ack = 1000}).substr(0, 8), "1000+100");
}

TEST(Sender, HalvesOnceForTimeoutsInARow) {  // RFC 5681 section 3.1
    Talk talk;
    talk.write(1000);
    talk.said();
    talk.pass(seconds(1 + 2 + 4));
    EXPECT_EQ(talk.tcp().sender().congestion().threshold(), 700U);
    EXPECT_EQ(talk.tcp().sender().congestion().window(), 100U);
}

TEST(Sender, SeesNoLossInWindowUpdatesOrData) {
    Talk talk;
    talk.write(1000);
    talk.said();
    for (std::uint16_t i = 1; i < 6; ++i)
        talk.hear({.ack = 0, .win = static_cast<std::uint16_t>(10000 + i)});
    EXPECT_EQ(talk.said(), "");
    for (int i = 0; i < 6; ++i) talk.hear({.seq = i, .text = "x"});
    EXPECT_EQ(talk.tcp().sender().congestion().window(), 1000U);
}

TEST(Sender, SeesNoLossInDuplicatesOfWhatItSentTwice) {  // RFC 6582 section 4
    Talk talk;
    talk.write(1000);
    talk.said();
    talk.pass(seconds(1));
    talk.said();
    talk.hear({.ack = 200});
    talk.said();
    repeat(talk, 200, 5);
    EXPECT_EQ(talk.said(), "");
    EXPECT_EQ(talk.tcp().sender().congestion().threshold(), 700U);
}

TEST(Sender, RetransmitsTheFinOnDuplicates) {
    Talk talk;
    talk.write(350);
    talk.peer().finish();
    talk.said();
    talk.hear({.ack = 350});
    repeat(talk, 350, 3);
    EXPECT_EQ(talk.said(), "F 350 ack 0 win 4000");
}

TEST(Sender, CountsAcknowledgementsBeyondFourGibibytes) {
    ConnectionStart start = Talk::plain();
    start.send_from = 0xffff'ff00;
    start.snd_wnd = 1U << 20;
    Sender sender;
    Instant now{};
    sender.open(start, now);
    std::uint64_t at = start.send_from;
    for (int i = 0; i < 100; ++i) {
        const auto piece = sender.next(at + 100, 0, now);
        ASSERT_TRUE(piece);
        ASSERT_EQ(piece->offset, at);
        at += 100;
        sender.on_ack({start.irs + 1, sender.seq(at), 60000, true, {}}, now);
        ASSERT_EQ(sender.acked(), at);
    }
    EXPECT_GT(at, 0x1'0000'0000U);
}

}  // namespace
}  // namespace sallyport::tcp

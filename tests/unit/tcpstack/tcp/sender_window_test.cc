// SPDX-License-Identifier: Apache-2.0
// The peer's window: small, closed, opened again.
#include <gtest/gtest.h>

#include "tests/support/tcp_talk.h"

namespace sallyport::tcp {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using test::Talk;

ConnectionStart with_window(std::uint32_t octets) {
    ConnectionStart start = Talk::plain();
    start.snd_wnd = octets;
    return start;
}

TEST(SenderWindow, IsNotOverrun) {
    Talk talk(with_window(250));
    talk.write(1000);
    EXPECT_EQ(talk.said(), "0+100 ack 0 win 4000 | 100+100 ack 0 win 4000");
    EXPECT_EQ(talk.answer({.ack = 200, .win = 200}),
              "200+100 ack 0 win 4000 | 300+100 ack 0 win 4000");
}

TEST(SenderWindow, IsScaledAsThePeerSaid) {  // RFC 7323 section 2.3
    ConnectionStart start = Talk::plain();
    start.snd_shift = 14;
    Talk talk(start);
    talk.hear({.seq = 0, .win = 0xffff});
    EXPECT_EQ(talk.tcp().sender().window(), 0xffffU << 14);
}

TEST(SenderWindow, IsTakenFromTheNewestSegment) {  // RFC 9293 section 3.10.7.4: SND.WL1, SND.WL2
    Talk talk;
    talk.write(100);
    talk.said();
    talk.hear({.seq = 10, .ack = 100, .text = "x", .win = 500});
    EXPECT_EQ(talk.tcp().sender().window(), 500U);
    talk.hear({.seq = 0, .ack = 100, .text = "0123456789", .win = 900});
    EXPECT_EQ(talk.tcp().sender().window(), 500U);
    talk.hear({.seq = 11, .ack = 100, .win = 700});
    EXPECT_EQ(talk.tcp().sender().window(), 700U);
}

TEST(SenderWindow, WaitsRatherThanSendALittle) {  // RFC 9293 section 3.8.6.2.1
    Talk talk(with_window(250));
    talk.write(1000);
    talk.said();
    // Both are acknowledged one by one; the window opens by a little each time.
    EXPECT_EQ(talk.answer({.ack = 100, .win = 150}), "");
    EXPECT_EQ(talk.answer({.ack = 100, .win = 199}), "");
    EXPECT_EQ(talk.answer({.ack = 100, .win = 200}), "200+100 ack 0 win 4000");
}

TEST(SenderWindow, SendsALittleIfThatIsHalfOfAllThatIsEverOffered) {
    Talk talk(with_window(60));
    talk.write(200);
    EXPECT_EQ(talk.said(), "0+60 ack 0 win 4000");
    EXPECT_EQ(talk.answer({.ack = 60, .win = 30}), "60+30 ack 0 win 4000");
    EXPECT_EQ(talk.answer({.ack = 90, .win = 29}), "");
    talk.pass(RttEstimator::kMinRto);  // unless nothing better comes
    EXPECT_EQ(talk.said(), "90+29 ack 0 win 4000");
}

TEST(SenderWindow, SendsWhatFitsWhenItIsTheLast) {
    Talk talk(with_window(250));
    talk.write(30);
    EXPECT_EQ(talk.said(), "P 0+30 ack 0 win 4000");
    talk.write(30);  // not held back until the first is acknowledged
    EXPECT_EQ(talk.said(), "P 30+30 ack 0 win 4000");
}

TEST(SenderWindow, IsProbedWhenClosed) {  // RFC 9293 section 3.8.6.1
    Talk talk(with_window(0));
    talk.write(500);
    EXPECT_EQ(talk.said(), "");
    talk.pass(milliseconds(999));
    EXPECT_EQ(talk.said(), "");
    talk.pass(milliseconds(1));
    EXPECT_EQ(talk.said(), "0+1 ack 0 win 4000");
    talk.hear({.ack = 0, .win = 0});
    talk.pass(milliseconds(1999));
    EXPECT_EQ(talk.said(), "");
    talk.pass(milliseconds(1));
    EXPECT_EQ(talk.said(), "0+1 ack 0 win 4000");
    // It opens: the probe was not taken.
    EXPECT_EQ(talk.answer({.ack = 0, .win = 200}), "0+100 ack 0 win 4000 | 100+100 ack 0 win 4000");
}

TEST(SenderWindow, GoesOnBehindAProbeThatWasTaken) {
    Talk talk(with_window(0));
    talk.write(500);
    talk.said();
    talk.pass(seconds(1));
    talk.said();
    EXPECT_EQ(talk.answer({.ack = 1, .win = 0}), "");
    EXPECT_EQ(talk.answer({.ack = 1, .win = 100}), "1+100 ack 0 win 4000");
}

TEST(SenderWindow, MayStayClosedForHoursIfThePeerAnswers) {
    Talk talk(with_window(0));
    talk.write(500);
    talk.said();
    int probes = 0;
    for (int minute = 0; minute < 180; ++minute) {
        ASSERT_TRUE(talk.pass(minutes(1)));
        for (const std::string said = talk.said(); !said.empty();) {
            ++probes;
            talk.hear({.ack = 0, .win = 0});
            break;
        }
    }
    EXPECT_GT(probes, 170);
    EXPECT_EQ(talk.answer({.ack = 0, .win = 100}), "0+100 ack 0 win 4000");
}

TEST(SenderWindow, MayNotStayClosedIfThePeerIsGone) {
    Talk talk(with_window(0));
    talk.write(500);
    talk.said();
    EXPECT_FALSE(talk.pass(kUserTimeout + seconds(1)));
    EXPECT_EQ(talk.tcp().state(), TcpState::Closed);
}

TEST(SenderWindow, IsProbedLessAndLessOftenUpToAMinute) {  // RFC 9293 section 3.8.6.1
    ConnectionStart start = with_window(0);
    start.user_timeout = hours(1);
    Talk talk(start);
    talk.write(500);
    talk.said();
    Duration before{};
    for (int probe = 0; probe < 12; ++probe) {
        const Instant from = talk.now();
        const Instant due = talk.tcp().deadline();
        EXPECT_GE(due - from, before) << probe;
        EXPECT_LE(due - from, seconds(60)) << probe;
        before = due - from;
        ASSERT_TRUE(talk.pass(before));
        ASSERT_EQ(talk.answer({.ack = 0, .win = 0}), "0+1 ack 0 win 4000") << probe;
    }
    EXPECT_EQ(before, seconds(60));
}

TEST(SenderWindow, SeesNoLossInAnswersToProbes) {
    Talk talk(with_window(0));
    talk.write(5000);
    talk.said();
    for (int i = 0; i < 10; ++i) {
        talk.pass(seconds(60));
        talk.said();
        talk.hear({.ack = 0, .win = 0});
    }
    EXPECT_EQ(talk.tcp().sender().congestion().threshold(), Congestion::kWindowMax);
    talk.hear({.ack = 0, .win = 5000});
    EXPECT_EQ(talk.said().substr(0, 5), "0+100");
}

TEST(SenderWindow, MeasuresNothingByAProbe) {
    Talk talk(with_window(0));
    talk.write(500);
    talk.said();
    talk.pass(seconds(1));
    EXPECT_EQ(talk.said(), "0+1 ack 0 win 4000");
    talk.hear({.ack = 0, .win = 0});
    talk.pass(seconds(1));
    talk.hear({.ack = 0, .win = 1000});
    EXPECT_EQ(talk.said().substr(0, 5), "0+100");
    talk.hear({.ack = 100, .win = 1000});
    EXPECT_EQ(talk.tcp().sender().rto(), RttEstimator::kInitialRto);
}

TEST(SenderWindow, IsProbedWithTheFin) {
    Talk talk(with_window(100));
    talk.write(100);
    talk.peer().finish();
    EXPECT_EQ(talk.said(), "P 0+100 ack 0 win 4000");  // no place for the FIN
    EXPECT_EQ(talk.answer({.ack = 100, .win = 0}), "");
    talk.pass(RttEstimator::kMinRto);
    EXPECT_EQ(talk.said(), "F 100 ack 0 win 4000");
    talk.hear({.ack = 101, .win = 0});
    EXPECT_EQ(talk.tcp().state(), TcpState::FinWait2);
}

// RFC 7323 section 2.4: what was in the window when it was sent goes again whole.
TEST(SenderWindow, IsProbedWhenItShrinksBelowWhatIsInFlight) {
    Talk talk;
    talk.write(500);
    talk.said();
    EXPECT_EQ(talk.answer({.ack = 100, .win = 0}), "");
    talk.pass(milliseconds(200 + 400 + 800));
    EXPECT_EQ(talk.said(), "100+100 ack 0 win 4000 | 100+100 ack 0 win 4000");
    EXPECT_EQ(talk.answer({.ack = 100, .win = 400}), "100+100 ack 0 win 4000");
}

// The peer drops what does not lie in its window, also our acknowledgements.
TEST(SenderWindow, HoldsTheNumberOfABareAcknowledgement) {
    Talk talk(with_window(0));
    talk.write(500);
    talk.said();
    talk.pass(seconds(1));
    EXPECT_EQ(talk.said(), "0+1 ack 0 win 4000");
    talk.hear({.text = "x", .win = 0});
    talk.pass(milliseconds(40));
    EXPECT_EQ(talk.said(), "0 ack 1 win 3999");
}

TEST(SenderWindow, AcknowledgesWithTheHighestNumberWhileSendingAgain) {
    Talk talk;
    talk.write(500);
    talk.said();
    talk.pass(seconds(1));
    EXPECT_EQ(talk.said(), "0+100 ack 0 win 4000");
    talk.hear({.text = "x"});
    talk.hear({.seq = 1, .text = "x"});
    EXPECT_EQ(talk.said(), "500 ack 2 win 3998");
}

}  // namespace
}  // namespace sallyport::tcp

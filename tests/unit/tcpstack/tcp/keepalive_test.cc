// SPDX-License-Identifier: Apache-2.0
// Keep-alive: RFC 9293 section 3.8.4.
#include "tcpstack/tcp/keepalive.h"

#include <gtest/gtest.h>

#include "tests/support/tcp_talk.h"

namespace sallyport::tcp {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::Talk;

constexpr std::uint8_t kFinAck = wire::kFin | wire::kAck;

ConnectionStart probing() {
    ConnectionStart start = Talk::plain();
    start.keepalive = {seconds(60), seconds(10), 3};
    return start;
}

TEST(Keepalive, IsOffUnlessAskedFor) {  // MUST-25
    Talk talk;
    EXPECT_EQ(talk.tcp().deadline(), kNever);
    EXPECT_TRUE(talk.pass(hours(1000)));
    EXPECT_EQ(talk.said(), "");
}

TEST(Keepalive, AsksWithTheOctetBefore) {
    Talk talk(probing());
    EXPECT_TRUE(talk.pass(seconds(60) - milliseconds(1)));
    EXPECT_EQ(talk.said(), "");
    EXPECT_TRUE(talk.pass(milliseconds(1)));
    EXPECT_EQ(talk.said(), "-1 ack 0 win 4000");
}

TEST(Keepalive, IsContentWithAnAnswer) {
    Talk talk(probing());
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(talk.pass(seconds(60)));
        ASSERT_EQ(talk.said(), "-1 ack 0 win 4000") << i;
        ASSERT_EQ(talk.answer({}), "");
    }
    EXPECT_EQ(talk.tcp().state(), TcpState::Established);
}

TEST(Keepalive, GivesUpWhenNoProbeIsAnswered) {  // MUST-26: one lost answer is not enough
    Talk talk(probing());
    EXPECT_TRUE(talk.pass(seconds(89)));
    EXPECT_EQ(talk.said(), "-1 ack 0 win 4000 | -1 ack 0 win 4000 | -1 ack 0 win 4000");
    EXPECT_FALSE(talk.pass(seconds(1)));
    EXPECT_EQ(talk.tcp().state(), TcpState::Closed);
    EXPECT_TRUE(talk.tcp().was_silent());
}

// The process stood still, or its machine did.
TEST(Keepalive, GivesEachProbeItsTimeWhenItIsLate) {
    Instant now = Instant{} + hours(1);
    Keepalive keepalive;
    keepalive.open({seconds(60), seconds(10), 3}, now);
    now += hours(1);
    for (int probe = 0; probe < 3; ++probe) {
        EXPECT_LE(keepalive.deadline(), now);
        EXPECT_TRUE(keepalive.on_deadline(now));
        EXPECT_EQ(keepalive.deadline(), now + seconds(10));
        now += seconds(10);
    }
    EXPECT_FALSE(keepalive.on_deadline(now));
}

TEST(Keepalive, BeginsAnewWithWhateverIsHeard) {
    Talk talk(probing());
    talk.pass(seconds(75));
    talk.said();
    talk.hear({.text = "x"});
    talk.pass(seconds(59));
    EXPECT_EQ(talk.said(), "0 ack 1 win 3999");  // the delayed acknowledgement
    talk.pass(seconds(1));
    EXPECT_EQ(talk.said(), "-1 ack 1 win 3999");
}

TEST(Keepalive, LeavesWhatIsUnderWayToRetransmission) {  // only when nothing is outstanding
    Talk talk(probing());
    talk.pass(seconds(50));
    talk.write(10);
    EXPECT_EQ(talk.said(), "P 0+10 ack 0 win 4000");
    talk.pass(seconds(60));
    EXPECT_EQ(talk.said().find("-1 ack"), std::string::npos);
    talk.hear({.ack = 10});
    talk.pass(seconds(60));
    EXPECT_EQ(talk.said(), "9 ack 0 win 4000");
}

TEST(Keepalive, IsNoProbeWhenThereIsSomethingToSend) {
    Talk talk(probing());
    talk.pass(seconds(59));
    talk.write(10);
    talk.pass(seconds(1));
    EXPECT_EQ(talk.said(), "P 0+10 ack 0 win 4000");
}

TEST(Keepalive, FindsAHalfClosedPeerThatIsGone) {
    Talk talk(probing());
    talk.peer().finish();
    EXPECT_EQ(talk.said(), "F 0 ack 0 win 4000");
    talk.hear({.ack = 1});
    EXPECT_EQ(talk.tcp().state(), TcpState::FinWait2);
    EXPECT_FALSE(talk.pass(seconds(90)));
    EXPECT_EQ(talk.said(), "0 ack 0 win 4000 | 0 ack 0 win 4000 | 0 ack 0 win 4000");
}

TEST(Keepalive, LeavesTimeWaitAlone) {
    Talk talk(probing());
    talk.peer().finish();
    talk.said();
    talk.hear({.ack = 1, .flags = kFinAck});
    EXPECT_EQ(talk.tcp().state(), TcpState::TimeWait);
    talk.said();
    EXPECT_EQ(talk.tcp().deadline(), kNever);
}

TEST(Keepalive, AnswersThoseOfThePeer) {  // RFC 9293 section 3.8.4: with an acknowledgement
    Talk talk;
    EXPECT_EQ(talk.answer({.seq = -1}), "0 ack 0 win 4000");
    EXPECT_EQ(talk.answer({.seq = -1, .text = "g"}), "0 ack 0 win 4000");  // with garbage
    EXPECT_EQ(talk.tcp().received(), 0U);
}

}  // namespace
}  // namespace sallyport::tcp

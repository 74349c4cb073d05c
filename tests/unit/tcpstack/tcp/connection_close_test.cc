// SPDX-License-Identifier: Apache-2.0
// The ways to the end of a connection.
#include <gtest/gtest.h>

#include "tests/support/tcp_talk.h"

namespace sallyport::tcp {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::Said;
using test::Talk;

constexpr std::uint8_t kFinAck = wire::kFin | wire::kAck;

TEST(ConnectionClose, SendsFinBehindTheLastOctet) {
    Talk talk;
    talk.write(150);
    talk.peer().finish();
    EXPECT_EQ(talk.tcp().state(), TcpState::FinWait1);
    EXPECT_TRUE(talk.tcp().is_finishing());
    EXPECT_EQ(talk.said(), "0+100 ack 0 win 4000 | PF 100+50 ack 0 win 4000");
    EXPECT_EQ(talk.tcp().sent(), 150U);
    talk.hear({.ack = 150});
    EXPECT_FALSE(talk.tcp().fin_acked());
    EXPECT_EQ(talk.tcp().state(), TcpState::FinWait1);
    talk.hear({.ack = 151});
    EXPECT_TRUE(talk.tcp().fin_acked());
    EXPECT_EQ(talk.tcp().acked(), 150U);
    EXPECT_EQ(talk.tcp().state(), TcpState::FinWait2);
    EXPECT_EQ(talk.tcp().deadline(), kNever);
}

TEST(ConnectionClose, SendsFinAloneWhenAllHasBeenSent) {
    Talk talk;
    talk.write(20);
    EXPECT_EQ(talk.said(), "P 0+20 ack 0 win 4000");
    talk.peer().finish();
    EXPECT_EQ(talk.said(), "F 20 ack 0 win 4000");
}

TEST(ConnectionClose, TakesDataWhenHalfClosed) {
    Talk talk;
    talk.peer().finish();
    EXPECT_EQ(talk.said(), "F 0 ack 0 win 4000");
    talk.hear({.ack = 1});
    for (int i = 0; i < 3; ++i) talk.hear({.seq = i, .ack = 1, .text = "d"});
    EXPECT_EQ(talk.said(), "1 ack 3 win 3997");
    EXPECT_EQ(talk.peer().read(), "ddd");
    talk.hear({.seq = 3, .ack = 1, .flags = kFinAck});
    EXPECT_EQ(talk.tcp().state(), TcpState::TimeWait);
    EXPECT_EQ(talk.said(), "1 ack 4 win 3996");
    EXPECT_EQ(talk.tcp().deadline(), kNever);
}

TEST(ConnectionClose, SendsDataWhenThePeerIsHalfClosed) {
    Talk talk;
    talk.hear({.text = "bye", .flags = kFinAck});
    EXPECT_EQ(talk.tcp().state(), TcpState::CloseWait);
    EXPECT_TRUE(talk.tcp().peer_finished());
    EXPECT_EQ(talk.tcp().received(), 3U);
    EXPECT_EQ(talk.said(), "0 ack 4 win 3996");
    talk.write(30);
    EXPECT_EQ(talk.said(), "P 0+30 ack 4 win 3996");
    talk.peer().finish();
    EXPECT_EQ(talk.tcp().state(), TcpState::LastAck);
    EXPECT_EQ(talk.said(), "F 30 ack 4 win 3996");
    talk.hear({.seq = 4, .ack = 31});
    EXPECT_EQ(talk.tcp().state(), TcpState::Closed);
    EXPECT_TRUE(talk.tcp().fin_acked());
    EXPECT_EQ(talk.said(), "");
}

TEST(ConnectionClose, ReachesTimeWaitWhenBothCloseAtOnce) {
    Talk talk;
    talk.peer().finish();
    EXPECT_EQ(talk.said(), "F 0 ack 0 win 4000");
    talk.hear({.flags = kFinAck});
    EXPECT_EQ(talk.tcp().state(), TcpState::Closing);
    EXPECT_EQ(talk.said(), "1 ack 1 win 3999");
    talk.hear({.seq = 1, .ack = 1});
    EXPECT_EQ(talk.tcp().state(), TcpState::TimeWait);
}

TEST(ConnectionClose, ReachesTimeWaitWithOneSegment) {
    Talk talk;
    talk.peer().finish();
    talk.said();
    talk.hear({.ack = 1, .flags = kFinAck});
    EXPECT_EQ(talk.tcp().state(), TcpState::TimeWait);
}

TEST(ConnectionClose, HoldsAFinBehindAGap) {
    Talk talk;
    EXPECT_EQ(talk.answer({.seq = 5, .text = "67890", .flags = kFinAck}), "0 ack 0 win 4000");
    EXPECT_EQ(talk.tcp().state(), TcpState::Established);
    EXPECT_FALSE(talk.tcp().peer_finished());
    // Beyond its end there is nothing.
    talk.hear({.seq = 8, .text = "90beyond"});
    EXPECT_EQ(talk.answer({.seq = 0, .text = "12345"}).substr(0, 8), "0 ack 11");
    EXPECT_EQ(talk.tcp().state(), TcpState::CloseWait);
    EXPECT_EQ(talk.peer().read(), "1234567890");
}

TEST(ConnectionClose, IgnoresAFinThatOctetsHavePassed) {
    Talk talk;
    talk.hear({.seq = 10, .text = "later"});
    talk.hear({.seq = 5, .flags = kFinAck});
    talk.hear({.text = "0123456789"});
    EXPECT_EQ(talk.tcp().received(), 15U);
    EXPECT_FALSE(talk.tcp().peer_finished());
}

TEST(ConnectionClose, TakesAFinAtTheEdgeOfAClosedWindow) {
    Talk talk;
    talk.hear({.text = std::string(Talk::kOffered, 'x')});
    EXPECT_EQ(talk.answer({.seq = Talk::kOffered, .flags = kFinAck}), "0 ack 4001 win 0");
    EXPECT_EQ(talk.tcp().state(), TcpState::CloseWait);
}

TEST(ConnectionClose, AcknowledgesARepeatedFin) {
    Talk talk;
    talk.peer().finish();
    talk.said();
    talk.hear({.ack = 1, .text = "end", .flags = kFinAck});
    EXPECT_EQ(talk.said(), "1 ack 4 win 3996");
    EXPECT_EQ(talk.answer({.ack = 1, .text = "end", .flags = kFinAck}), "1 ack 4 win 3996");
    EXPECT_EQ(talk.answer({.seq = 3, .ack = 1, .flags = kFinAck}), "1 ack 4 win 3996");
    EXPECT_EQ(talk.tcp().state(), TcpState::TimeWait);
}

TEST(ConnectionClose, SendsFinAgain) {
    Talk talk;
    talk.peer().finish();
    EXPECT_EQ(talk.said(), "F 0 ack 0 win 4000");
    talk.pass(milliseconds(999));
    EXPECT_EQ(talk.said(), "");
    talk.pass(milliseconds(2001));
    EXPECT_EQ(talk.said(), "F 0 ack 0 win 4000 | F 0 ack 0 win 4000");
    talk.hear({.ack = 1});
    EXPECT_EQ(talk.tcp().state(), TcpState::FinWait2);
}

TEST(ConnectionClose, GivesUpOnAPeerThatIsGone) {  // R2 of RFC 9293 section 3.8.3
    Talk talk;
    talk.pass(hours(1));  // idle time does not count
    talk.write(10);
    talk.said();
    EXPECT_TRUE(talk.pass(kUserTimeout - milliseconds(1)));
    EXPECT_EQ(talk.tcp().state(), TcpState::Established);
    EXPECT_FALSE(talk.pass(milliseconds(1)));
    EXPECT_EQ(talk.tcp().state(), TcpState::Closed);
}

TEST(ConnectionClose, GivesUpWhenTheOwnerSaysSo) {  // RFC 5482
    ConnectionStart start = Talk::plain();
    start.user_timeout = seconds(15);
    Talk talk(start);
    talk.write(10);
    talk.said();
    EXPECT_TRUE(talk.pass(seconds(15) - milliseconds(1)));
    EXPECT_FALSE(talk.pass(milliseconds(1)));
    EXPECT_FALSE(talk.tcp().was_silent());
    EXPECT_EQ(talk.tcp().state(), TcpState::Closed);
}

TEST(ConnectionClose, CountsTheUserTimeoutFromTheLastProgress) {
    Talk talk;
    for (int i = 0; i < 10; ++i) {
        talk.write(10);
        talk.said();
        ASSERT_TRUE(talk.pass(kUserTimeout - seconds(1))) << i;
        talk.hear({.ack = 10 * (i + 1)});
    }
    EXPECT_EQ(talk.tcp().acked(), 100U);
}

TEST(ConnectionClose, IsResetInEveryState) {
    for (const bool ours : {false, true})
        for (const bool theirs : {false, true}) {
            Talk talk;
            if (ours) talk.peer().finish();
            talk.said();
            if (theirs) talk.hear({.flags = kFinAck});
            EXPECT_EQ(talk.hear({.seq = theirs ? 1 : 0, .flags = wire::kRst}), Input::Reset);
            EXPECT_EQ(talk.tcp().state(), TcpState::Closed);
        }
}

}  // namespace
}  // namespace sallyport::tcp

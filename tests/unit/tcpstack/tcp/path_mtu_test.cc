// SPDX-License-Identifier: Apache-2.0
// What ICMP errors may do to a connection (RFC 5927, RFC 1191).
#include <gtest/gtest.h>

#include "tcpstack/tcp/active_open.h"
#include "tests/support/tcp_talk.h"

namespace sallyport::tcp {
namespace {

using test::Said;
using test::Talk;

SeqNum at(std::uint32_t offset) { return Talk::plain().iss + 1 + offset; }

TEST(PathMtu, OnlyWhatIsInFlightCanHaveBeenTooLarge) {
    Talk talk;
    EXPECT_FALSE(talk.tcp().is_in_flight(at(0))) << "nothing was sent";
    talk.write(300);
    talk.said();
    talk.hear({.ack = 100});
    EXPECT_FALSE(talk.tcp().is_in_flight(at(99)));
    EXPECT_TRUE(talk.tcp().is_in_flight(at(100)));
    EXPECT_TRUE(talk.tcp().is_in_flight(at(299)));
    EXPECT_FALSE(talk.tcp().is_in_flight(at(300)));
    talk.hear({.ack = 300});
    EXPECT_FALSE(talk.tcp().is_in_flight(at(300)));
    talk.tcp().abort(talk.now());
    EXPECT_FALSE(talk.tcp().is_in_flight(at(300)));
}

TEST(PathMtu, WhatWasTooLargeGoesAgainAtOnceAndIsNoCongestion) {
    Talk talk;
    talk.write(300);
    talk.said();
    talk.hear({.ack = 100});
    const std::uint32_t window = talk.tcp().sender().congestion().window();
    EXPECT_TRUE(talk.tcp().lower_mss(60, talk.now()));
    EXPECT_EQ(talk.said(), "100+60 ack 0 win 4000 | 160+60 ack 0 win 4000 | 220+60 ack 0 win 4000 | "
                           "P 280+20 ack 0 win 4000");
    EXPECT_EQ(talk.tcp().sender().congestion().window(), window);
    EXPECT_EQ(talk.answer({.ack = 300}), "");
    talk.write(100);
    EXPECT_EQ(talk.said(), "300+60 ack 0 win 4000 | P 360+40 ack 0 win 4000");
}

TEST(PathMtu, NothingGrowsAndNothingGoesAgainForALargerOne) {
    Talk talk;
    talk.write(200);
    talk.said();
    EXPECT_FALSE(talk.tcp().lower_mss(100, talk.now()));
    EXPECT_FALSE(talk.tcp().lower_mss(1400, talk.now()));
    EXPECT_EQ(talk.said(), "");
    EXPECT_TRUE(talk.tcp().lower_mss(1, talk.now())) << "but never to segments of nothing";
    EXPECT_EQ(talk.said(), "0+48 ack 0 win 4000 | 48+48 ack 0 win 4000 | 96+48 ack 0 win 4000 | "
                           "144+48 ack 0 win 4000 | P 192+8 ack 0 win 4000");
}

// A router has wanted segments of 60 octets; that was 599 s ago.
struct Lowered : Talk {
    Lowered() {
        write(100);
        said();
        EXPECT_TRUE(tcp().lower_mss(60, now()));
        said();
        hear({.ack = 100});
        pass(std::chrono::seconds(599));
    }
};

// RFC 1191 section 6.3, RFC 8201 section 4.
TEST(PathMtu, LargerOnesAreTriedAgainAfterTenMinutes) {
    Lowered talk;
    talk.write(100);
    EXPECT_EQ(talk.said(), "100+60 ack 0 win 4000 | P 160+40 ack 0 win 4000");
    talk.hear({.ack = 200});
    talk.pass(std::chrono::seconds(1));
    talk.write(100);
    EXPECT_EQ(talk.said(), "P 200+100 ack 0 win 4000");
    EXPECT_TRUE(talk.tcp().lower_mss(60, talk.now())) << "a router has said so once more";
    EXPECT_EQ(talk.said(), "200+60 ack 0 win 4000 | P 260+40 ack 0 win 4000");
    talk.hear({.ack = 300});
    talk.pass(std::chrono::seconds(599));
    talk.write(100);
    EXPECT_EQ(talk.said(), "300+60 ack 0 win 4000 | P 360+40 ack 0 win 4000");
}

TEST(PathMtu, WhatWasLostGoesAgainInSegmentsThatPassed) {
    Lowered talk;
    talk.write(120);
    EXPECT_EQ(talk.said(), "100+60 ack 0 win 4000 | P 160+60 ack 0 win 4000");
    talk.pass(std::chrono::seconds(5));
    for (const std::string said = talk.said(); const char* large : {"+100 ", "+120 "})
        EXPECT_EQ(said.find(large), said.npos) << said;
}

TEST(PathMtu, AFinGoesAgainBehindTheLastOctet) {
    Talk talk;
    talk.write(90);
    talk.peer().finish();
    talk.said();
    EXPECT_TRUE(talk.tcp().lower_mss(50, talk.now()));
    EXPECT_EQ(talk.said(), "0+50 ack 0 win 4000 | PF 50+40 ack 0 win 4000");
    EXPECT_TRUE(talk.tcp().is_in_flight(at(90))) << "the FIN";
}

TEST(PathMtu, AClosedWindowStaysClosed) {
    Talk talk;
    talk.write(200);
    talk.said();
    talk.hear({.ack = 200, .win = 0});
    talk.write(200);
    talk.said();
    EXPECT_TRUE(talk.tcp().lower_mss(60, talk.now()));
    EXPECT_EQ(talk.said(), "");
    EXPECT_EQ(talk.answer({.ack = 200, .win = 1000}).substr(0, 6), "200+60");
}

wire::TcpHeader header(SeqNum seq, SeqNum ack, std::uint8_t flags) {
    wire::TcpHeader h{};
    h.seq.set(seq.raw());
    h.ack.set(ack.raw());
    h.flags = flags;
    h.window.set(60000);
    return h;
}

TEST(PathMtu, OfHeldOctets) {
    const Instant now = Instant{} + std::chrono::seconds(1);
    const SeqNum iss{1000}, irs{9000};
    ActiveOpen leg;
    leg.start({.iss = iss, .ts_val = TsVal{}, .mss = 1460}, now);
    EXPECT_TRUE(leg.is_in_flight(iss)) << "the SYN";
    EXPECT_FALSE(leg.is_in_flight(iss + 1));
    EXPECT_FALSE(leg.lower_mss(100, now)) << "nothing that is large is in flight";
    wire::TcpOptions options;
    options.mss = 1460;
    EXPECT_EQ(leg.on_syn_sent(header(irs, iss + 1, wire::kSyn | wire::kAck), options, now),
              SynSentResult::Established);
    leg.deliver_until(iss + 1 + 2000);
    EXPECT_EQ(leg.may_send(), 1460U);
    leg.on_sent(1460, now);
    leg.on_sent(leg.may_send(), now);
    EXPECT_TRUE(leg.is_in_flight(iss + 1 + 1999));
    EXPECT_FALSE(leg.is_in_flight(iss + 1 + 2000));
    EXPECT_FALSE(leg.lower_mss(1460, now));
    EXPECT_TRUE(leg.lower_mss(1000, now));
    EXPECT_EQ(leg.snd_nxt(), iss + 1);
    EXPECT_EQ(leg.may_send(), 1000U);
    EXPECT_TRUE(leg.is_in_flight(iss + 1 + 1999)) << "what has been sent may still be reported";
    leg.on_ack(iss + 1 + 2000, 60000, now);
    EXPECT_TRUE(leg.delivered());
    EXPECT_FALSE(leg.is_in_flight(iss + 1));
}

}  // namespace
}  // namespace sallyport::tcp

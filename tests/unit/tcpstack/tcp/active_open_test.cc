// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/tcp/active_open.h"

#include <gtest/gtest.h>

#include "tcpstack/tcp/syn_cookie.h"

namespace sallyport::tcp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr SeqNum kIss{0xffff'fff0}, kIrs{500};
constexpr Instant kStart = Instant{} + seconds(10);

wire::TcpHeader header(std::uint8_t flags, SeqNum ack, std::uint16_t window = 65535) {
    wire::TcpHeader h{};
    h.seq.set(kIrs.raw());
    h.ack.set(ack.raw());
    h.flags = flags;
    h.window.set(window);
    return h;
}

ActiveOpen opened(std::uint16_t mss, std::uint32_t octets, std::uint16_t window = 65535) {
    ActiveOpen leg;
    leg.start({.iss = kIss, .ts_val = TsVal{7}, .mss = 1460}, kStart);
    wire::TcpOptions options;
    options.mss = mss;
    EXPECT_EQ(leg.on_syn_sent(header(wire::kSyn | wire::kAck, kIss + 1, window), options,
                              kStart + milliseconds(100)),
              SynSentResult::Established);
    leg.deliver_until(kIss + 1 + octets);
    return leg;
}

TEST(ActiveOpen, JudgesWhatComesInSynSent) {  // RFC 9293 section 3.10.7.3
    ActiveOpen leg;
    leg.start({.iss = kIss, .ts_val = TsVal{7}, .mss = 1460}, kStart);
    const auto judge = [&](std::uint8_t flags, SeqNum ack) {
        return leg.on_syn_sent(header(flags, ack), {}, kStart);
    };
    EXPECT_EQ(judge(wire::kRst | wire::kAck, kIss + 1), SynSentResult::Refused);
    EXPECT_EQ(judge(wire::kRst | wire::kAck, kIss), SynSentResult::Ignored);
    EXPECT_EQ(judge(wire::kRst, SeqNum{0}), SynSentResult::Ignored);
    EXPECT_EQ(judge(wire::kAck, kIss + 9), SynSentResult::BadAck);
    EXPECT_EQ(judge(wire::kSyn | wire::kAck, kIss), SynSentResult::BadAck);
    EXPECT_EQ(judge(wire::kSyn, SeqNum{0}), SynSentResult::Ignored);
    EXPECT_EQ(judge(wire::kAck, kIss + 1), SynSentResult::Ignored);
    EXPECT_EQ(leg.state(), OpenState::SynSent);
}

TEST(ActiveOpen, SendsTenSegmentsAtFirst) {  // RFC 6928
    ActiveOpen leg = opened(100, 5000);
    std::uint32_t sent = 0;
    while (const std::uint32_t n = leg.may_send()) {
        EXPECT_LE(n, 100U);
        leg.on_sent(n, kStart);
        sent += n;
    }
    EXPECT_EQ(sent, 1000U);
    leg.on_ack(kIss + 1 + 300, 65535, kStart + milliseconds(200));
    EXPECT_EQ(leg.may_send(), 100U);
}

TEST(ActiveOpen, NeverSendsBeyondTheServersWindow) {
    ActiveOpen leg = opened(1460, 5000, 700);
    EXPECT_EQ(leg.may_send(), 700U);
    leg.on_sent(700, kStart);
    EXPECT_EQ(leg.may_send(), 0U);
}

TEST(ActiveOpen, ProbesAWindowThatIsClosedFromTheStart) {
    ActiveOpen leg = opened(1460, 500, 0);
    EXPECT_EQ(leg.may_send(), 0U);
    ASSERT_NE(leg.deadline(), kNever);
    leg.on_timeout(leg.deadline());
    EXPECT_EQ(leg.may_send(), 1U);
}

TEST(ActiveOpen, GoesBackAtATimeoutAndTakesOldAcknowledgements) {
    ActiveOpen leg = opened(100, 400);
    for (int i = 0; i < 4; ++i) leg.on_sent(leg.may_send(), kStart + milliseconds(100));
    EXPECT_EQ(leg.may_send(), 0U);
    leg.on_timeout(leg.deadline());
    EXPECT_EQ(leg.snd_nxt(), kIss + 1);
    leg.on_ack(kIss + 1 + 400, 65535, kStart + seconds(1));
    EXPECT_TRUE(leg.delivered());
    EXPECT_EQ(leg.may_send(), 0U);
    EXPECT_EQ(leg.deadline(), kNever);
}

TEST(ActiveOpen, IgnoresAcknowledgementsOfWhatItNeverHad) {
    ActiveOpen leg = opened(100, 400);
    leg.on_sent(leg.may_send(), kStart);
    leg.on_ack(kIss + 1 + 401, 65535, kStart);
    leg.on_ack(kIss - 5, 65535, kStart);
    EXPECT_EQ(leg.snd_una(), kIss + 1);
}

TEST(ActiveOpen, BacksOff) {
    ActiveOpen leg;
    leg.start({.iss = kIss, .ts_val = TsVal{7}, .mss = 1460}, kStart);
    EXPECT_EQ(leg.deadline(), kStart + seconds(1));
    leg.on_timeout(kStart + seconds(1));
    EXPECT_EQ(leg.deadline(), kStart + seconds(3));
}

TEST(ActiveOpen, FallsBackWhereTheServerOffersNothing) {
    ActiveOpen leg;
    leg.start({.iss = kIss, .ts_val = TsVal{7}, .mss = 1460}, kStart);
    leg.on_syn_sent(header(wire::kSyn | wire::kAck, kIss + 1), {}, kStart);
    EXPECT_EQ(leg.mss(), 536);
    EXPECT_EQ(leg.window_shift(), kNoWindowScale);
    EXPECT_FALSE(leg.sack());
    EXPECT_FALSE(leg.timestamps());
}

}  // namespace
}  // namespace sallyport::tcp

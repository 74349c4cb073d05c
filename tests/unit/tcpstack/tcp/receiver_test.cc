// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/tcp/receiver.h"

#include <gtest/gtest.h>

#include <array>

#include "tests/support/tcp_talk.h"

namespace sallyport::tcp {
namespace {

using std::chrono::milliseconds;
using test::Talk;

std::string octets(std::size_t n) {
    return std::string(n, 'x');
}

ConnectionStart with_sack() {
    ConnectionStart start = Talk::plain();
    start.sack = true;
    return start;
}

TEST(Receiver, AcknowledgesEverySecondSegmentAtOnce) {
    Talk talk;
    EXPECT_EQ(talk.answer({.text = octets(100)}), "");
    EXPECT_EQ(talk.answer({.seq = 100, .text = octets(100)}), "0 ack 200 win 3800");
    EXPECT_EQ(talk.answer({.seq = 200, .text = octets(100)}), "");
}

// One that is left over would else take a part of its sender's window for a round trip.
TEST(Receiver, AcknowledgesAFullSegmentBehindAFullOneAtOnce) {
    Talk talk;
    EXPECT_EQ(talk.answer({.text = octets(600)}), "");
    EXPECT_EQ(talk.answer({.seq = 600, .text = octets(600)}), "0 ack 1200 win 2800");
    EXPECT_EQ(talk.answer({.seq = 1200, .text = octets(600)}), "0 ack 1800 win 2200");
    EXPECT_EQ(talk.answer({.seq = 1800, .text = octets(599)}), "");
}

TEST(Receiver, AcknowledgesTheFirstAfterFortyMilliseconds) {
    Talk talk;
    talk.hear({.text = octets(100)});
    EXPECT_TRUE(talk.pass(milliseconds(39)));
    EXPECT_EQ(talk.said(), "");
    talk.pass(milliseconds(1));
    EXPECT_EQ(talk.said(), "0 ack 100 win 3900");
    EXPECT_EQ(talk.tcp().deadline(), kNever);
}

ConnectionStart with_quick_acks() {
    ConnectionStart start = Talk::plain();
    start.quick_acks = 3;
    return start;
}

TEST(Receiver, AcknowledgesTheFirstSegmentsAtOnce) {  // what Nagle's rule holds back comes then
    Talk talk(with_quick_acks());
    EXPECT_EQ(talk.answer({.text = octets(100)}), "0 ack 100 win 3900");
    EXPECT_EQ(talk.answer({.seq = 100, .text = octets(100)}), "0 ack 200 win 3800");
    EXPECT_EQ(talk.answer({.seq = 200, .text = octets(100)}), "0 ack 300 win 3700");
    EXPECT_EQ(talk.answer({.seq = 300, .text = octets(100)}), "");
}

TEST(Receiver, AcknowledgesTheFirstSegmentsAfterAPauseAtOnce) {
    Talk talk(with_quick_acks());
    for (int i = 0; i < 4; ++i) talk.hear({.seq = 100 * i, .text = octets(100)});
    talk.pass(kQuickAfter + milliseconds(1));
    talk.said();
    EXPECT_EQ(talk.answer({.seq = 400, .text = octets(100)}), "0 ack 500 win 3500");
}

TEST(Receiver, LetsItsAnswersCarryTheAcknowledgements) {
    Talk talk(with_quick_acks());
    EXPECT_EQ(talk.answer({.text = octets(100)}), "0 ack 100 win 3900");
    talk.write(7);
    EXPECT_EQ(talk.said(), "P 0+7 ack 100 win 3900");
    EXPECT_EQ(talk.answer({.seq = 100, .ack = 7, .text = octets(100)}), "");
    talk.write(7);
    EXPECT_EQ(talk.said(), "P 7+7 ack 200 win 3800");
}

TEST(Receiver, NeedsNoAcknowledgementOfItsOwnBesideData) {
    Talk talk;
    talk.hear({.text = octets(100)});
    talk.write(7);
    EXPECT_EQ(talk.said(), "P 0+7 ack 100 win 3900");
    talk.hear({.seq = 100, .ack = 7});
    talk.pass(milliseconds(100));
    EXPECT_EQ(talk.said(), "");
}

// The owner asks once after a burst; a peer without SACK counts what it gets (RFC 5681 section 3.2).
TEST(Receiver, AnswersEachSegmentAheadOfAGapOfABurst) {
    Talk talk;
    for (const int seq : {100, 200, 300}) talk.hear({.seq = seq, .text = octets(100)});
    EXPECT_EQ(talk.said(), "0 ack 0 win 4000 | 0 ack 0 win 4000 | 0 ack 0 win 4000");
    talk.hear({.seq = 500, .text = octets(100)});
    talk.hear({.text = octets(100)});
    EXPECT_EQ(talk.said(), "0 ack 400 win 3600");  // a duplicate of a new number would mislead
}

TEST(Receiver, AnswersABurstOnceToAPeerWithSack) {
    Talk talk(with_sack());
    for (const int seq : {100, 200, 300}) talk.hear({.seq = seq, .text = octets(100)});
    EXPECT_EQ(talk.said(), "0 ack 0 win 4000 sack 100-400");
}

// RFC 2883 section 4.2.2: without the second block the first would say that octets are new.
TEST(Receiver, ReportsTheRangeBehindADuplicateThatIsAllOfIt) {
    Talk talk(with_sack());
    EXPECT_EQ(talk.answer({.seq = 100, .text = octets(100)}), "0 ack 0 win 4000 sack 100-200");
    EXPECT_EQ(talk.answer({.seq = 100, .text = octets(100)}),
              "0 ack 0 win 4000 sack 100-200,100-200");
}

TEST(Receiver, ReportsTheFirstOfTwoDuplicateParts) {
    Talk talk(with_sack());
    talk.answer({.seq = 100, .text = octets(100)});
    talk.answer({.seq = 300, .text = octets(100)});
    EXPECT_EQ(talk.answer({.seq = 50, .text = octets(400)}),
              "0 ack 0 win 4000 sack 100-200,50-450");
}

TEST(Receiver, AnswersAtOnceAheadOfAGapAndWhenItIsFilled) {  // RFC 5681 section 4.2
    Talk talk;
    EXPECT_EQ(talk.answer({.seq = 100, .text = octets(100)}), "0 ack 0 win 4000");
    EXPECT_EQ(talk.answer({.seq = 300, .text = octets(100)}), "0 ack 0 win 4000");
    EXPECT_EQ(talk.answer({.text = octets(100)}), "0 ack 200 win 3800");
    EXPECT_EQ(talk.answer({.seq = 200, .text = octets(50)}), "0 ack 250 win 3750");
    EXPECT_EQ(talk.answer({.seq = 250, .text = octets(50)}), "0 ack 400 win 3600");
}

TEST(Receiver, AnswersDuplicatesAtOnce) {
    Talk talk;
    talk.hear({.text = octets(100)});
    EXPECT_EQ(talk.answer({.text = octets(100)}), "0 ack 100 win 3900");
}

TEST(Receiver, ReportsTheLastGrownRangeFirst) {  // RFC 2018 section 4
    Talk talk(with_sack());
    EXPECT_EQ(talk.answer({.seq = 100, .text = octets(10)}), "0 ack 0 win 4000 sack 100-110");
    EXPECT_EQ(talk.answer({.seq = 200, .text = octets(10)}),
              "0 ack 0 win 4000 sack 200-210,100-110");
    EXPECT_EQ(talk.answer({.seq = 300, .text = octets(10)}),
              "0 ack 0 win 4000 sack 300-310,200-210,100-110");
    EXPECT_EQ(talk.answer({.seq = 110, .text = octets(10)}),
              "0 ack 0 win 4000 sack 100-120,300-310,200-210");
    EXPECT_EQ(talk.answer({.text = octets(100)}), "0 ack 120 win 3880 sack 300-310,200-210");
    EXPECT_EQ(talk.answer({.seq = 120, .text = octets(80)}), "0 ack 210 win 3790 sack 300-310");
    EXPECT_EQ(talk.answer({.seq = 210, .text = octets(90)}), "0 ack 310 win 3690");
}

TEST(Receiver, RemembersTheOrderWhileOneRangeGrows) {
    Talk talk(with_sack());
    for (const int at : {100, 200, 300, 110, 120, 130})
        (void)talk.answer({.seq = at, .text = octets(10)});
    EXPECT_EQ(talk.answer({.seq = 140, .text = octets(10)}),
              "0 ack 0 win 4000 sack 100-150,300-310,200-210");
}

TEST(Receiver, ReportsFourRangesOrThreeBesideTimestamps) {
    for (const bool timestamps : {false, true}) {
        ConnectionStart start = with_sack();
        start.timestamps = timestamps;
        Talk talk(start);
        std::string last;
        for (int i = 1; i <= 6; ++i) last = talk.answer({.seq = 100 * i, .text = octets(10)});
        const std::string all = "0 ack 0 win 4000 sack 600-610,500-510,400-410";
        EXPECT_EQ(last, timestamps ? all + " ts 0/0" : all + ",300-310");
    }
}

TEST(Receiver, StillReportsARangeWhenLaterOnesAreGone) {
    Talk talk(with_sack());
    for (const int at : {500, 100, 200, 300, 400}) talk.hear({.seq = at, .text = octets(10)});
    for (const int at : {0, 110, 210, 310}) (void)talk.answer({.seq = at, .text = octets(90)});
    EXPECT_EQ(talk.answer({.seq = 90, .text = octets(10)}), "0 ack 410 win 3590 sack 500-510");
}

TEST(Receiver, ReportsADuplicateOnce) {  // RFC 2883 section 4
    Talk talk(with_sack());
    talk.hear({.text = octets(100)});
    EXPECT_EQ(talk.answer({.text = octets(100)}), "0 ack 100 win 3900 sack 0-100");
    EXPECT_EQ(talk.answer({.seq = 20, .text = octets(10)}), "0 ack 100 win 3900 sack 20-30");
    EXPECT_EQ(talk.answer({.seq = 200, .text = octets(10)}), "0 ack 100 win 3900 sack 200-210");
    EXPECT_EQ(talk.answer({.seq = 205, .text = octets(5)}),
              "0 ack 100 win 3900 sack 205-210,200-210");
}

TEST(Receiver, ReportsADuplicateFromOutsideTheWindow) {
    Talk talk(with_sack());
    talk.hear({.text = octets(100)});
    EXPECT_EQ(talk.hear({.seq = 0, .text = octets(50)}), Input::OutsideWindow);
    EXPECT_EQ(talk.said(), "0 ack 100 win 3900 sack 0-50");
}

TEST(Receiver, TakesTheOctetsOfSackFromTheSegment) {
    Talk talk(with_sack());
    talk.hear({.seq = 100, .text = octets(10)});
    talk.write(100);
    EXPECT_EQ(talk.said(),
              "0+88 ack 0 win 4000 sack 100-110 | P 88+12 ack 0 win 4000 sack 100-110");
}

TEST(Receiver, RefusesASeventeenthGap) {
    Talk talk;
    for (int i = 1; i <= 16; ++i)
        EXPECT_EQ(talk.hear({.seq = 10 * i, .text = "x"}), Input::Accepted);
    EXPECT_EQ(talk.hear({.seq = 170, .text = "x"}), Input::NoBuffer);
    EXPECT_EQ(talk.hear({.seq = 11, .text = "y"}), Input::Accepted);
    EXPECT_EQ(talk.hear({.text = octets(10)}), Input::Accepted);
    EXPECT_EQ(talk.hear({.seq = 170, .text = "x"}), Input::Accepted);
}

TEST(Receiver, TakesNothingWithoutAChunkButHearsTheRest) {
    ConnectionStart start = Talk::plain();
    start.offered = 10000;
    Talk talk(start, 2);
    talk.write(10);
    talk.said();
    EXPECT_EQ(talk.hear({.ack = 10, .text = octets(6000), .flags = wire::kAck | wire::kFin}),
              Input::NoBuffer);
    EXPECT_EQ(talk.tcp().acked(), 10U);
    EXPECT_EQ(talk.tcp().received(), 0U);
    EXPECT_FALSE(talk.tcp().peer_finished());
    EXPECT_EQ(talk.hear({.seq = 3000, .ack = 10, .text = octets(3000)}), Input::NoBuffer);
    EXPECT_EQ(talk.hear({.ack = 10, .text = octets(2000)}), Input::Accepted);
}

TEST(Receiver, NeverTakesBackWhatItPromised) {
    Talk talk;
    talk.hear({.text = octets(100)});
    talk.tcp().offer(10);
    EXPECT_EQ(talk.answer({.seq = 100, .text = octets(100)}), "0 ack 200 win 3800");
    EXPECT_EQ(talk.hear({.seq = 200, .text = octets(3800)}), Input::Accepted);
    EXPECT_EQ(talk.tcp().received(), 4000U);
}

TEST(Receiver, TellsOfRoomWhenItIsWorthASegment) {  // RFC 9293 section 3.8.6.2.2
    Talk talk;
    talk.hear({.text = octets(2000)});
    talk.hear({.seq = 2000, .text = octets(2000)});
    EXPECT_EQ(talk.said(), "0 ack 4000 win 0");
    talk.tcp().offer(1999);
    EXPECT_EQ(talk.said(), "");
    talk.tcp().offer(2000);  // half of the largest window
    EXPECT_EQ(talk.said(), "0 ack 4000 win 2000");
    talk.tcp().offer(2600);
    EXPECT_EQ(talk.said(), "");
    // An acknowledgement that is owed anyway does not move the edge by a little either.
    EXPECT_EQ(talk.answer({.seq = 3999, .text = "x"}), "0 ack 4000 win 2000");
    talk.tcp().offer(4000);
    EXPECT_EQ(talk.said(), "0 ack 4000 win 4000");
}

TEST(Receiver, OpensAClosedWindowForOneSegment) {
    ConnectionStart start = Talk::plain();
    start.offered = 20000;
    Talk talk(start);
    for (int i = 0; i < 20; ++i) talk.hear({.seq = 1000 * i, .text = octets(1000)});
    EXPECT_EQ(talk.said(), "0 ack 20000 win 0");
    talk.tcp().offer(999);
    EXPECT_EQ(talk.said(), "");
    talk.tcp().offer(1000);
    EXPECT_EQ(talk.said(), "0 ack 20000 win 1000");
    talk.tcp().offer(2999);
    EXPECT_EQ(talk.said(), "");
    talk.tcp().offer(3000);  // two more
    EXPECT_EQ(talk.said(), "0 ack 20000 win 3000");
}

ConnectionStart scaled(std::uint8_t shift) {
    ConnectionStart start = Talk::plain();
    start.rcv_shift = shift;
    start.offered = 10'000;
    return start;
}

TEST(Receiver, RoundsAScaledWindowUpWhileItMay) {  // RFC 7323 section 2.3
    Talk talk(scaled(7));
    talk.tcp().offer(200'000);
    EXPECT_EQ(talk.said(), "");  // the peer has half of a window: the next acknowledgement tells it
    talk.hear({.text = octets(1)});
    talk.hear({.seq = 1, .text = octets(1)});
    EXPECT_EQ(talk.said(), "0 ack 2 win 1530");  // 195840 of 195904
    EXPECT_EQ(talk.tcp().receiver().edge(), 195'842U);
}

TEST(Receiver, KeepsTheEdgeOfAScaledWindowWhenNobodyReads) {
    for (const std::uint8_t shift : std::array<std::uint8_t, 3>{1, 4, 7}) {
        Talk talk(scaled(shift), 512);
        talk.tcp().offer(65'536);
        (void)talk.said();
        std::uint64_t edge = talk.tcp().receiver().edge(), at = 0;
        while (at < 65'536) {
            const std::uint64_t n =
                std::min<std::uint64_t>(1448, talk.tcp().receiver().edge() - at);
            if (n == 0) break;
            talk.hear({.seq = static_cast<std::int64_t>(at), .text = octets(n)});
            at += n;
            for (const auto& f : talk.peer().all(talk.now())) {
                const std::uint64_t said =
                    talk.tcp().received() + (std::uint64_t{f.window} << shift);
                ASSERT_GE(said, edge) << "shift " << int{shift};
                edge = said;
            }
        }
        EXPECT_LE(talk.tcp().received(), 65'536U);
        EXPECT_GE(talk.tcp().received(), 65'536U - 1448 - (1U << shift));
    }
}

TEST(Receiver, PromisesNoMoreThanTheOwnerTakes) {
    Talk talk(scaled(7), 512);
    talk.tcp().offer(65'536);
    (void)talk.said();
    // The worst that a peer can do to the rounding.
    for (int i = 0; i < 70'000; ++i) {
        talk.hear({.seq = static_cast<std::int64_t>(talk.tcp().received()), .text = "x"});
        (void)talk.said();
    }
    EXPECT_LE(talk.tcp().receiver().edge(), 65'536U);
    EXPECT_LE(talk.tcp().received(), 65'536U);
}

TEST(Receiver, TakesMoreThanFourGibibytes) {
    constexpr std::uint32_t kOctets = 60'000;
    ConnectionStart start = Talk::plain();
    start.offered = kOctets;
    test::TestPool pool;
    ByteQueue in;
    Receiver receiver;
    receiver.open(start, Instant{});
    const std::string text = octets(kOctets);
    std::uint64_t at = 0;
    while (at <= 0x1'0000'0000) {
        const SeqNum seq = receiver.next();
        // Each time with a gap that is filled afterwards.
        const auto payload = test::octets_of(text);
        ASSERT_EQ(receiver.on_text(seq + 100, payload.subspan(100), false, in, *pool, Instant{}),
                  Input::Accepted);
        ASSERT_EQ(receiver.on_text(seq, payload.first(100), false, in, *pool, Instant{}),
                  Input::Accepted);
        at += kOctets;
        ASSERT_EQ(receiver.received(), at);
        in.release(*pool, at);
        receiver.offer(kOctets);
        ASSERT_EQ(receiver.acknowledge(), kOctets);
    }
    EXPECT_EQ(receiver.next(), start.irs + 1 + static_cast<std::uint32_t>(at));
    EXPECT_EQ(pool->in_use(), 0U);
}

}  // namespace
}  // namespace sallyport::tcp

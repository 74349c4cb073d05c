// SPDX-License-Identifier: Apache-2.0
// Which segments count, in the order of RFC 9293 section 3.10.7.4.
#include "tcpstack/tcp/connection.h"

#include <gtest/gtest.h>

#include "tests/support/tcp_talk.h"

namespace sallyport::tcp {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::Said;
using test::Talk;

constexpr std::uint8_t kRstAck = wire::kRst | wire::kAck;

ConnectionStart with_timestamps() {
    ConnectionStart start = Talk::plain();
    start.timestamps = true;
    start.ts_recent = TsVal{1000};
    start.ts_sent = TsVal{50};
    return start;
}

Said stamped(Said said, std::uint32_t val, std::uint32_t ecr = 50) {
    said.ts = wire::Timestamps{TsVal{val}, TsVal{ecr}};
    return said;
}

TEST(Connection, IsSmallEnoughToHaveTwoOfInASession) {
    RecordProperty("octets", static_cast<int>(sizeof(Connection)));
    EXPECT_LE(sizeof(Connection), 1280U);
}

TEST(Connection, OwesNothingWhenOpened) {
    Talk talk;
    EXPECT_EQ(talk.said(), "");
    EXPECT_EQ(talk.tcp().deadline(), kNever);
    EXPECT_EQ(talk.tcp().state(), TcpState::Established);
}

TEST(Connection, SendsAndTakesAcrossTheWrap) {
    Talk talk;
    talk.write(150);
    EXPECT_EQ(talk.said(), "0+100 ack 0 win 4000 | P 100+50 ack 0 win 4000");
    EXPECT_EQ(talk.hear({.ack = 100, .text = std::string(40, 'x')}), Input::Accepted);
    EXPECT_EQ(talk.tcp().acked(), 100U);
    EXPECT_EQ(talk.tcp().received(), 40U);
    EXPECT_EQ(talk.hear({.seq = 40, .ack = 150}), Input::Accepted);
    EXPECT_EQ(talk.tcp().acked(), 150U);
}

TEST(Connection, RejectsAnOldTimestampAndSaysSo) {  // RFC 7323 section 5.3 R1
    Talk talk(with_timestamps());
    EXPECT_EQ(talk.hear(stamped({.text = "old"}, 999)), Input::PawsRejected);
    EXPECT_EQ(talk.said(), "0 ack 0 win 4000 ts 50/1000");
    EXPECT_EQ(talk.hear(stamped({.text = "new"}, 1000)), Input::Accepted);
    EXPECT_EQ(talk.tcp().received(), 3U);
}

TEST(Connection, BelievesAnExactResetWithAnOldTimestamp) {
    Talk talk(with_timestamps());
    EXPECT_EQ(talk.hear(stamped({.flags = kRstAck}, 1)), Input::Reset);
}

TEST(Connection, AcceptsASegmentWithoutTheTimestampThatWasAgreed) {
    Talk talk(with_timestamps());
    EXPECT_EQ(talk.hear({.text = "bare"}), Input::Accepted);
    EXPECT_EQ(talk.tcp().received(), 4U);
}

TEST(Connection, TrustsAnOldTimestampAfterTwentyFourDays) {  // RFC 7323 section 5.5
    Talk talk(with_timestamps());
    talk.pass(hours(24 * 24 + 1));
    EXPECT_EQ(talk.hear(stamped({.text = "back"}, 999)), Input::Accepted);
}

TEST(Connection, EchoesTheFirstSegmentThatAnAcknowledgementCovers) {  // RFC 7323 section 4.3
    Talk talk(with_timestamps());
    talk.hear(stamped({.text = "one"}, 1001));
    talk.hear(stamped({.seq = 3, .text = "two"}, 1002));
    EXPECT_EQ(talk.said(), "0 ack 6 win 3994 ts 50/1001");
    // What lies ahead of a gap echoes nothing.
    EXPECT_EQ(talk.answer(stamped({.seq = 10, .text = "far"}, 1005)),
              "0 ack 6 win 3994 ts 50/1001");
}

TEST(Connection, CountsItsTimestampsByTheMillisecond) {
    Talk talk(with_timestamps());
    talk.pass(milliseconds(70));
    talk.write(10);
    EXPECT_EQ(talk.said(), "P 0+10 ack 0 win 4000 ts 120/1000");
}

// What is owed behind a segment of a burst: the number acknowledged, or nothing yet.
std::optional<std::int32_t> within_burst(Talk& talk) {
    Outgoing out;
    if (!talk.tcp().next_ack(talk.now(), out)) return std::nullopt;
    EXPECT_EQ(out.fields.flags, wire::kAck);
    EXPECT_EQ(out.length, 0U);
    return distance(Talk::plain().irs + 1, out.fields.ack);
}

TEST(Connection, AnswersEveryEighthSegmentOfABurst) {
    Talk talk;
    for (int i = 1; i <= 20; ++i) {
        talk.hear({.seq = 10 * (i - 1), .text = std::string(10, 'x')});
        const std::optional<std::int32_t> ack = within_burst(talk);
        EXPECT_EQ(ack, i % kUnackedMax == 0 ? std::optional{10 * i} : std::nullopt) << i;
    }
    EXPECT_EQ(talk.said(), "0 ack 200 win 3800");  // the rest at its end
    EXPECT_EQ(talk.tcp().deadline(), kNever);
}

TEST(Connection, AnswersWithinABurstWhenSomethingIsMissing) {
    Talk talk;
    talk.hear({.text = std::string(10, 'x')});
    EXPECT_FALSE(within_burst(talk));
    for (const int at : {20, 30, 40}) {
        talk.hear({.seq = at, .text = std::string(10, 'x')});
        EXPECT_EQ(within_burst(talk), 10) << at;
    }
    talk.hear({.seq = 10, .text = std::string(10, 'x')});
    EXPECT_EQ(talk.said(), "0 ack 50 win 3950");
}

TEST(Connection, TakesTheOctetsOfOptionsFromTheSegment) {
    Talk talk(with_timestamps());
    talk.write(100);
    EXPECT_EQ(talk.said(), "0+88 ack 0 win 4000 ts 50/1000 | P 88+12 ack 0 win 4000 ts 50/1000");
}

TEST(Connection, AnswersASegmentOutsideTheWindow) {
    Talk talk;
    EXPECT_EQ(talk.hear({.seq = 4001, .text = "x"}), Input::OutsideWindow);
    EXPECT_EQ(talk.said(), "0 ack 0 win 4000");
    EXPECT_EQ(talk.hear({.seq = -3, .text = "x"}), Input::OutsideWindow);
    EXPECT_EQ(talk.said(), "0 ack 0 win 4000");
    EXPECT_EQ(talk.tcp().received(), 0U);
}

TEST(Connection, CutsWhatIsOldAndWhatIsBeyondTheWindow) {
    Talk talk;
    EXPECT_EQ(talk.hear({.seq = -2, .text = "xxab"}), Input::Accepted);
    EXPECT_EQ(talk.hear({.seq = 2, .text = std::string(5000, 'y')}), Input::Accepted);
    EXPECT_EQ(talk.tcp().received(), Talk::kOffered);
    EXPECT_EQ(talk.peer().read(3), "aby");
}

TEST(Connection, TakesTheAcknowledgementOfAPeerThatHasUsedItsWholeWindow) {
    Talk talk;
    talk.write(50);
    talk.said();
    EXPECT_EQ(talk.hear({.seq = 4000, .ack = 50}), Input::Accepted);
    EXPECT_EQ(talk.tcp().acked(), 50U);
}

TEST(Connection, IsResetByTheExactNumberOnly) {  // RFC 5961 section 3.2
    Talk talk;
    EXPECT_EQ(talk.hear({.seq = 1, .flags = kRstAck}), Input::OutsideWindow);
    EXPECT_EQ(talk.said(), "0 ack 0 win 4000");  // the challenge
    EXPECT_EQ(talk.hear({.seq = 5000, .flags = kRstAck}), Input::OutsideWindow);
    EXPECT_EQ(talk.hear({.seq = -1, .flags = kRstAck}), Input::OutsideWindow);
    talk.pass(kChallengeInterval);
    EXPECT_EQ(talk.hear({.seq = 4000, .flags = kRstAck}), Input::OutsideWindow);
    EXPECT_EQ(talk.said(), "");
    EXPECT_EQ(talk.tcp().state(), TcpState::Established);
    EXPECT_EQ(talk.hear({.seq = 0, .flags = wire::kRst}), Input::Reset);
    EXPECT_EQ(talk.tcp().state(), TcpState::Closed);
    EXPECT_EQ(talk.said(), "");
    EXPECT_EQ(talk.tcp().deadline(), kNever);
}

TEST(Connection, ChallengesASynAndChangesNothing) {  // RFC 5961 section 4.2
    Talk talk;
    EXPECT_EQ(talk.hear({.seq = 7, .flags = wire::kSyn}), Input::OutsideWindow);
    EXPECT_EQ(talk.said(), "0 ack 0 win 4000");
    talk.pass(kChallengeInterval);
    // The SYN-ACK again: our acknowledgement of it was lost.
    EXPECT_EQ(talk.hear({.seq = -1, .flags = wire::kSyn | wire::kAck}), Input::OutsideWindow);
    EXPECT_EQ(talk.said(), "0 ack 0 win 4000");
    EXPECT_EQ(talk.tcp().state(), TcpState::Established);
}

TEST(Connection, ChallengesAtMostTwiceASecond) {
    Talk talk;
    int answers = 0;
    for (int i = 0; i < 1000; ++i) {
        talk.hear({.seq = 100, .flags = kRstAck});
        talk.hear({.seq = 100, .flags = wire::kSyn});
        talk.hear({.ack = 5000});
        talk.hear({.seq = -10});
        answers += talk.said().empty() ? 0 : 1;
        talk.pass(milliseconds(1));
    }
    EXPECT_EQ(answers, 2);
}

TEST(Connection, IgnoresASegmentWithoutAck) {
    Talk talk;
    EXPECT_EQ(talk.hear({.text = "x", .flags = 0}), Input::BadFlags);
    EXPECT_EQ(talk.hear({.text = "x", .flags = wire::kFin}), Input::BadFlags);
    EXPECT_EQ(talk.tcp().received(), 0U);
    EXPECT_EQ(talk.said(), "");
}

TEST(Connection, TakesNoPayloadWithAnImpossibleAcknowledgement) {  // RFC 5961 section 5.2
    Talk talk;
    EXPECT_EQ(talk.hear({.ack = 1, .text = "x"}), Input::BadAck);  // not sent yet
    EXPECT_EQ(talk.said(), "0 ack 0 win 4000");
    EXPECT_EQ(talk.hear({.ack = -10001, .text = "x"}), Input::BadAck);
    EXPECT_EQ(talk.tcp().received(), 0U);
    EXPECT_EQ(talk.hear({.ack = -10000, .text = "x"}), Input::Accepted);
    EXPECT_EQ(talk.tcp().received(), 1U);
}

TEST(Connection, AcceptsWhatWasSentBeforeATimeout) {
    Talk talk;
    talk.write(300);
    talk.said();
    talk.pass(seconds(1));
    EXPECT_EQ(talk.said(), "0+100 ack 0 win 4000");
    EXPECT_EQ(talk.hear({.ack = 300}), Input::Accepted);
    EXPECT_EQ(talk.tcp().acked(), 300U);
    EXPECT_EQ(talk.said(), "");
}

TEST(Connection, EndsOnDifferentOctetsForTheSameGap) {
    Talk talk;
    talk.hear({.seq = 10, .text = "abcdef"});
    EXPECT_EQ(talk.hear({.seq = 8, .text = "xxabX"}), Input::Conflict);
    EXPECT_EQ(talk.hear({.seq = 8, .text = "xxabc"}), Input::Accepted);
    EXPECT_EQ(talk.hear({.seq = 0, .text = "0123456789"}), Input::Conflict);
    EXPECT_EQ(talk.hear({.seq = 0, .text = "01234567"}), Input::Accepted);
    EXPECT_EQ(talk.peer().read(), "01234567xxabcdef");
    // What has been acknowledged may come again as it likes.
    EXPECT_EQ(talk.hear({.seq = 12, .text = "????gh"}), Input::Accepted);
    EXPECT_EQ(talk.peer().read(), "gh");
}

TEST(Connection, GoesOnFromWhatWasKeptElsewhere) {
    test::TestPool pool;
    ByteQueue in;
    ASSERT_TRUE(
        in.append(*pool, test::octets_of("before:01234")));  // seven octets of another stream
    ASSERT_TRUE(in.write(*pool, 17, test::octets_of("abcdef")));
    ConnectionStart start = Talk::plain();
    start.receive_from = 7;
    start.received = 5;
    start.offered = 1000;
    Connection tcp;
    const Instant now = Instant{} + seconds(1);
    tcp.open(start, now);
    tcp.note_ahead(17, 23);
    EXPECT_EQ(tcp.received(), 12U);

    wire::TcpHeader header{};
    header.flags = wire::kAck;
    header.ack.set((start.iss + 1).raw());
    const auto hear = [&](std::uint32_t seq, std::string_view text) {
        header.seq.set((start.irs + 1 + seq).raw());
        return tcp.on_segment({header, {}, test::octets_of(text)}, in, *pool, now);
    };
    EXPECT_EQ(hear(5, "56789X"), Input::Conflict);
    EXPECT_EQ(hear(5, "56789a"), Input::Accepted);
    EXPECT_EQ(tcp.received(), 23U);
    EXPECT_TRUE(in.same(*pool, 7, test::octets_of("0123456789abcdef")));
    in.clear(*pool);
}

TEST(Connection, SendsFromTheMiddleOfAQueue) {
    test::TestPool pool;
    ConnectionStart start = Talk::plain();
    start.send_from = 0x1'0000'0005;
    Connection tcp;
    tcp.open(start, Instant{});
    Outgoing out;
    ASSERT_TRUE(tcp.next_segment(start.send_from + 10, Instant{}, out));
    EXPECT_EQ(out.fields.seq, start.iss + 1);
    EXPECT_EQ(out.offset, start.send_from);
    EXPECT_EQ(out.length, 10U);
    EXPECT_EQ(tcp.sent(), start.send_from + 10);
    EXPECT_EQ(tcp.acked(), start.send_from);
}

TEST(Connection, ResetsWithTheNumberThatThePeerWaitsFor) {  // RFC 5961 section 3.2
    Talk talk;
    talk.write(250);
    talk.said();
    const wire::TcpFields reset = talk.tcp().abort(talk.now());
    EXPECT_EQ(reset.flags, kRstAck);
    EXPECT_EQ(reset.seq, Talk::plain().iss + 1 + 250);
    EXPECT_EQ(reset.ack, Talk::plain().irs + 1);
    EXPECT_EQ(talk.tcp().state(), TcpState::Closed);
    EXPECT_EQ(talk.said(), "");
}

TEST(Connection, ResetsBehindALossWithWhatThePeerHas) {
    Talk talk;
    talk.write(250);
    talk.said();
    talk.hear({.ack = 100});
    talk.hear({.ack = 100});
    EXPECT_EQ(talk.tcp().abort(talk.now()).seq, Talk::plain().iss + 1 + 100);
}

TEST(Connection, IsSilentWhenClosed) {
    Talk talk;
    talk.write(10);
    talk.tcp().abort(talk.now());
    EXPECT_EQ(talk.hear({.text = "x"}), Input::OutsideWindow);
    EXPECT_EQ(talk.said(), "");
    talk.tcp().finish(10);
    EXPECT_EQ(talk.tcp().state(), TcpState::Closed);
    EXPECT_FALSE(talk.tcp().on_deadline(talk.now()));
}

}  // namespace
}  // namespace sallyport::tcp

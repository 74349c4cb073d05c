// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/tcp/rack.h"

#include <gtest/gtest.h>

namespace sallyport::tcp {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr Duration kSrtt = milliseconds(100);
constexpr Micros kRtt = 100'000;

// Segments of 100 octets that were sent a millisecond after one another.
struct Flight {
    Scoreboard board;
    Rack rack;

    explicit Flight(int segments) {
        for (int i = 0; i < segments; ++i) board.add(100, sent(i), false);
    }
    static Micros sent(int i) { return 1'000'000 + 1000 * static_cast<Micros>(i); }
    void arrives(int i, Micros now) {
        const auto begin = static_cast<std::uint32_t>(i) * 100;
        board.sack(begin, begin + 100, [&](const Span& span, std::uint32_t end) {
            rack.on_delivered(span, end, false, now);
        });
    }
};

TEST(Rack, KnowsNothingBeforeSomethingHasArrived) {
    Flight f(3);
    EXPECT_EQ(f.rack.detect(f.board, 0, true, kSrtt, Flight::sent(3) + kRtt), Duration{});
    EXPECT_EQ(f.board.lost(), 0U);
}

TEST(Rack, CountsAsLostWhatWasSentBeforeWhatArrived) {
    Flight f(5);
    f.arrives(3, Flight::sent(3) + kRtt);
    EXPECT_EQ(f.rack.detect(f.board, 0, true, kSrtt, Flight::sent(3) + kRtt), Duration{});
    EXPECT_EQ(f.board.lost(), 300U);  // not the one that was sent after it
}

TEST(Rack, WaitsAQuarterOfARoundTripWhenItIsNotUrgent) {
    Flight f(5);
    const Micros now = Flight::sent(1) + kRtt;
    f.arrives(1, now);
    const Duration wait = f.rack.detect(f.board, 0, false, kSrtt, now);
    EXPECT_EQ(wait, microseconds(kRtt / 4 - 1000));
    EXPECT_EQ(f.board.lost(), 0U);
    EXPECT_EQ(f.rack.detect(f.board, 0, false, kSrtt, now + kRtt / 4 - 1000), Duration{});
    EXPECT_EQ(f.board.lost(), 100U);
}

// RFC 8985 section 6.2 step 4: reordering that was seen makes it wait also in recovery.
TEST(Rack, IsPatientOnAPathThatReorders) {
    Flight f(5);
    f.arrives(1, Flight::sent(1) + kRtt);
    f.arrives(0, Flight::sent(1) + kRtt + 500);
    f.arrives(3, Flight::sent(3) + kRtt);
    EXPECT_GT(f.rack.detect(f.board, 0, true, kSrtt, Flight::sent(3) + kRtt), Duration{});
    EXPECT_EQ(f.board.lost(), 0U);
}

TEST(Rack, IsMorePatientWhereRepetitionsWereNeedless) {
    Flight f(5);
    f.arrives(1, Flight::sent(1) + kRtt);
    f.arrives(0, Flight::sent(1) + kRtt + 500);
    f.rack.on_duplicate_report(0, 500);
    f.rack.on_duplicate_report(0, 500);  // of the same round: counts once
    f.arrives(3, Flight::sent(3) + kRtt);
    const Micros now = Flight::sent(3) + kRtt;
    const Duration wait = f.rack.detect(f.board, 0, true, kSrtt, now);
    EXPECT_EQ(wait, microseconds(kRtt / 2 - 1000));
    for (int i = 0; i < 16; ++i) f.rack.on_recovery_end();
    EXPECT_EQ(f.rack.detect(f.board, 0, true, kSrtt, now), microseconds(kRtt / 4 - 1000));
}

// Never longer than a round trip, whatever the peer reports.
TEST(Rack, DoesNotWaitForEver) {
    Flight f(5);
    f.arrives(1, Flight::sent(1) + kRtt);
    f.arrives(0, Flight::sent(1) + kRtt + 500);
    for (std::uint64_t i = 1; i < 1000; ++i) f.rack.on_duplicate_report(i * 1000, i * 1000 + 500);
    f.arrives(3, Flight::sent(3) + kRtt);
    EXPECT_LE(f.rack.detect(f.board, 0, true, kSrtt, Flight::sent(3) + kRtt), kSrtt);
}

TEST(Rack, SeesThatARepetitionIsLost) {
    Flight f(5);
    const Micros first = Flight::sent(2) + kRtt;
    f.arrives(2, first);
    (void)f.rack.detect(f.board, 0, true, kSrtt, first);
    f.board.resend(0, 100, first);
    f.board.resend(100, 100, first + 10);
    // The second repetition arrives a round trip later, the first one does not.
    const Micros now = first + 10 + kRtt;
    f.arrives(1, now);
    (void)f.rack.detect(f.board, 0, true, kSrtt, now);
    ASSERT_TRUE(f.board.first_lost());
    EXPECT_EQ(f.board.first_lost()->begin, 0U);
    EXPECT_EQ(f.board.first_lost()->length, 100U);
}

TEST(Rack, LearnsNothingFromARepetitionThatCannotHaveArrivedYet) {
    Flight f(5);
    f.arrives(4, Flight::sent(4) + kRtt);
    f.board.resend(0, 100, Flight::sent(4) + kRtt);
    f.arrives(0, Flight::sent(4) + kRtt + 1000);  // it is the first transmission
    (void)f.rack.detect(f.board, 0, false, kSrtt, Flight::sent(4) + kRtt + 1000);
    EXPECT_EQ(f.board.lost(), 0U);
}

}  // namespace
}  // namespace sallyport::tcp

// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/tcp/scoreboard.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tcpstack/base/rng.h"

namespace sallyport::tcp {
namespace {

const auto kNobody = [](const Span&, std::uint32_t) {};

Scoreboard of_segments(int count, std::uint32_t length = 100) {
    Scoreboard board;
    for (int i = 0; i < count; ++i) board.add(length, 1000 + static_cast<Micros>(i), false);
    return board;
}

TEST(Scoreboard, CountsWhatIsInFlight) {
    Scoreboard board = of_segments(5);
    EXPECT_EQ(board.octets(), 500U);
    EXPECT_EQ(board.in_flight(), 500U);
    board.acknowledge(150, kNobody);
    EXPECT_EQ(board.octets(), 350U);
    EXPECT_EQ(board.in_flight(), 350U);
}

TEST(Scoreboard, TellsEachPartThatArrivesOnce) {
    Scoreboard board = of_segments(5);
    std::vector<std::pair<std::uint32_t, std::uint32_t>> told;  // length, end
    const auto tell = [&](const Span& span, std::uint32_t end) { told.emplace_back(span.length, end); };
    board.sack(200, 300, tell);
    board.sack(150, 350, tell);
    board.acknowledge(400, tell);
    using Parts = std::vector<std::pair<std::uint32_t, std::uint32_t>>;
    EXPECT_EQ(told, (Parts{{100, 300}, {50, 200}, {50, 350}, {100, 100}, {50, 150}, {50, 400}}));
    EXPECT_EQ(board.octets(), 100U);
    EXPECT_EQ(board.sacked(), 0U);
}

TEST(Scoreboard, FindsTheFirstThatIsLost) {
    Scoreboard board = of_segments(5);
    EXPECT_FALSE(board.first_lost());
    board.lose_if([](const Span& span, std::uint32_t end) { return end == 200 || span.sent == 1003; });
    EXPECT_EQ(board.lost(), 200U);
    ASSERT_TRUE(board.first_lost());
    EXPECT_EQ(board.first_lost()->begin, 100U);
    EXPECT_EQ(board.first_lost()->length, 100U);
    board.resend(100, 100, 2000);
    EXPECT_EQ(board.first_lost()->begin, 300U);
    board.resend(300, 60, 2000);
    EXPECT_EQ(board.first_lost()->begin, 360U);
    EXPECT_EQ(board.first_lost()->length, 40U);
    EXPECT_EQ(board.in_flight(), 460U);
}

TEST(Scoreboard, MarksWhatWasSentAgain) {
    Scoreboard board = of_segments(3);
    board.resend(100, 100, 2000);
    int again = 0;
    board.acknowledge(300, [&](const Span& span, std::uint32_t end) {
        if (!span.again) return;
        ++again;
        EXPECT_EQ(end, 200U);
        EXPECT_EQ(span.sent, 2000U);
    });
    EXPECT_EQ(again, 1);
}

TEST(Scoreboard, LosesAllButWhatThePeerHas) {
    Scoreboard board = of_segments(5);
    board.sack(200, 300, kNobody);
    board.lose_all();
    EXPECT_EQ(board.lost(), 400U);
    EXPECT_EQ(board.sacked(), 100U);
}

TEST(Scoreboard, BelievesNothingOfAPeerThatThrewAwayWhatItHad) {  // RFC 2018 section 8
    Scoreboard board = of_segments(5);
    board.sack(0, 300, kNobody);
    board.lose_all();
    EXPECT_EQ(board.lost(), 500U);
}

TEST(Scoreboard, GoesOnWhenTheRowIsFull) {
    Scoreboard board = of_segments(200);
    for (std::uint32_t at = 100; at < 20000; at += 200) board.sack(at, at + 1, kNobody);
    EXPECT_EQ(board.octets(), 20000U);
    EXPECT_EQ(board.in_flight() + board.sacked() + board.lost(), 20000U);
    // What is resent leaves the row of lost octets, or there would be no end.
    board.lose_all();
    for (int i = 0; i < 1000 && board.first_lost(); ++i)
        board.resend(board.first_lost()->begin, std::min(board.first_lost()->length, 100U), 5000);
    EXPECT_FALSE(board.first_lost());
    board.acknowledge(20000, kNobody);
    EXPECT_EQ(board.octets(), 0U);
}

// Against a state for each octet: sums are exact, and what is known is never better than the truth.
TEST(Scoreboard, AgreesWithAStateForEachOctet) {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        Rng rng(seed);
        Scoreboard board;
        std::string octets;  // f in flight, s sacked, l lost
        for (int step = 0; step < 120; ++step) {
            const auto size = static_cast<std::uint32_t>(octets.size());
            const std::uint32_t begin = size == 0 ? 0 : rng.below(size);
            const std::uint32_t end = size == 0 ? 0 : begin + 1 + rng.below(std::min(size - begin, 40U));
            switch (rng.below(6)) {
                case 0:
                case 1:
                    board.add(1 + end - begin, static_cast<Micros>(step), false);
                    octets.append(1 + end - begin, 'f');
                    break;
                case 2:
                    if (size == 0) break;
                    board.sack(begin, end, kNobody);
                    octets.replace(begin, end - begin, end - begin, 's');
                    break;
                case 3:
                    board.lose_front(end);
                    for (std::uint32_t i = 0; i < end; ++i)
                        if (octets[i] == 'f') octets[i] = 'l';
                    break;
                case 4:
                    if (const auto lost = board.first_lost()) {
                        const std::uint32_t length = std::min(lost->length, 10U);
                        board.resend(lost->begin, length, static_cast<Micros>(step));
                        octets.replace(lost->begin, length, length, 'f');
                    }
                    break;
                case 5:
                    board.acknowledge(begin, kNobody);
                    octets.erase(0, begin);
                    break;
            }
            ASSERT_EQ(board.octets(), octets.size()) << "seed " << seed << " step " << step;
            ASSERT_EQ(board.in_flight() + board.lost() + board.sacked(), board.octets());
            const auto sacked = static_cast<std::uint32_t>(std::count(octets.begin(), octets.end(), 's'));
            ASSERT_LE(board.sacked(), sacked) << "seed " << seed << " step " << step;
        }
    }
}

}  // namespace
}  // namespace sallyport::tcp

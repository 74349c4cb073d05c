// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/wire/tcp_options.h"

#include <gmock/gmock.h>

#include <vector>

#include "tcpstack/base/rng.h"

namespace sallyport::wire {
namespace {

using Octets = std::vector<std::uint8_t>;

Octets emitted(const TcpOptions& o) {
    std::array<std::uint8_t, kTcpOptionsMax> out;
    const std::size_t n = emit_options(o, out);
    return {out.begin(), out.begin() + static_cast<long>(n)};
}

void expect_same(const TcpOptions& a, const TcpOptions& b) {
    EXPECT_EQ(a.mss, b.mss);
    EXPECT_EQ(a.window_shift, b.window_shift);
    EXPECT_EQ(a.timestamps, b.timestamps);
    EXPECT_EQ(a.sack_permitted, b.sack_permitted);
    ASSERT_EQ(a.sack.size(), b.sack.size());
    for (std::size_t i = 0; i < a.sack.size(); ++i) EXPECT_EQ(a.sack[i], b.sack[i]);
}

TEST(TcpOptionsParse, ReadsTheSynOfLinux) {
    const TcpOptions o =
        parse_options({{2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 3, 3, 7}});
    EXPECT_EQ(o.mss, 1460);
    EXPECT_TRUE(o.sack_permitted);
    EXPECT_EQ(o.timestamps, (Timestamps{TsVal{1}, TsVal{2}}));
    EXPECT_EQ(o.window_shift, 7);
    EXPECT_FALSE(o.md5);
    EXPECT_TRUE(o.sack.empty());
}

TEST(TcpOptionsParse, ReadsTheSynOfWindows) {
    const TcpOptions o = parse_options({{2, 4, 0x05, 0xb4, 1, 3, 3, 8, 1, 1, 4, 2}});
    EXPECT_EQ(o.mss, 1460);
    EXPECT_EQ(o.window_shift, 8);
    EXPECT_TRUE(o.sack_permitted);
    EXPECT_FALSE(o.timestamps);
}

TEST(TcpOptionsParse, ReadsUpToFourSackBlocks) {
    Octets octets{5, 34};
    for (std::uint8_t i = 1; i <= 8; ++i) octets.insert(octets.end(), {0, 0, 0, i});
    const TcpOptions o = parse_options(octets);
    ASSERT_EQ(o.sack.size(), 4U);
    EXPECT_EQ(o.sack[0], (SackBlock{SeqNum{1}, SeqNum{2}}));
    EXPECT_EQ(o.sack[3], (SackBlock{SeqNum{7}, SeqNum{8}}));
}

TEST(TcpOptionsParse, RefusesSackThatIsNotWholeBlocks) {
    EXPECT_TRUE(parse_options({{5, 2}}).sack.empty());
    EXPECT_TRUE(parse_options({{5, 6, 0, 0, 0, 1}}).sack.empty());
    Octets five(42);  // does not fit a header, but the parser is total
    five[0] = 5;
    five[1] = 42;
    EXPECT_TRUE(parse_options(five).sack.empty());
}

// proofs T49: hosts keep what stands before.
TEST(TcpOptionsParse, LengthZeroOrOneEndsTheWalk) {
    for (const std::uint8_t length : Octets{0, 1}) {
        const TcpOptions o = parse_options({{2, 4, 5, 0xb4, 253, length, 3, 3, 7, 1, 1, 1}});
        EXPECT_EQ(o.mss, 1460);
        EXPECT_FALSE(o.window_shift);
    }
}

TEST(TcpOptionsParse, LengthPastTheHeaderEndsTheWalk) {
    const TcpOptions o = parse_options({{2, 4, 5, 0xb4, 253, 9, 3, 3, 7, 1, 1, 1}});
    EXPECT_EQ(o.mss, 1460);
    EXPECT_FALSE(o.window_shift);
    EXPECT_FALSE(parse_options({{2, 4, 5}}).mss);
    EXPECT_FALSE(parse_options({{2}}).mss);
    EXPECT_FALSE(parse_options({{1, 1, 1, 8}}).timestamps);
}

TEST(TcpOptionsParse, UnknownOptionIsSkipped) {  // RFC 9293 MUST-6
    const TcpOptions o = parse_options({{253, 6, 3, 3, 9, 9, 3, 3, 7, 254, 2, 4, 2}});
    EXPECT_EQ(o.window_shift, 7);
    EXPECT_TRUE(o.sack_permitted);
}

TEST(TcpOptionsParse, EndOfOptionsHidesWhatFollows) {
    EXPECT_FALSE(parse_options({{0, 2, 4, 5, 0xb4}}).mss);
}

TEST(TcpOptionsParse, KnownKindOfAnotherLengthIsSkipped) {
    const TcpOptions o =
        parse_options({{2, 3, 5, 3, 2, 4, 3, 7, 8, 9, 0, 0, 0, 0, 0, 0, 0, 19, 3, 0, 3, 3, 5}});
    EXPECT_FALSE(o.mss);
    EXPECT_FALSE(o.sack_permitted);
    EXPECT_FALSE(o.timestamps);
    EXPECT_FALSE(o.md5);
    EXPECT_EQ(o.window_shift, 5);
}

TEST(TcpOptionsParse, FirstOccurrenceCounts) {
    const TcpOptions o = parse_options({{2, 4, 0, 100, 2, 4, 0, 200, 3,  3, 1, 3, 3, 2, 5, 10, 0,
                                         0, 0, 1, 0,   0, 0, 2, 5,   10, 0, 0, 0, 3, 0, 0, 0,  4}});
    EXPECT_EQ(o.mss, 100);
    EXPECT_EQ(o.window_shift, 1);
    ASSERT_EQ(o.sack.size(), 1U);
    EXPECT_EQ(o.sack[0].left, SeqNum{1});
}

TEST(TcpOptionsParse, WindowShiftAboveFourteenCountsAsFourteen) {  // RFC 7323 section 2.3
    EXPECT_EQ(parse_options({{3, 3, 14}}).window_shift, 14);
    EXPECT_EQ(parse_options({{3, 3, 15}}).window_shift, 14);
    EXPECT_EQ(parse_options({{3, 3, 255}}).window_shift, 14);
}

TEST(TcpOptionsParse, SeesMd5) {
    Octets octets(18);
    octets[0] = 19;
    octets[1] = 18;
    EXPECT_TRUE(parse_options(octets).md5);
}

TEST(TcpOptionsEmit, WritesTheSynOfLinux) {
    TcpOptions o;
    o.mss = 1460;
    o.sack_permitted = true;
    o.timestamps = Timestamps{TsVal{1}, TsVal{2}};
    o.window_shift = 7;
    EXPECT_EQ(emitted(o),
              (Octets{2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 3, 3, 7}));
}

TEST(TcpOptionsEmit, PadsWithNops) {
    TcpOptions o;
    EXPECT_THAT(emitted(o), testing::IsEmpty());
    o.sack_permitted = true;
    EXPECT_EQ(emitted(o), (Octets{1, 1, 4, 2}));
    o.sack_permitted = false;
    o.timestamps = Timestamps{TsVal{1}, TsVal{2}};
    EXPECT_EQ(emitted(o), (Octets{1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2}));
}

TEST(TcpOptionsEmit, LeavesOutSackBlocksThatDoNotFit) {
    TcpOptions o;
    for (std::uint32_t i = 0; i < 4; ++i) EXPECT_TRUE(o.sack.push_back({SeqNum{i}, SeqNum{i + 1}}));
    EXPECT_EQ(emitted(o).size(), 36U);
    o.timestamps = Timestamps{};
    const Octets octets = emitted(o);
    EXPECT_EQ(octets.size(), 40U);
    EXPECT_EQ(parse_options(octets).sack.size(), 3U);
}

TcpOptions random_options(Rng& rng) {
    TcpOptions o;
    if (rng.below(2)) o.mss = static_cast<std::uint16_t>(rng.next());
    if (rng.below(2)) o.window_shift = static_cast<std::uint8_t>(rng.below(15));
    if (rng.below(2))
        o.timestamps = Timestamps{TsVal{static_cast<std::uint32_t>(rng.next())},
                                  TsVal{static_cast<std::uint32_t>(rng.next())}};
    o.sack_permitted = rng.below(2) == 0;
    for (std::uint32_t n = rng.below(3); n > 0; --n)
        EXPECT_TRUE(o.sack.push_back({SeqNum{static_cast<std::uint32_t>(rng.next())},
                                      SeqNum{static_cast<std::uint32_t>(rng.next())}}));
    if (o.mss && o.window_shift && o.timestamps && o.sack.size() > 1) o.sack.erase(1);
    return o;
}

TEST(TcpOptions, EverythingEmittedReadsBack) {
    Rng rng(13);
    for (int n = 0; n < 20'000; ++n) {
        const TcpOptions o = random_options(rng);
        const Octets octets = emitted(o);
        ASSERT_EQ(octets.size() % 4, 0U);
        ASSERT_NO_FATAL_FAILURE(expect_same(parse_options(octets), o));
    }
}

TEST(TcpOptionsFind, PointsAtTheValues) {
    const Octets octets{1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 1, 5, 18,
                        0, 0, 0, 3,  0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 6};
    const OptionOffsets at = find_options(octets);
    EXPECT_EQ(at.timestamps, 4);
    EXPECT_EQ(at.sack, 16);
    EXPECT_EQ(at.sack_blocks, 2);
}

TEST(TcpOptionsFind, SaysAbsentByZero) {
    const OptionOffsets at = find_options({{2, 4, 5, 0xb4, 8, 0, 0, 0}});
    EXPECT_EQ(at.timestamps, 0);
    EXPECT_EQ(at.sack, 0);
    EXPECT_EQ(at.sack_blocks, 0);
}

// Whatever comes: the rewriter and the reader agree, and every offset lies inside.
TEST(TcpOptionsFind, AgreesWithParseOnAnyInput) {
    Rng rng(17);
    for (int n = 0; n < 100'000; ++n) {
        Octets octets(rng.below(41));
        for (auto& octet : octets) octet = static_cast<std::uint8_t>(rng.below(20));
        const TcpOptions o = parse_options(octets);
        const OptionOffsets at = find_options(octets);
        ASSERT_EQ(at.timestamps != 0, o.timestamps.has_value());
        ASSERT_EQ(at.sack_blocks, o.sack.size());
        ASSERT_LE(at.timestamps + (at.timestamps != 0 ? 8U : 0U), octets.size());
        ASSERT_LE(at.sack + at.sack_blocks * 8U, octets.size());
    }
}

}  // namespace
}  // namespace sallyport::wire

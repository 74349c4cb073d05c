// SPDX-License-Identifier: Apache-2.0
#include "tools/sallyctl/replay/byte_stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace sallyport::replay {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Added = ByteStream::Added;
constexpr std::uint32_t kSyn = 0xffff'fff0;  // the numbers wrap soon

struct Stream {
    ByteStream stream;
    Bytes got;
    Added add(std::uint32_t at, const Bytes& octets) {
        return stream.add(kSyn, kSyn + 1 + at, octets,
                          [&](Octets o) { got.insert(got.end(), o.begin(), o.end()); });
    }
};

TEST(ReplayByteStream, AnyCutsInAnyOrderGiveTheStream) {
    std::minstd_rand random(7);
    Bytes whole(3000);
    for (auto& octet : whole) octet = static_cast<std::uint8_t>(random());
    for (int round = 0; round < 300; ++round) {
        std::vector<std::pair<std::uint32_t, std::uint32_t>> parts;  // begin and end
        for (std::uint32_t at = 0; at < whole.size();) {
            const std::uint32_t end =
                std::min<std::uint32_t>(at + 1 + static_cast<std::uint32_t>(random() % 200), static_cast<std::uint32_t>(whole.size()));
            parts.emplace_back(at, end);
            const auto back = static_cast<std::uint32_t>(random() % 3 == 0 ? random() % 50 : 0);
            at = end - std::min(back, end - at - 1);
            if (end == whole.size()) break;
        }
        std::ranges::shuffle(parts, random);
        Stream s;
        for (const auto& [begin, end] : parts)
            EXPECT_EQ(s.add(begin, Bytes(whole.begin() + begin, whole.begin() + end)), Added::Kept);
        EXPECT_EQ(s.got, whole);
        EXPECT_EQ(s.stream.held(), 0u);
        EXPECT_FALSE(s.stream.has_gap());
    }
}

TEST(ReplayByteStream, TheFirstCopyWins) {
    Stream s;
    s.add(0, {1, 2, 3});
    EXPECT_EQ(s.add(0, {9, 9, 9, 4}), Added::Kept) << "what is in order is not looked at again";
    EXPECT_EQ(s.got, Bytes({1, 2, 3, 4}));
}

TEST(ReplayByteStream, OtherOctetsAheadAreAConflict) {
    Stream s;
    s.add(4, {5, 6});
    EXPECT_EQ(s.add(3, {4, 5, 6}), Added::Kept);
    EXPECT_EQ(s.add(2, {3, 4, 9}), Added::Conflict);
    EXPECT_TRUE(s.got.empty());
    s.add(0, {1, 2, 3});
    EXPECT_EQ(s.got, Bytes({1, 2, 3, 4, 5, 6}));
}

TEST(ReplayByteStream, KeepsALimitedAmountAheadOfAGap) {
    Stream s;
    EXPECT_EQ(s.add(1, Bytes(ByteStream::kAheadMax, 1)), Added::Kept);
    EXPECT_EQ(s.add(1 + ByteStream::kAheadMax, {1}), Added::NoRoom);
    EXPECT_EQ(s.add(40'000'000, {1}), Added::NoRoom);
    EXPECT_EQ(s.add(0, {1}), Added::Kept) << "what closes the gap always fits";
    EXPECT_EQ(s.got.size(), ByteStream::kAheadMax + 1);
}

TEST(ReplayByteStream, OctetsBelowTheFirstAreIgnored) {
    Stream s;
    EXPECT_EQ(s.add(0xffff'ffff, {9, 1, 2}), Added::Kept);  // from the SYN's own number on
    EXPECT_EQ(s.got, Bytes({1, 2}));
}

}  // namespace
}  // namespace sallyport::replay

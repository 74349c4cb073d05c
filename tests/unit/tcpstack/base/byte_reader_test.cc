// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/base/byte_reader.h"

#include <gtest/gtest.h>

#include <array>

namespace sallyport {
namespace {

constexpr std::array<std::uint8_t, 10> kOctets{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};

TEST(ByteReader, ReadsNumbersOfEveryWidthInNetworkOrder) {
    ByteReader r(kOctets);
    EXPECT_EQ(r.u8(), 0x01);
    EXPECT_EQ(r.u16(), 0x0203);
    EXPECT_EQ(r.u24(), 0x040506U);
    EXPECT_EQ(r.u32(), 0x0708090aU);
    EXPECT_TRUE(r.ok());
    EXPECT_TRUE(r.at_end());
}

TEST(ByteReader, CountsPositionAndRemainder) {
    ByteReader r(kOctets);
    r.skip(3);
    EXPECT_EQ(r.position(), 3U);
    EXPECT_EQ(r.remaining(), 7U);
    EXPECT_EQ(r.take(2)[1], 5);
    EXPECT_EQ(r.rest().size(), 5U);
    EXPECT_TRUE(r.ok());
}

TEST(ByteReader, ReadingPastTheEndGivesZeroAndFails) {
    ByteReader r{std::span(kOctets).first(3)};
    EXPECT_EQ(r.u32(), 0U);
    EXPECT_FALSE(r.ok());
}

TEST(ByteReader, StaysFailed) {
    ByteReader r{std::span(kOctets).first(3)};
    EXPECT_TRUE(r.take(4).empty());
    EXPECT_EQ(r.u8(), 0) << "even what would have fitted before";
    EXPECT_TRUE(r.take(0).empty());
    EXPECT_FALSE(r.ok());
    EXPECT_TRUE(r.at_end());
}

TEST(ByteReader, RefusesLengthsNearTheTopOfTheirType) {
    ByteReader r(kOctets);
    r.skip(1);
    EXPECT_TRUE(r.take(SIZE_MAX).empty());
    EXPECT_FALSE(r.ok());
}

TEST(ByteReader, AnEmptyInputIsAtItsEndButNotFailed) {
    ByteReader r({});
    EXPECT_TRUE(r.at_end());
    EXPECT_TRUE(r.rest().empty());
    EXPECT_TRUE(r.ok());
}

}  // namespace
}  // namespace sallyport

// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/base/modular32.h"

#include <gtest/gtest.h>

namespace sallyport {
namespace {

TEST(Modular32, OrdersAcrossTheWrap) {
    EXPECT_TRUE(before(SeqNum{0xffff'fff0}, SeqNum{0x10}));
    EXPECT_FALSE(before(SeqNum{0x10}, SeqNum{0xffff'fff0}));
    EXPECT_FALSE(before(SeqNum{5}, SeqNum{5}));
    EXPECT_EQ(later_of(SeqNum{0xffff'fff0}, SeqNum{0x10}), SeqNum{0x10});
    EXPECT_EQ(earlier_of(SeqNum{0xffff'fff0}, SeqNum{0x10}), SeqNum{0xffff'fff0});
}

TEST(Modular32, DistanceIsSignedAndTotal) {
    EXPECT_EQ(distance(SeqNum{0xffff'ffff}, SeqNum{1}), 2);
    EXPECT_EQ(distance(SeqNum{1}, SeqNum{0xffff'ffff}), -2);
    EXPECT_EQ(distance(SeqNum{0}, SeqNum{0x8000'0000}), INT32_MIN);
    EXPECT_EQ(distance(SeqNum{0x8000'0000}, SeqNum{0}), INT32_MIN);
}

TEST(Modular32, WindowIncludesItsStartAndNotItsEnd) {
    const SeqNum start{0xffff'fffe};
    EXPECT_TRUE(start.in_window(start, 1));
    EXPECT_FALSE(start.in_window(start, 0));
    EXPECT_TRUE(SeqNum{1}.in_window(start, 4));
    EXPECT_FALSE(SeqNum{2}.in_window(start, 4));
    EXPECT_FALSE(SeqNum{0xffff'fffd}.in_window(start, 4));
}

TEST(Modular32, ArithmeticWraps) {
    EXPECT_EQ(SeqNum{0xffff'ffff} + 1, SeqNum{0});
    EXPECT_EQ(SeqNum{0} - 1, SeqNum{0xffff'ffff});
    TsVal t{0xffff'ffff};
    t += 3;
    EXPECT_EQ(t, TsVal{2});
}

}  // namespace
}  // namespace sallyport

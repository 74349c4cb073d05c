// SPDX-License-Identifier: Apache-2.0
#include "tests/impairment/impairment.h"

#include <gtest/gtest.h>

namespace sallyport::test {
namespace {

using namespace std::chrono_literals;

TEST(Impairment, NothingSaidIsNothingDone) {
    const auto i = parse_impairment("");
    ASSERT_TRUE(i);
    EXPECT_EQ(i->loss, 0);
    EXPECT_EQ(i->burst.enter, 0);
    EXPECT_EQ(i->delay, Duration{});
    EXPECT_EQ(i->rate, 0U);
}

TEST(Impairment, ReadsEveryKey) {
    const auto i = parse_impairment(
        "loss=1%,burst=0.1%/20%/50%,corrupt=0.2%,duplicate=3%,reorder=4%/3ms,delay=10ms,jitter=300us,rate=2.5Mbit,queue=100");
    ASSERT_TRUE(i) << i.error();
    EXPECT_DOUBLE_EQ(i->loss, 0.01);
    EXPECT_DOUBLE_EQ(i->burst.enter, 0.001);
    EXPECT_DOUBLE_EQ(i->burst.leave, 0.2);
    EXPECT_DOUBLE_EQ(i->burst.loss, 0.5);
    EXPECT_DOUBLE_EQ(i->corrupt, 0.002);
    EXPECT_DOUBLE_EQ(i->duplicate, 0.03);
    EXPECT_DOUBLE_EQ(i->reorder, 0.04);
    EXPECT_EQ(i->reorder_by, 3ms);
    EXPECT_EQ(i->delay, 10ms);
    EXPECT_EQ(i->jitter, 300us);
    EXPECT_EQ(i->rate, 2'500'000U);
    EXPECT_EQ(i->queue, 100U);
}

TEST(Impairment, SaysWhatIsWrongAndWhatWasExpected) {
    const std::pair<const char*, const char*> cases[] = {
        {"loss=1", "'loss=1': expected a chance such as 1%"},
        {"loss=101%", "'loss=101%': expected a chance such as 1%"},
        {"loss=-1%", "'loss=-1%': expected a chance such as 1%"},
        {"loss=nan%", "'loss=nan%': expected a chance such as 1%"},
        {"loss", "'loss': expected a chance such as 1%"},
        {"delay=10", "'delay=10': expected a time such as 10ms or 300us"},
        {"reorder=1%", "'reorder=1%': expected a chance and a time such as 1%/3ms"},
        {"burst=1%/2%/3%/4%", "'burst=1%/2%/3%/4%': expected three chances to enter, to leave and of loss within, such as 0.1%/20%/50%"},
        {"rate=0Mbit,queue=1", "'rate=0Mbit': expected a rate such as 20Mbit or 500kbit"},
        {"rate=1Mbit,queue=1x", "'queue=1x': expected a number of packets above 0"},
        {"rate=1Mbit", "rate and queue go together"},
        {"noise=1%", "'noise=1%': no such impairment"},
    };
    for (const auto& [text, error] : cases) {
        const auto i = parse_impairment(text);
        ASSERT_FALSE(i) << text;
        EXPECT_EQ(i.error(), error);
    }
}

}  // namespace
}  // namespace sallyport::test

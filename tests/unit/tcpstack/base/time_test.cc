// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/base/time.h"

#include <gtest/gtest.h>

namespace sallyport {
namespace {

using namespace std::chrono_literals;

TEST(Instant, CountsNanosecondsAndWholeMilliseconds) {
    const Instant t{1s + 2'999'999ns};
    EXPECT_EQ(nanoseconds(t), 1'002'999'999U);
    EXPECT_EQ(milliseconds(t), 1002U);
}

TEST(Instant, NeverIsLaterThanEverything) {
    EXPECT_LT(Instant{std::chrono::hours(24 * 365 * 100)}, kNever);
}

}  // namespace
}  // namespace sallyport

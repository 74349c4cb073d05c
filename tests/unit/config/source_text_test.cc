// SPDX-License-Identifier: Apache-2.0
#include "config/source_text.h"

#include <gtest/gtest.h>

namespace sallyport::cfg {
namespace {

TEST(SourceText, FindsLinesAndColumns) {
    const SourceText source("ab\ncd\r\n\ne");
    EXPECT_EQ(source.mark_at(0), (Mark{1, 1}));
    EXPECT_EQ(source.mark_at(2), (Mark{1, 3}));
    EXPECT_EQ(source.mark_at(3), (Mark{2, 1}));
    EXPECT_EQ(source.mark_at(8), (Mark{4, 1}));
    EXPECT_EQ(source.line(1), "ab");
    EXPECT_EQ(source.line(2), "cd");
    EXPECT_EQ(source.line(3), "");
    EXPECT_EQ(source.line(4), "e");
    EXPECT_EQ(source.line(5), "");
    EXPECT_EQ(source.line(0), "");
}

TEST(SourceText, FindsOffsetsAndStaysInTheText) {
    const SourceText source("ab\ncd");
    EXPECT_EQ(source.offset_of({2, 2}), 4U);
    EXPECT_EQ(source.offset_of({2, 9}), 5U);
    EXPECT_EQ(source.offset_of({3, 1}), 5U);
    EXPECT_EQ(source.offset_of({}), 5U);
}

}  // namespace
}  // namespace sallyport::cfg

// SPDX-License-Identifier: Apache-2.0
#include "config/shown.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sallyport::cfg {
namespace {

TEST(Shown, QuotesAndEscapesWhatATerminalWouldObey) {
    EXPECT_EQ(shown("a"), "'a'");
    EXPECT_EQ(shown(std::string_view("\x1b[2J\0", 5)), "'\\x1b[2J\\x00'");
}

TEST(Shown, CutsLongTextsBetweenCharacters) {
    EXPECT_EQ(shown(std::string(81, 'a')), "'" + std::string(80, 'a') + "...'");
    EXPECT_EQ(shown(std::string(79, 'a') + "\xc3\xbc"), "'" + std::string(79, 'a') + "...'");
}

TEST(Joined, PutsCommasBetween) {
    EXPECT_EQ(joined(std::vector<std::string>{"a", "b"}), "a, b");
    EXPECT_EQ(joined(std::vector<std::string>{}), "");
}

}  // namespace
}  // namespace sallyport::cfg

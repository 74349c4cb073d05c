// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/base/text_writer.h"

#include <gtest/gtest.h>

#include <array>

namespace sallyport {
namespace {

TEST(TextWriter, WritesTextAndNumbers) {
    std::array<char, 80> out;
    TextWriter t(out);
    t.put("n=").decimal(0).put(' ').decimal(UINT64_MAX).put(' ').hex(0xBEEF).put(' ').hex(7, 4);
    EXPECT_EQ(t.text(), "n=0 18446744073709551615 beef 0007");
}

TEST(TextWriter, LeavesOutWhatDoesNotFit) {
    std::array<char, 8> out{'x', 'x', 'x', 'x', 'x', 'x', 'x', '!'};
    TextWriter t{std::span(out).first(7)};
    t.put("abcde").decimal(1234).put("more");
    EXPECT_EQ(t.text(), "abcde12");
    EXPECT_EQ(out[7], '!');
}

TEST(TextWriter, OfNothingStaysEmpty) {
    TextWriter t({});
    t.put("x").decimal(1);
    EXPECT_EQ(t.text(), "");
}

}  // namespace
}  // namespace sallyport

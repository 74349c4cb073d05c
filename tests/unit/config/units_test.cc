// SPDX-License-Identifier: Apache-2.0
#include "config/units.h"

#include <gtest/gtest.h>

#include <limits>

namespace sallyport::cfg {
namespace {

using std::chrono::milliseconds;

TEST(Units, ReadDecimalNumbersOnly) {
    EXPECT_EQ(parse_number("0"), 0U);
    EXPECT_EQ(parse_number("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(parse_number("18446744073709551616").error(), NumberError::TooLarge);
    EXPECT_EQ(parse_number("0443").error(), NumberError::LeadingZero);
    EXPECT_EQ(parse_number("00").error(), NumberError::LeadingZero);
    for (const auto* text : {"", "-1", "+1", " 1", "1 ", "0x1", "1_000", "1e3", "1.0", "a"})
        EXPECT_EQ(parse_number(text).error(), NumberError::NotANumber) << text;
}

TEST(Units, ReadDurations) {
    EXPECT_EQ(parse_duration("500ms"), milliseconds(500));
    EXPECT_EQ(parse_duration("5s"), milliseconds(5000));
    EXPECT_EQ(parse_duration("2h4m"), milliseconds(7'440'000));
    EXPECT_EQ(parse_duration("1d2h3m4s5ms"), milliseconds(93'784'005));
    EXPECT_EQ(parse_duration("0s"), milliseconds(0));
    for (const auto* text : {"", "5", "s", "5 s", "4m2h", "1s1s", "1.5s", "-1s", "5S", "5min"})
        EXPECT_EQ(parse_duration(text).error(), NumberError::NotANumber) << text;
    EXPECT_EQ(parse_duration("05s").error(), NumberError::LeadingZero);
    EXPECT_EQ(parse_duration("9223372036854775808ms").error(), NumberError::TooLarge);
    EXPECT_EQ(parse_duration("106751991167d999h").error(), NumberError::TooLarge);
}

TEST(Units, WriteDurationsAsTheyAreRead) {
    for (const std::int64_t n : {0L, 1L, 999L, 1500L, 60'000L, 7'440'000L, 93'784'005L})
        EXPECT_EQ(parse_duration(format_duration(milliseconds(n))), milliseconds(n));
    EXPECT_EQ(format_duration(milliseconds(7'440'000)), "2h4m");
    EXPECT_EQ(format_duration(milliseconds(0)), "0s");
}

TEST(Units, ReadSizes) {
    EXPECT_EQ(parse_size("16384"), 16384U);
    EXPECT_EQ(parse_size("16 KiB"), 16384U);
    EXPECT_EQ(parse_size("64MiB"), 67'108'864U);
    EXPECT_EQ(parse_size("1 GiB"), 1'073'741'824U);
    for (const auto* text : {"", "KiB", "1 KB", "1k", "1  KiB", "1 kib", "-1", "1.5 MiB"})
        EXPECT_EQ(parse_size(text).error(), NumberError::NotANumber) << text;
    EXPECT_EQ(parse_size("017 KiB").error(), NumberError::LeadingZero);
    EXPECT_EQ(parse_size("17179869184 GiB").error(), NumberError::TooLarge);
}

TEST(Units, WriteSizesInTheLargestWholeUnit) {
    EXPECT_EQ(format_size(67'108'864), "64 MiB");
    EXPECT_EQ(format_size(16384), "16 KiB");
    EXPECT_EQ(format_size(16385), "16385");
    EXPECT_EQ(format_size(0), "0");
}

}  // namespace
}  // namespace sallyport::cfg

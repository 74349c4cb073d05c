// SPDX-License-Identifier: Apache-2.0
#include "config/time_text.h"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::cfg::test {
namespace {

TEST(Moment, IsRfc3339InUtc) {
    EXPECT_EQ(parse_moment("1970-01-01T00:00:00Z")->time_since_epoch().count(), 0);
    EXPECT_EQ(parse_moment("2026-11-26T15:22:46Z")->time_since_epoch().count(), 1795706566);
    EXPECT_EQ(parse_moment("2028-02-29T23:59:59Z")->time_since_epoch().count(), 1835481599);
}

TEST(Moment, OfADateIsItsEnd) {
    EXPECT_EQ(parse_moment("2026-12-31"), parse_moment("2027-01-01T00:00:00Z"));
}

TEST(Moment, IsNothingElse) {
    for (const auto* text :
         {"", "2026", "2026-12", "2026-13-01", "2026-02-29", "2026-1-1", "2026-12-31T18:00:00",
          "2026-12-31T24:00:00Z", "2026-12-31T18:60:00Z", "2026-12-31T18:00:60Z",
          "2026-12-31t18:00:00z", "2026-12-31 18:00:00Z", "2026-12-31T18:00:00.5Z",
          "2026-12-31T18:00:00+00:00", "1969-12-31", "9999-12-31", "+026-12-31", "tomorrow"})
        EXPECT_FALSE(parse_moment(text)) << text;
}

TEST(Moment, IsReadBack) {
    for (const auto* text :
         {"1970-01-01T00:00:00Z", "2028-02-29T01:02:03Z", "9998-12-31T23:59:59Z"})
        EXPECT_EQ(format_moment(parse_moment(text).value()), text);
}

TEST(Window, HasDaysHoursOrBoth) {
    EXPECT_EQ(parse_window("Mon-Fri 08:00-18:00"), (TimeWindow{0x1f, 480, 1080}));
    EXPECT_EQ(parse_window("Sat,Sun"), (TimeWindow{0x60, 0, 1440}));
    EXPECT_EQ(parse_window("Sat-Mon"), (TimeWindow{0x61, 0, 1440}));
    EXPECT_EQ(parse_window("Mon,Wed-Thu 00:00-24:00"), (TimeWindow{0x0d, 0, 1440}));
    EXPECT_EQ(parse_window("22:00-06:00"), (TimeWindow{0x7f, 1320, 360}));
}

TEST(Window, IsNothingElse) {
    for (const auto* text :
         {"", " ", "mon", "Monday", "Mon-", "-Mon", "Mon,", "Mon 08:00", "Mon  08:00-09:00",
          "08:00", "8:00-9:00", "08:00-08:00", "24:00-06:00", "08:00-24:01", "08:60-09:00",
          "Mon-Fri 08:00-18:00 UTC", "Mon Tue", "nights"})
        EXPECT_FALSE(parse_window(text)) << text;
}

TEST(Window, IsReadBack) {
    for (const auto* text :
         {"Mon-Fri 08:00-18:00", "Sat-Sun", "22:00-06:00", "Mon,Wed-Thu 00:01-24:00"})
        EXPECT_EQ(format_window(parse_window(text).value()), text);
    for (unsigned days = 1; days <= 0x7f; ++days) {
        const TimeWindow window{static_cast<std::uint8_t>(days), 60, 30};
        EXPECT_EQ(parse_window(format_window(window)), window) << days;
    }
}

}  // namespace
}  // namespace sallyport::cfg::test

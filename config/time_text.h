// SPDX-License-Identifier: Apache-2.0
// Moments and hours of the week as a configuration writes them, both ways. All are UTC: a gate has
// no time zone, and an hour of summer time would open or close it by itself.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "config/model.h"

namespace sallyport::cfg {

// RFC 3339 with a Z and without fractions: "2026-12-31T18:00:00Z"; or a date, which means its end:
// "2026-12-31" is 2027-01-01T00:00:00Z. Years 1970 to 9998.
std::optional<std::chrono::sys_seconds> parse_moment(std::string_view text);
std::string format_moment(std::chrono::sys_seconds moment);  // parse_moment reads it back

// "Mon-Fri 08:00-18:00", "Sat,Sun", "22:00-06:00": days, hours, or both. Days wrap round the week
// ("Sat-Mon"); hours whose end is not behind their begin end on the next day. 24:00 is an end.
std::optional<TimeWindow> parse_window(std::string_view text);
std::string format_window(const TimeWindow& window);  // parse_window reads it back

}  // namespace sallyport::cfg

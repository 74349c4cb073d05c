// SPDX-License-Identifier: Apache-2.0
#include "config/time_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

namespace sallyport::cfg {
namespace {

namespace chrono = std::chrono;

constexpr auto kDays =
    std::to_array<std::string_view>({"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"});
constexpr std::uint8_t kEveryDay = 0x7f;
constexpr std::uint16_t kMinutesOfDay = 24 * 60;

// A fixed pattern: '0' stands for a digit, everything else for itself.
bool fits(std::string_view text, std::string_view pattern) {
    return std::ranges::equal(
        text, pattern, [](char c, char p) { return p == '0' ? c >= '0' && c <= '9' : c == p; });
}

int number_at(std::string_view text, std::size_t at, std::size_t digits) {
    int number = 0;
    for (const char c : text.substr(at, digits)) number = number * 10 + (c - '0');
    return number;
}

std::optional<chrono::sys_days> parse_date(std::string_view text) {
    const chrono::year_month_day date{chrono::year(number_at(text, 0, 4)),
                                      chrono::month(static_cast<unsigned>(number_at(text, 5, 2))),
                                      chrono::day(static_cast<unsigned>(number_at(text, 8, 2)))};
    constexpr chrono::year kFirst{1970}, kLast{9998};
    if (!date.ok() || date.year() < kFirst || date.year() > kLast) return std::nullopt;
    return chrono::sys_days(date);
}

std::optional<std::uint8_t> parse_day(std::string_view text) {
    const auto* found = std::ranges::find(kDays, text);
    if (found == kDays.end()) return std::nullopt;
    return static_cast<std::uint8_t>(found - kDays.begin());
}

// "Mon" or "Sat-Mon".
std::optional<std::uint8_t> parse_day_range(std::string_view text) {
    const std::size_t dash = text.find('-');
    const auto first = parse_day(text.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : parse_day(text.substr(dash + 1));
    if (!first || !last) return std::nullopt;
    unsigned days = 0;
    for (unsigned day = *first;; day = (day + 1) % kDays.size()) {
        days |= 1U << day;
        if (day == *last) return static_cast<std::uint8_t>(days);
    }
}

std::optional<std::uint8_t> parse_days(std::string_view text) {
    unsigned days = 0;
    for (std::size_t at = 0;;) {
        const std::size_t comma = text.find(',', at);
        const auto range = parse_day_range(text.substr(at, comma - at));
        if (!range) return std::nullopt;
        days |= *range;
        if (comma == std::string_view::npos) return static_cast<std::uint8_t>(days);
        at = comma + 1;
    }
}

std::optional<std::uint16_t> parse_minutes(std::string_view text) {
    if (!fits(text, "00:00")) return std::nullopt;
    const int hours = number_at(text, 0, 2);
    const int minutes = hours * 60 + number_at(text, 3, 2);
    if (number_at(text, 3, 2) > 59 || minutes > kMinutesOfDay) return std::nullopt;
    return static_cast<std::uint16_t>(minutes);
}

bool parse_hours(std::string_view text, TimeWindow& window) {
    const std::size_t dash = text.find('-');
    if (dash == std::string_view::npos) return false;
    const auto from = parse_minutes(text.substr(0, dash));
    const auto to = parse_minutes(text.substr(dash + 1));
    // Equal ends could mean nothing or the whole day.
    if (!from || !to || *from == *to || *from == kMinutesOfDay) return false;
    window.from = *from;
    window.to = *to;
    return true;
}

std::string clock_text(std::uint16_t minutes) {
    std::array<char, 16> text{};
    (void)std::snprintf(text.data(), text.size(), "%02u:%02u", minutes / 60U, minutes % 60U);
    return text.data();
}

std::string days_text(std::uint8_t days) {
    std::string text;
    for (std::size_t first = 0; first < kDays.size(); ++first) {
        if ((days >> first & 1U) == 0) continue;
        std::size_t last = first;
        while (last + 1 < kDays.size() && (days >> (last + 1) & 1U) != 0) ++last;
        if (!text.empty()) text += ',';
        text += kDays[first];
        if (last != first) text += '-' + std::string(kDays[last]);
        first = last;
    }
    return text;
}

}  // namespace

std::optional<chrono::sys_seconds> parse_moment(std::string_view text) {
    if (fits(text, "0000-00-00")) {
        const auto date = parse_date(text);
        if (!date) return std::nullopt;
        return chrono::sys_seconds(*date + chrono::days(1));
    }
    if (!fits(text, "0000-00-00T00:00:00Z")) return std::nullopt;
    const auto date = parse_date(text);
    const int hour = number_at(text, 11, 2);
    const int minute = number_at(text, 14, 2);
    const int second = number_at(text, 17, 2);
    if (!date || hour > 23 || minute > 59 || second > 59) return std::nullopt;
    return *date + chrono::hours(hour) + chrono::minutes(minute) + chrono::seconds(second);
}

std::string format_moment(chrono::sys_seconds moment) {
    const auto day = chrono::floor<chrono::days>(moment);
    const chrono::year_month_day date(day);
    const chrono::hh_mm_ss time(moment - day);
    std::array<char, 64> text{};
    (void)std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ",
                        static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                        static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                        static_cast<int>(time.minutes().count()),
                        static_cast<int>(time.seconds().count()));
    return text.data();
}

std::optional<TimeWindow> parse_window(std::string_view text) {
    TimeWindow window;
    const std::size_t space = text.find(' ');
    if (space != std::string_view::npos) {
        const auto days = parse_days(text.substr(0, space));
        if (!days || !parse_hours(text.substr(space + 1), window)) return std::nullopt;
        window.days = *days;
        return window;
    }
    if (parse_hours(text, window)) return window;
    const auto days = parse_days(text);
    if (!days) return std::nullopt;
    window.days = *days;
    return window;
}

std::string format_window(const TimeWindow& window) {
    const std::string hours = clock_text(window.from) + '-' + clock_text(window.to);
    if (window.from == 0 && window.to == kMinutesOfDay) return days_text(window.days);
    return window.days == kEveryDay ? hours : days_text(window.days) + ' ' + hours;
}

}  // namespace sallyport::cfg

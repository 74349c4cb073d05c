// SPDX-License-Identifier: Apache-2.0
#include "config/units.h"

#include <array>
#include <charconv>
#include <limits>
#include <system_error>

namespace sallyport::cfg {
namespace {

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};

// From large to small, as a duration is written. "m" is tried before "ms" and must not take it.
constexpr auto kDurationUnits = std::to_array<Unit>(
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}});
constexpr auto kSizeUnits =
    std::to_array<Unit>({{"GiB", 1ULL << 30U}, {"MiB", 1ULL << 20U}, {"KiB", 1ULL << 10U}});

constexpr std::uint64_t kDurationMax =
    static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::string_view take_while(std::string_view& text, bool digits) {
    std::size_t n = 0;
    while (n < text.size() && is_digit(text[n]) == digits) ++n;
    const std::string_view taken = text.substr(0, n);
    text.remove_prefix(n);
    return taken;
}

Result<std::uint64_t, NumberError> times(std::uint64_t n, std::uint64_t factor, std::uint64_t max) {
    if (n > max / factor) return std::unexpected(NumberError::TooLarge);
    return n * factor;
}

}  // namespace

Result<std::uint64_t, NumberError> parse_number(std::string_view text) {
    std::uint64_t n = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, n);
    if (text.empty() || stop != end || !is_digit(text[0]))
        return std::unexpected(NumberError::NotANumber);
    if (text.size() > 1 && text[0] == '0') return std::unexpected(NumberError::LeadingZero);
    if (error == std::errc::result_out_of_range) return std::unexpected(NumberError::TooLarge);
    return n;
}

Result<std::chrono::milliseconds, NumberError> parse_duration(std::string_view text) {
    if (text.empty()) return std::unexpected(NumberError::NotANumber);
    std::uint64_t total = 0;
    std::size_t next_unit = 0;
    while (!text.empty()) {
        const auto number = parse_number(take_while(text, true));
        if (!number) return std::unexpected(number.error());
        const std::string_view name = take_while(text, false);
        while (next_unit < kDurationUnits.size() && kDurationUnits[next_unit].name != name)
            ++next_unit;
        if (next_unit == kDurationUnits.size()) return std::unexpected(NumberError::NotANumber);
        const auto part = times(*number, kDurationUnits[next_unit++].factor, kDurationMax);
        if (!part || *part > kDurationMax - total) return std::unexpected(NumberError::TooLarge);
        total += *part;
    }
    return std::chrono::milliseconds(static_cast<std::int64_t>(total));
}

std::string format_duration(std::chrono::milliseconds duration) {
    auto rest = static_cast<std::uint64_t>(duration.count());
    if (rest == 0) return "0s";
    std::string text;
    for (const Unit& unit : kDurationUnits) {
        if (rest < unit.factor) continue;
        text += std::to_string(rest / unit.factor);
        text += unit.name;
        rest %= unit.factor;
    }
    return text;
}

Result<std::uint64_t, NumberError> parse_size(std::string_view text) {
    const auto number = parse_number(take_while(text, true));
    if (!number) return std::unexpected(number.error());
    if (text.empty()) return *number;
    if (text.starts_with(' ')) text.remove_prefix(1);
    for (const Unit& unit : kSizeUnits)
        if (text == unit.name)
            return times(*number, unit.factor, std::numeric_limits<std::uint64_t>::max());
    return std::unexpected(NumberError::NotANumber);
}

std::string format_size(std::uint64_t octets) {
    for (const Unit& unit : kSizeUnits) {
        if (octets < unit.factor || octets % unit.factor != 0) continue;
        std::string text = std::to_string(octets / unit.factor) + ' ';
        return text += unit.name;
    }
    return std::to_string(octets);
}

}  // namespace sallyport::cfg

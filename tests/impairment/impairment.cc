// SPDX-License-Identifier: Apache-2.0
#include "tests/impairment/impairment.h"

#include <array>
#include <charconv>
#include <cmath>
#include <functional>
#include <optional>
#include <ranges>
#include <span>

namespace sallyport::test {
namespace {

struct Number {
    double value;
    std::string_view unit;
};

std::optional<Number> read_number(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || !std::isfinite(value) || value < 0) return std::nullopt;
    return Number{value, text.substr(static_cast<std::size_t>(end - text.data()))};
}

bool read(std::string_view text, Chance& out) {
    const auto number = read_number(text);
    if (!number || number->unit != "%" || number->value > 100) return false;
    out = number->value / 100;
    return true;
}

bool read(std::string_view text, Duration& out) {
    const auto number = read_number(text);
    if (!number || (number->unit != "ms" && number->unit != "us") || number->value > 60'000) return false;
    const double nanoseconds = number->value * (number->unit == "ms" ? 1e6 : 1e3);
    out = Duration{static_cast<std::int64_t>(nanoseconds)};
    return true;
}

bool read_rate(std::string_view text, std::uint64_t& out) {
    const auto number = read_number(text);
    if (!number || (number->unit != "Mbit" && number->unit != "kbit") || number->value > 1e6) return false;
    out = static_cast<std::uint64_t>(number->value * (number->unit == "Mbit" ? 1e6 : 1e3));
    return out > 0;
}

bool read_count(std::string_view text, std::uint32_t& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc{} && end == text.data() + text.size() && out > 0;
}

// A/B/C; false unless there are exactly so many parts.
template <class... Out>
bool read_parts(std::string_view text, Out&... out) {
    std::array<std::string_view, sizeof...(Out)> parts;
    std::size_t count = 0;
    for (const auto part : std::views::split(text, '/')) {
        if (count == parts.size()) return false;
        parts[count++] = std::string_view(part.begin(), part.end());
    }
    if (count != parts.size()) return false;
    std::size_t next = 0;
    return (read(parts[next++], out) && ...);
}

struct Key {
    std::string_view name, expected;
    std::function<bool(std::string_view, Impairment&)> read;
};

std::span<const Key> keys() {
    static const std::string_view chance = "a chance such as 1%", time = "a time such as 10ms or 300us";
    static const Key all[] = {
        {"loss", chance, [](auto text, Impairment& i) { return read(text, i.loss); }},
        {"burst", "three chances to enter, to leave and of loss within, such as 0.1%/20%/50%",
         [](auto text, Impairment& i) {
             return read_parts(text, i.burst.enter, i.burst.leave, i.burst.loss);
         }},
        {"corrupt", chance, [](auto text, Impairment& i) { return read(text, i.corrupt); }},
        {"duplicate", chance, [](auto text, Impairment& i) { return read(text, i.duplicate); }},
        {"reorder", "a chance and a time such as 1%/3ms",
         [](auto text, Impairment& i) { return read_parts(text, i.reorder, i.reorder_by); }},
        {"delay", time, [](auto text, Impairment& i) { return read(text, i.delay); }},
        {"jitter", time, [](auto text, Impairment& i) { return read(text, i.jitter); }},
        {"rate", "a rate such as 20Mbit or 500kbit",
         [](auto text, Impairment& i) { return read_rate(text, i.rate); }},
        {"queue", "a number of packets above 0",
         [](auto text, Impairment& i) { return read_count(text, i.queue); }},
    };
    return all;
}

std::optional<std::string> read_setting(std::string_view setting, Impairment& out) {
    const std::size_t equals = setting.find('=');
    const std::string_view name = setting.substr(0, equals);
    for (const Key& key : keys()) {
        if (key.name != name) continue;
        const std::string_view value = equals == setting.npos ? "" : setting.substr(equals + 1);
        if (key.read(value, out)) return std::nullopt;
        return "'" + std::string(setting) + "': expected " + std::string(key.expected);
    }
    return "'" + std::string(setting) + "': no such impairment";
}

}  // namespace

std::expected<Impairment, std::string> parse_impairment(std::string_view text) {
    Impairment out;
    for (const auto part : std::views::split(text, ',')) {
        const std::string_view setting(part.begin(), part.end());
        if (setting.empty()) continue;
        if (auto error = read_setting(setting, out)) return std::unexpected(*error);
    }
    if ((out.rate == 0) != (out.queue == 0)) return std::unexpected("rate and queue go together");
    return out;
}

}  // namespace sallyport::test

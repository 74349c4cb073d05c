// SPDX-License-Identifier: Apache-2.0
// Octets of HTTP/1.x heads: which may stand where, and slices that never throw.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace sallyport::dp::inspect {

inline std::string_view text_of(std::span<const std::uint8_t> octets) {
    return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}
inline std::span<const std::uint8_t> octets_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool is_alphanumeric(char c) {
    const char l = lower(c);
    return is_digit(c) || (l >= 'a' && l <= 'z');
}

// RFC 9110 section 5.6.2. A table, since names of 16 KiB may come.
inline constexpr std::array<bool, 256> kTokenChars = [] {
    std::array<bool, 256> table{};
    for (std::size_t octet = 0; octet < table.size(); ++octet)
        table[octet] = is_alphanumeric(static_cast<char>(octet));
    for (const char c : std::string_view("!#$%&'*+-.^_`|~"))
        table[static_cast<std::uint8_t>(c)] = true;
    return table;
}();

constexpr bool is_token_char(char c) {
    return kTokenChars[static_cast<std::uint8_t>(c)];
}

constexpr bool is_obs_text(char c) {
    return static_cast<std::uint8_t>(c) >= 0x80;
}

// Visible ASCII or obs-text.
constexpr bool is_visible(char c) {
    return (c > 0x20 && c < 0x7f) || is_obs_text(c);
}

// What a field value, a reason phrase or a chunk extension may hold (RFC 9110 section 5.5).
constexpr bool is_value_char(char c) {
    return is_visible(c) || c == ' ' || c == '\t';
}

constexpr bool is_token(std::string_view text) {
    for (const char c : text)
        if (!is_token_char(c)) return false;
    return !text.empty();
}

// `lower_case` is what it says.
constexpr bool equals_ignoring_case(std::string_view text, std::string_view lower_case) {
    if (text.size() != lower_case.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (lower(text[i]) != lower_case[i]) return false;
    return true;
}

// Of `text`, which is at least so long.
constexpr std::string_view first(std::string_view text, std::size_t count) {
    return {text.data(), count};
}
constexpr std::string_view behind(std::string_view text, std::size_t count) {
    return {text.data() + count, text.size() - count};
}

// Takes away what stands before `separator`, and the separator; all of it when there is none.
constexpr std::string_view take_until(std::string_view& rest, char separator) {
    const std::size_t at = rest.find(separator);
    if (at == std::string_view::npos) {
        const std::string_view all = rest;
        rest = behind(rest, rest.size());
        return all;
    }
    const std::string_view taken = first(rest, at);
    rest = behind(rest, at + 1);
    return taken;
}

// Without the optional whitespace around it (RFC 9110 section 5.6.3).
constexpr std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

// Takes away a line and its CRLF. False when `rest` begins with no line that ends in CRLF; then
// `rest` stays as it is.
constexpr bool take_line(std::string_view& rest, std::string_view& line) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos || end == 0 || rest[end - 1] != '\r') return false;
    line = first(rest, end - 1);
    rest = behind(rest, end + 1);
    return true;
}

}  // namespace sallyport::dp::inspect

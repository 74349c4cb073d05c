// SPDX-License-Identifier: Apache-2.0
// Numbers, durations and sizes as a configuration writes them, both ways.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "tcpstack/base/result.h"

namespace sallyport::cfg {

enum class NumberError : std::uint8_t { NotANumber, LeadingZero, TooLarge };

// Decimal digits only: no sign, no base prefix, no separator, no leading zero.
Result<std::uint64_t, NumberError> parse_number(std::string_view text);

// "500ms", "5s", "2h4m": numbers with units d, h, m, s, ms, each at most once, from large to small.
// NotANumber covers a missing unit.
Result<std::chrono::milliseconds, NumberError> parse_duration(std::string_view text);
std::string format_duration(std::chrono::milliseconds duration);  // parse_duration reads it back

// "16384", "16 KiB", "64MiB", "1 GiB": octets.
Result<std::uint64_t, NumberError> parse_size(std::string_view text);
std::string format_size(std::uint64_t octets);  // parse_size reads it back

}  // namespace sallyport::cfg

// SPDX-License-Identifier: Apache-2.0
// What the rows of the field table share: units of their limits, and what later keys wait for.
#pragma once
#include <cstdint>
#include <string_view>

namespace sallyport::cfg {

inline constexpr std::uint64_t kSecond = 1000;  // of a duration's limits
inline constexpr std::uint64_t kMinute = 60 * kSecond;
inline constexpr std::uint64_t kHour = 60 * kMinute;
inline constexpr std::uint64_t kDay = 24 * kHour;
inline constexpr std::uint64_t kKiB = 1024;
inline constexpr std::uint64_t kGiB = kKiB * kKiB * kKiB;
inline constexpr std::uint64_t kUint32Max = 0xffff'ffffU;

// What a key of a later version waits for.
inline constexpr std::string_view kLaterOperating = "metrics and remote operation";

}  // namespace sallyport::cfg

// SPDX-License-Identifier: Apache-2.0
// One line of text for a frame, like tcpdump's, for test failures and traces. Not for the hot path,
// but free of allocation all the same.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

namespace sallyport::wire {

inline constexpr std::size_t kPrettyMax = 320;
// Returns the part of `out` that was used. Unparsable frames are shown as their parse error.
std::string_view pretty(std::span<const std::uint8_t> frame, std::span<char, kPrettyMax> out);

}  // namespace sallyport::wire

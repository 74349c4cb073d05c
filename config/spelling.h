// SPDX-License-Identifier: Apache-2.0
// "Did you mean": the word that was probably meant.
#pragma once
#include <span>
#include <string_view>

namespace sallyport::cfg {

// The word nearest to `text`, or an empty one when none is near.
std::string_view nearest(std::string_view text, std::span<const std::string_view> words);

}  // namespace sallyport::cfg

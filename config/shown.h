// SPDX-License-Identifier: Apache-2.0
// Text of the file as a finding shows it: quoted, short, and without anything that a terminal would
// obey.
#pragma once
#include <string>
#include <string_view>

namespace sallyport::cfg {

std::string shown(std::string_view text);

// "a, b, c"
template <class Range>
std::string joined(const Range& words) {
    std::string text;
    for (const auto& word : words) {
        if (!text.empty()) text += ", ";
        text += word;
    }
    return text;
}

}  // namespace sallyport::cfg

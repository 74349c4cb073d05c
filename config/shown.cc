// SPDX-License-Identifier: Apache-2.0
#include "config/shown.h"

#include <cstddef>

namespace sallyport::cfg {
namespace {

constexpr std::size_t kShownMax = 80;

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

}  // namespace

std::string shown(std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string out = "'";
    for (const char c : text.substr(0, kShownMax)) {
        if (is_control(c)) {
            const auto octet = static_cast<unsigned char>(c);
            out += "\\x";
            out += kHex[octet >> 4U];
            out += kHex[octet & 0xfU];
        } else {
            out += c;
        }
    }
    if (text.size() > kShownMax) {
        // The cut must not leave half a UTF-8 sequence behind.
        while (out.size() > 1 && static_cast<unsigned char>(out.back()) >= 0x80) out.pop_back();
        out += "...";
    }
    return out += '\'';
}

}  // namespace sallyport::cfg

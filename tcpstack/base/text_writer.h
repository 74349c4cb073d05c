// SPDX-License-Identifier: Apache-2.0
// Text into memory that the caller owns. What does not fit is left out, so a writer never fails and
// never writes past its end. No locale, no allocation.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace sallyport {

class TextWriter {
   public:
    explicit TextWriter(std::span<char> out) : out_(out) {}

    std::string_view text() const { return {out_.data(), used_}; }

    TextWriter& put(std::string_view s) {
        const std::size_t n = std::min(s.size(), out_.size() - used_);
        if (n != 0) std::memcpy(out_.data() + used_, s.data(), n);
        used_ += n;
        return *this;
    }
    TextWriter& put(char c) { return put(std::string_view(&c, 1)); }
    TextWriter& decimal(std::uint64_t v) { return number(v, 10, 1); }
    // Lower case, without prefix, with leading zeros up to `width`.
    TextWriter& hex(std::uint64_t v, unsigned width = 1) { return number(v, 16, width); }

   private:
    TextWriter& number(std::uint64_t v, unsigned base, unsigned width) {
        char digits[20];  // of 2^64 - 1 in base ten
        std::size_t at = sizeof digits;
        do {
            digits[--at] = "0123456789abcdef"[v % base];
            v /= base;
        } while (v != 0 || (sizeof digits - at < width && at > 0));
        return put(std::string_view(digits + at, sizeof digits - at));
    }
    std::span<char> out_;
    std::size_t used_ = 0;
};

}  // namespace sallyport

// SPDX-License-Identifier: Apache-2.0
// A bounds-checked cursor over untrusted octets. Reading past the end yields zero or an empty span
// and marks the reader as failed; a failed reader stays failed, so a parser may read a whole
// structure and test once.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

namespace sallyport {

class ByteReader {
   public:
    constexpr explicit ByteReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

    constexpr bool ok() const { return !failed_; }
    constexpr std::size_t remaining() const { return bytes_.size() - at_; }
    constexpr std::size_t position() const { return at_; }
    constexpr bool at_end() const { return remaining() == 0; }

    constexpr std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
    constexpr std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
    constexpr std::uint32_t u24() { return static_cast<std::uint32_t>(number(3)); }
    constexpr std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }

    constexpr std::span<const std::uint8_t> take(std::size_t n) {
        if (n > remaining()) return fail();
        at_ += n;
        return bytes_.subspan(at_ - n, n);
    }
    constexpr std::span<const std::uint8_t> rest() { return take(remaining()); }
    constexpr void skip(std::size_t n) { (void)take(n); }

   private:
    constexpr std::span<const std::uint8_t> fail() {
        failed_ = true;
        at_ = bytes_.size();
        return {};
    }
    constexpr std::uint64_t number(std::size_t width) {
        std::uint64_t v = 0;
        for (std::uint8_t octet : take(width)) v = v << 8 | octet;
        return v;
    }
    std::span<const std::uint8_t> bytes_;
    std::size_t at_ = 0;
    bool failed_ = false;
};

}  // namespace sallyport

// SPDX-License-Identifier: Apache-2.0
// Integers in network order, as octets with alignment 1: safe to lay over any address of a packet.
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>

namespace sallyport {

template <class T>
class BigEndian {
   public:
    BigEndian() = default;
    constexpr explicit BigEndian(T host) { set(host); }

    constexpr T host() const {
        if consteval {
            T v = 0;
            for (auto octet : octets_) v = static_cast<T>((v << 8) | octet);
            return v;
        } else {
            T v;
            std::memcpy(&v, octets_, sizeof v);
            return swap(v);
        }
    }
    constexpr void set(T host) {
        if consteval {
            for (unsigned i = 0; i < sizeof(T); ++i)
                octets_[i] = static_cast<std::uint8_t>(host >> (8 * (sizeof(T) - 1 - i)));
        } else {
            const T v = swap(host);
            std::memcpy(octets_, &v, sizeof v);
        }
    }
    friend constexpr bool operator==(const BigEndian&, const BigEndian&) = default;

   private:
    static constexpr T swap(T v) {
        static_assert(std::endian::native == std::endian::little);
        if constexpr (sizeof(T) == 2) return __builtin_bswap16(v);
        if constexpr (sizeof(T) == 4) return __builtin_bswap32(v);
        if constexpr (sizeof(T) == 8) return __builtin_bswap64(v);
    }
    std::uint8_t octets_[sizeof(T)];
};

using Be16 = BigEndian<std::uint16_t>;
using Be32 = BigEndian<std::uint32_t>;
using Be64 = BigEndian<std::uint64_t>;
static_assert(sizeof(Be32) == 4 && alignof(Be32) == 1);
static_assert(Be32{0x01020304}.host() == 0x01020304);

}  // namespace sallyport

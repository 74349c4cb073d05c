// SPDX-License-Identifier: Apache-2.0
// Numbers modulo 2^32 (RFC 9293 section 3.4, RFC 7323 section 5.2). The tag keeps sequence numbers
// and timestamps apart; neither has operator<, because "less" has no meaning on a circle.
#pragma once
#include <cstdint>

namespace sallyport {

template <class Tag>
class Modular32 {
   public:
    constexpr Modular32() = default;
    constexpr explicit Modular32(std::uint32_t raw) : raw_(raw) {}
    constexpr std::uint32_t raw() const { return raw_; }

    friend constexpr bool operator==(Modular32, Modular32) = default;
    friend constexpr Modular32 operator+(Modular32 s, std::uint32_t n) {
        return Modular32{s.raw_ + n};
    }
    friend constexpr Modular32 operator-(Modular32 s, std::uint32_t n) {
        return Modular32{s.raw_ - n};
    }
    constexpr Modular32& operator+=(std::uint32_t n) { return raw_ += n, *this; }

    // How far `to` lies ahead of `from`; negative when behind. Total: never overflows.
    friend constexpr std::int32_t distance(Modular32 from, Modular32 to) {
        return static_cast<std::int32_t>(to.raw_ - from.raw_);
    }
    // Strictly earlier. At a distance of exactly 2^31 neither number is before the other.
    friend constexpr bool before(Modular32 a, Modular32 b) {
        return a.raw_ - b.raw_ > 0x8000'0000U;
    }
    friend constexpr Modular32 later_of(Modular32 a, Modular32 b) { return before(a, b) ? b : a; }
    friend constexpr Modular32 earlier_of(Modular32 a, Modular32 b) { return before(b, a) ? b : a; }

    // start <= *this < start + size, across the wrap.
    constexpr bool in_window(Modular32 start, std::uint32_t size) const {
        return raw_ - start.raw_ < size;
    }

   private:
    std::uint32_t raw_ = 0;
};

using SeqNum = Modular32<struct SeqTag>;  // an octet's number in one direction of a connection
using TsVal = Modular32<struct TsTag>;    // a timestamp option's clock value

static_assert(before(SeqNum{0xffff'ffff}, SeqNum{0}));
static_assert(!before(SeqNum{0}, SeqNum{0x8000'0000}) && !before(SeqNum{0x8000'0000}, SeqNum{0}));
static_assert(SeqNum{2}.in_window(SeqNum{0xffff'fffe}, 5));
static_assert(!SeqNum{3}.in_window(SeqNum{0xffff'fffe}, 5));

}  // namespace sallyport

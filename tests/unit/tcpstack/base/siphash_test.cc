// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/base/siphash.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <numeric>

namespace sallyport {
namespace {

constexpr SipKey kKey{0x0706050403020100, 0x0f0e0d0c0b0a0908};

constexpr auto kCounting = [] {
    std::array<std::uint8_t, 64> octets{};
    std::iota(octets.begin(), octets.end(), std::uint8_t{0});
    return octets;
}();

// Appendix A of the paper.
TEST(SipHash, GivesTheResultOfThePaper) {
    EXPECT_EQ(siphash(kKey, std::span(kCounting).first(15)), 0xa129ca6149be45e5U);
}

// The first vectors of the authors' table: messages 00, 00 01, ... of growing length.
TEST(SipHash, GivesTheResultsOfTheAuthorsTable) {
    constexpr std::uint64_t kExpected[] = {
        0x726fdb47dd0e0e31, 0x74f839c593dc67fd, 0x0d6c8009d9a94f5a,
        0x85676696d7fb7e2d, 0xcf2794e0277187b7, 0x18765564cd99a68d,
        0xcbc9466e58fee3ce, 0xab0200f58b01d137, 0x93f5f5799a932462,
    };
    for (std::size_t n = 0; n < std::size(kExpected); ++n)
        EXPECT_EQ(siphash(kKey, std::span(kCounting).first(n)), kExpected[n]) << n;
}

TEST(SipHash, DependsOnKeyLengthAndEveryBit) {
    auto octets = kCounting;
    const std::uint64_t whole = siphash(kKey, octets);
    EXPECT_NE(whole, siphash({kKey.k0 ^ 1, kKey.k1}, octets));
    EXPECT_NE(whole, siphash({kKey.k0, kKey.k1 ^ 1}, octets));
    for (std::size_t bit = 0; bit < octets.size() * 8; ++bit) {
        octets[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        const int changed = std::popcount(whole ^ siphash(kKey, octets));
        EXPECT_GT(changed, 10) << bit;
        octets[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    }
}

TEST(SipHash, OfAValueIsThatOfItsMemory) {
    const std::uint64_t v = 0x0706050403020100;
    EXPECT_EQ(siphash_of(kKey, v), siphash(kKey, std::span(kCounting).first(8)));
}

}  // namespace
}  // namespace sallyport

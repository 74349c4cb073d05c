// SPDX-License-Identifier: Apache-2.0
// A small, fast, seeded generator (SplitMix64) for choices that need spread and not secrecy: where a
// port search starts, which bucket is tried first. The seed comes from outside.
#pragma once
#include <cstdint>

namespace sallyport {

class Rng {
   public:
    constexpr explicit Rng(std::uint64_t seed) : state_(seed) {}
    constexpr std::uint64_t next() {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15ULL;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    }
    // Uniform enough in [0, n); n > 0.
    constexpr std::uint32_t below(std::uint32_t n) {
        return static_cast<std::uint32_t>((next() >> 32) * n >> 32);
    }

   private:
    std::uint64_t state_;
};

}  // namespace sallyport

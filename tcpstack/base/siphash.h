// SPDX-License-Identifier: Apache-2.0
// SipHash-2-4 (Aumasson, Bernstein 2012): a keyed hash whose output an outsider cannot predict.
// Used for cookies, initial sequence numbers and every table that a remote can fill.
#pragma once
#include <cstdint>
#include <span>
#include <type_traits>

namespace sallyport {

struct SipKey {
    std::uint64_t k0 = 0, k1 = 0;
};

std::uint64_t siphash(const SipKey& key, std::span<const std::uint8_t> bytes);

// Of a value without padding, as memory.
template <class T>
std::uint64_t siphash_of(const SipKey& key, const T& v) {
    static_assert(std::has_unique_object_representations_v<T>);
    return siphash(key, {reinterpret_cast<const std::uint8_t*>(&v), sizeof v});
}

}  // namespace sallyport

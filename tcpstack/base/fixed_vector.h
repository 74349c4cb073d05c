// SPDX-License-Identifier: Apache-2.0
// A vector whose capacity is in its type. It never allocates; adding to a full one is refused.
#pragma once
#include <array>
#include <cstddef>
#include <span>

#include "tcpstack/base/check.h"

namespace sallyport {

template <class T, std::size_t N>
class FixedVector {
   public:
    constexpr std::size_t size() const { return size_; }
    static constexpr std::size_t capacity() { return N; }
    constexpr bool empty() const { return size_ == 0; }
    constexpr bool full() const { return size_ == N; }
    constexpr void clear() { size_ = 0; }

    // False (and nothing changed) when full.
    [[nodiscard]] constexpr bool push_back(const T& v) {
        if (full()) return false;
        items_[size_++] = v;
        return true;
    }
    [[nodiscard]] constexpr bool insert(std::size_t at, const T& v) {
        SP_ASSERT(at <= size_);
        if (full()) return false;
        for (std::size_t i = size_; i > at; --i) items_[i] = items_[i - 1];
        items_[at] = v;
        ++size_;
        return true;
    }
    constexpr void erase(std::size_t at) {
        SP_ASSERT(at < size_);
        for (std::size_t i = at + 1; i < size_; ++i) items_[i - 1] = items_[i];
        --size_;
    }
    constexpr T& operator[](std::size_t i) { return SP_ASSERT(i < size_), items_[i]; }
    constexpr const T& operator[](std::size_t i) const { return SP_ASSERT(i < size_), items_[i]; }
    constexpr T* begin() { return items_.data(); }
    constexpr T* end() { return items_.data() + size_; }
    constexpr const T* begin() const { return items_.data(); }
    constexpr const T* end() const { return items_.data() + size_; }
    constexpr std::span<const T> span() const { return {items_.data(), size_}; }

   private:
    std::array<T, N> items_{};
    std::size_t size_ = 0;
};

}  // namespace sallyport

// SPDX-License-Identifier: Apache-2.0
// Objects of one type with a free list, in memory that the owner provides. Taking from an empty slab
// fails; nothing grows.
#pragma once
#include <cstdint>
#include <span>

#include "tcpstack/base/check.h"

namespace sallyport {

inline constexpr std::uint32_t kNoIndex = 0xffff'ffff;

template <class T>
class Slab {
   public:
    // `links` is as long as `items`; both outlive the slab.
    Slab(std::span<T> items, std::span<std::uint32_t> links) : items_(items), links_(links) {
        SP_CHECK(items.size() == links.size());
        for (std::uint32_t i = 0; i < links_.size(); ++i)
            links_[i] = i + 1 < links_.size() ? i + 1 : kNoIndex;
        free_ = links_.empty() ? kNoIndex : 0;
    }
    Slab(const Slab&) = delete;
    Slab& operator=(const Slab&) = delete;

    // kNoIndex when there is none left. The object is as its last owner left it.
    std::uint32_t take() {
        const std::uint32_t i = free_;
        if (i == kNoIndex) return i;
        free_ = links_[i];
        links_[i] = kTaken;
        ++in_use_;
        return i;
    }
    void give_back(std::uint32_t i) {
        SP_ASSERT(links_[i] == kTaken);
        links_[i] = free_;
        free_ = i;
        --in_use_;
    }
    bool is_taken(std::uint32_t i) const { return links_[i] == kTaken; }
    T& operator[](std::uint32_t i) { return SP_ASSERT(is_taken(i)), items_[i]; }
    const T& operator[](std::uint32_t i) const { return SP_ASSERT(is_taken(i)), items_[i]; }
    std::uint32_t in_use() const { return in_use_; }
    std::uint32_t capacity() const { return static_cast<std::uint32_t>(items_.size()); }
    std::uint32_t index_of(const T& item) const {
        return static_cast<std::uint32_t>(&item - items_.data());
    }

   private:
    static constexpr std::uint32_t kTaken = 0xffff'fffe;
    std::span<T> items_;
    std::span<std::uint32_t> links_;
    std::uint32_t free_ = kNoIndex;
    std::uint32_t in_use_ = 0;
};

}  // namespace sallyport

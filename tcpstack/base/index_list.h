// SPDX-License-Identifier: Apache-2.0
// Objects of a slab in a row: a doubly linked list by index, its links inside the objects. An
// object knows whether it is in the list.
#pragma once
#include <cstdint>

#include "tcpstack/base/slab.h"

namespace sallyport {

struct ListLinks {
    std::uint32_t previous = kNoIndex, next = kNoIndex;
    bool linked = false;
};

template <class T, ListLinks T::*kLinks>
class IndexList {
   public:
    explicit IndexList(Slab<T>& slab) : slab_(slab) {}

    std::uint32_t front() const { return first_; }  // kNoIndex: empty
    std::uint32_t size() const { return size_; }

    // Nothing happens to an object that is in the list.
    void push_back(std::uint32_t i) {
        ListLinks& links = slab_[i].*kLinks;
        if (links.linked) return;
        links = {.previous = last_, .next = kNoIndex, .linked = true};
        (last_ == kNoIndex ? first_ : (slab_[last_].*kLinks).next) = i;
        last_ = i;
        ++size_;
    }
    // Nothing happens to an object that is not in the list.
    void erase(std::uint32_t i) {
        ListLinks& links = slab_[i].*kLinks;
        if (!links.linked) return;
        (links.previous == kNoIndex ? first_ : (slab_[links.previous].*kLinks).next) = links.next;
        (links.next == kNoIndex ? last_ : (slab_[links.next].*kLinks).previous) = links.previous;
        links = {};
        --size_;
    }

   private:
    Slab<T>& slab_;
    std::uint32_t first_ = kNoIndex, last_ = kNoIndex;
    std::uint32_t size_ = 0;
};

}  // namespace sallyport

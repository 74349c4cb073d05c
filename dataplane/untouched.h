// SPDX-License-Identifier: Apache-2.0
// Memory for objects of which most may never be used: it is reserved at once and touched only with
// the first use of each part, so the limit of a pool costs address space and not memory. Until
// somebody assigns to them all octets of the objects are zero.
#pragma once
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>
#include <type_traits>

#include "tcpstack/base/check.h"

namespace sallyport::dp {

template <class T>
class Untouched {
    // Such objects begin their life with their memory ([intro.object]) and end it in silence.
    static_assert(std::is_aggregate_v<T> && std::is_trivially_destructible_v<T>);

   public:
    explicit Untouched(std::size_t count)
        : memory_(zeros(count * sizeof(T) + alignof(T))), count_(count) {
        void* at = memory_.get();
        std::size_t room = count * sizeof(T) + alignof(T);
        first_ = static_cast<T*>(std::align(alignof(T), count * sizeof(T), at, room));
    }

    operator std::span<T>() { return {first_, count_}; }
    std::size_t size() const { return count_; }

   private:
    // calloc() has large memory from the kernel, which gives zeros that nobody has written. Where it
    // fails, operator new fails as well and says so by its exception.
    static void* zeros(std::size_t octets) {
        void* memory = std::calloc(octets, 1);
        if (memory == nullptr) ::operator delete(::operator new(octets));
        SP_CHECK(memory != nullptr);
        return memory;
    }
    struct Release {
        void operator()(void* memory) const { std::free(memory); }
    };
    std::unique_ptr<void, Release> memory_;
    T* first_ = nullptr;
    std::size_t count_;
};

}  // namespace sallyport::dp

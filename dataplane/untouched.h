// SPDX-License-Identifier: Apache-2.0
// Memory for objects of which most may never be used: it is reserved at once and touched only with
// the first use of each part, so the limit of a pool costs address space and not memory. The
// objects are without value until somebody assigns to them, as Slab's users do.
#pragma once
#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <type_traits>

namespace sallyport::dp {

template <class T>
class Untouched {
    // Such objects begin their life with their memory ([intro.object]) and end it in silence.
    static_assert(std::is_aggregate_v<T> && std::is_trivially_destructible_v<T>);

   public:
    explicit Untouched(std::size_t count)
        : memory_(static_cast<T*>(::operator new(count * sizeof(T), kAlignment))), count_(count) {}

    operator std::span<T>() { return {memory_.get(), count_}; }
    std::size_t size() const { return count_; }

   private:
    static constexpr std::align_val_t kAlignment{alignof(T)};
    struct Release {
        void operator()(T* memory) const { ::operator delete(memory, kAlignment); }
    };
    std::unique_ptr<T, Release> memory_;
    std::size_t count_;
};

}  // namespace sallyport::dp

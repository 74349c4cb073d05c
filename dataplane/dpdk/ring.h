// SPDX-License-Identifier: Apache-2.0
// A ring of values between one producer thread and one consumer thread; neither waits for the
// other. Values are copied in and out as they copy themselves, so a large one of which little is
// used costs little.
#pragma once
#include <rte_ring.h>
#include <rte_ring_elem.h>
#include <rte_ring_peek_zc.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <type_traits>

namespace sallyport::dp {

template <class T>
class Ring {
    static_assert(sizeof(T) % 4 == 0, "rte_ring copies 4 octets at a time");
    // Places are written over without a word to what was there.
    static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= RTE_CACHE_LINE_SIZE);

   public:
    // `size` is a power of two and one more than the ring can hold. `name` is unique in the process
    // and has at most 28 characters.
    Ring(const std::string& name, std::uint32_t size)
        : ring_(rte_ring_create_elem(name.c_str(), sizeof(T), size, SOCKET_ID_ANY,
                                     RING_F_SP_ENQ | RING_F_SC_DEQ)) {}
    ~Ring() { rte_ring_free(ring_); }
    Ring(const Ring&) = delete;
    Ring& operator=(const Ring&) = delete;

    bool exists() const { return ring_ != nullptr; }  // false: no memory

    // How many of them were taken in, from the first on.
    std::uint32_t push(std::span<const T> values) {
        rte_ring_zc_data at;
        const unsigned n = rte_ring_enqueue_zc_burst_elem_start(
            ring_, sizeof(T), static_cast<unsigned>(values.size()), &at, nullptr);
        if (n == 0) return 0;
        const unsigned before_end = std::min(n, at.n1);
        std::uninitialized_copy_n(values.data(), before_end, static_cast<T*>(at.ptr1));
        if (n > before_end)
            std::uninitialized_copy_n(values.data() + before_end, n - before_end,
                                      static_cast<T*>(at.ptr2));
        rte_ring_enqueue_zc_elem_finish(ring_, n);
        return n;
    }
    // How many were written to `values`.
    std::uint32_t pop(std::span<T> values) {
        rte_ring_zc_data at;
        const unsigned n = rte_ring_dequeue_zc_burst_elem_start(
            ring_, sizeof(T), static_cast<unsigned>(values.size()), &at, nullptr);
        if (n == 0) return 0;
        const unsigned before_end = std::min(n, at.n1);
        std::copy_n(static_cast<const T*>(at.ptr1), before_end, values.data());
        if (n > before_end)
            std::copy_n(static_cast<const T*>(at.ptr2), n - before_end, values.data() + before_end);
        rte_ring_dequeue_zc_elem_finish(ring_, n);
        return n;
    }
    std::uint32_t room() const { return rte_ring_free_count(ring_); }
    std::uint32_t count() const { return rte_ring_count(ring_); }

   private:
    rte_ring* ring_;
};

}  // namespace sallyport::dp

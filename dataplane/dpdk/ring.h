// SPDX-License-Identifier: Apache-2.0
// A ring of values between one producer thread and one consumer thread; neither waits for the
// other.
#pragma once
#include <rte_ring.h>
#include <rte_ring_elem.h>

#include <cstdint>
#include <span>
#include <string>
#include <type_traits>

namespace sallyport::dp {

template <class T>
class Ring {
    static_assert(sizeof(T) % 4 == 0, "rte_ring copies 4 octets at a time");
    static_assert(std::is_trivially_copyable_v<T>);

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
        return rte_ring_sp_enqueue_burst_elem(ring_, values.data(), sizeof(T),
                                              static_cast<unsigned>(values.size()), nullptr);
    }
    // How many were written to `values`.
    std::uint32_t pop(std::span<T> values) {
        return rte_ring_sc_dequeue_burst_elem(ring_, values.data(), sizeof(T),
                                              static_cast<unsigned>(values.size()), nullptr);
    }
    std::uint32_t room() const { return rte_ring_free_count(ring_); }
    std::uint32_t count() const { return rte_ring_count(ring_); }

   private:
    rte_ring* ring_;
};

}  // namespace sallyport::dp

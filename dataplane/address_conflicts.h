// SPDX-License-Identifier: Apache-2.0
// Other stations that were heard to have own addresses of the gate: which address, and who. One writer,
// the worker that hears of them; any number of readers, none of which makes it wait.
#pragma once
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include "dataplane/frame.h"
#include "tcpstack/base/ip_addr.h"
#include "tcpstack/base/time.h"
#include "tcpstack/wire/ethernet.h"

namespace sallyport::dp {

struct AddressConflict {
    PortIndex port = 0;
    IpAddr address;
    wire::MacAddr mac{};     // of the other station
    bool given_up = false;   // the gate does not answer for the address
    Instant heard{};         // last
};

class AddressConflicts {
   public:
    // So many addresses are remembered, those that were heard of last.
    static constexpr std::size_t kMax = 16;

    // Takes the place of what was known of the address at the port.
    void note(const AddressConflict& conflict);
    void forget(PortIndex port, const IpAddr& address);

    // Writes those that are known; `out` takes kMax. Each is whole. Returns how many.
    std::size_t read(std::span<AddressConflict, kMax> out) const;

   private:
    // Written under an odd version, so that a reader knows what it must read again.
    struct Slot {
        std::atomic<std::uint32_t> version{0};
        std::array<std::atomic<std::uint64_t>, 4> words{};
    };
    using Words = std::array<std::uint64_t, 4>;

    static Words pack(const AddressConflict& conflict);
    static AddressConflict unpack(const Words& words);
    static void write(Slot& slot, const Words& words);
    static Words read(const Slot& slot);
    Slot& slot_for(PortIndex port, const IpAddr& address);

    std::array<Slot, kMax> slots_;
};

}  // namespace sallyport::dp

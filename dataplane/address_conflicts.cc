// SPDX-License-Identifier: Apache-2.0
#include "dataplane/address_conflicts.h"

#include <algorithm>

namespace sallyport::dp {
namespace {

constexpr std::uint64_t kUsed = 1, kGivenUp = 2;  // of the third word; the port and the MAC above them
constexpr unsigned kPortShift = 8, kMacShift = 16;

}  // namespace

AddressConflicts::Words AddressConflicts::pack(const AddressConflict& c) {
    const IpAddr::Words address = c.address.words();
    std::uint64_t mac = 0;
    for (const std::uint8_t octet : c.mac.octets) mac = mac << 8 | octet;
    const std::uint64_t flags = kUsed | (c.given_up ? kGivenUp : 0);
    return {address.high, address.low,
            flags | std::uint64_t{c.port} << kPortShift | mac << kMacShift, nanoseconds(c.heard)};
}

AddressConflict AddressConflicts::unpack(const Words& words) {
    AddressConflict c;
    using Octets = std::array<std::uint8_t, 16>;
    c.address = Ipv6Addr{std::bit_cast<Octets>(IpAddr::Words{words[0], words[1]})};
    c.given_up = (words[2] & kGivenUp) != 0;
    c.port = static_cast<PortIndex>(words[2] >> kPortShift);
    for (std::size_t i = 0; i < c.mac.octets.size(); ++i)
        c.mac.octets[i] = static_cast<std::uint8_t>(words[2] >> (kMacShift + 40 - 8 * i));
    c.heard = Instant{} + Duration(static_cast<Duration::rep>(words[3]));
    return c;
}

void AddressConflicts::write(Slot& slot, const Words& words) {
    const std::uint32_t version = slot.version.load(std::memory_order_relaxed);
    slot.version.store(version + 1, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_release);
    for (std::size_t i = 0; i < words.size(); ++i) slot.words[i].store(words[i], std::memory_order_relaxed);
    slot.version.store(version + 2, std::memory_order_release);
}

AddressConflicts::Words AddressConflicts::read(const Slot& slot) {
    for (;;) {
        const std::uint32_t version = slot.version.load(std::memory_order_acquire);
        Words words;
        for (std::size_t i = 0; i < words.size(); ++i) words[i] = slot.words[i].load(std::memory_order_relaxed);
        std::atomic_thread_fence(std::memory_order_acquire);
        if (version % 2 == 0 && version == slot.version.load(std::memory_order_relaxed)) return words;
    }
}

// That of the address, a free one, or the one that was not heard of for longest.
AddressConflicts::Slot& AddressConflicts::slot_for(PortIndex port, const IpAddr& address) {
    Slot* best = &slots_.front();
    std::uint64_t oldest = ~std::uint64_t{0};
    for (Slot& slot : slots_) {
        const Words words = read(slot);
        const AddressConflict known = unpack(words);
        const bool used = (words[2] & kUsed) != 0;
        if (used && known.port == port && known.address == address) return slot;
        const std::uint64_t heard = used ? words[3] : 0;
        if (heard >= oldest) continue;
        oldest = heard;
        best = &slot;
    }
    return *best;
}

void AddressConflicts::note(const AddressConflict& conflict) {
    write(slot_for(conflict.port, conflict.address), pack(conflict));
}

void AddressConflicts::forget(PortIndex port, const IpAddr& address) {
    for (Slot& slot : slots_) {
        const Words words = read(slot);
        const AddressConflict known = unpack(words);
        if ((words[2] & kUsed) != 0 && known.port == port && known.address == address) write(slot, {});
    }
}

std::size_t AddressConflicts::read(std::span<AddressConflict, kMax> out) const {
    std::size_t count = 0;
    for (const Slot& slot : slots_) {
        const Words words = read(slot);
        if ((words[2] & kUsed) != 0) out[count++] = unpack(words);
    }
    return count;
}

}  // namespace sallyport::dp

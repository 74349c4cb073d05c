// SPDX-License-Identifier: Apache-2.0
// No source may take a resource away from the others: once a resource is three quarters full, a
// source gets no more than half of what is left, which is an eighth of the resource at first. However
// many sources take all that they can, there is something left for one that has nothing yet.
#pragma once
#include <array>
#include <cstdint>
#include <span>

#include "tcpstack/base/check.h"

namespace sallyport::dp {

enum class Resource : std::uint8_t {
    Embryos,
    Sessions,
    Setups,
    HoldChunks,
    RelayChunks,
    Requests,
    Fragments
};
inline constexpr std::size_t kResourceCount = 7;

using SourceHash = std::uint64_t;  // keyed hash of a client's address; never zero

class SourceShares {
   public:
    struct Entry {
        SourceHash source = 0;
        std::array<std::uint32_t, kResourceCount> held{};
    };
    static constexpr std::size_t kWays = 8;

    // The number of entries is a power of two and at least kWays.
    explicit SourceShares(std::span<Entry> entries)
        : entries_(entries), mask_(entries.size() / kWays - 1) {}

    // Whether `source` may take one more of a resource of which `in_use` of `capacity` are taken.
    bool may_take(Resource resource, SourceHash source, std::uint64_t in_use,
                  std::uint64_t capacity) const {
        if (in_use >= capacity) return false;
        if (in_use < capacity - capacity / 4) return true;
        const Entry* entry = find(source);
        // A source that could not be tracked gets nothing once the resource runs short.
        return entry == nullptr ? has_room(source) : 2 * held(*entry, resource) < capacity - in_use;
    }
    void took(Resource resource, SourceHash source, std::uint32_t n = 1) {
        if (n == 0) return;
        if (Entry* entry = find_or_make(source)) held(*entry, resource) += n;
    }
    void gave_back(Resource resource, SourceHash source, std::uint32_t n = 1) {
        Entry* entry = find(source);
        if (entry == nullptr) return;  // it was not tracked: the bucket was full
        std::uint32_t& count = held(*entry, resource);
        count = count > n ? count - n : 0;
        for (const std::uint32_t c : entry->held)
            if (c != 0) return;
        entry->source = 0;
    }

   private:
    static std::uint32_t& held(Entry& e, Resource r) { return e.held[static_cast<std::size_t>(r)]; }
    static std::uint32_t held(const Entry& e, Resource r) {
        return e.held[static_cast<std::size_t>(r)];
    }
    std::span<Entry> bucket(SourceHash source) const {
        return entries_.subspan((source & mask_) * kWays, kWays);
    }
    Entry* find(SourceHash source) const {
        for (Entry& e : bucket(source))
            if (e.source == source) return &e;
        return nullptr;
    }
    bool has_room(SourceHash source) const { return find(0, source) != nullptr; }
    Entry* find(SourceHash wanted, SourceHash source) const {
        for (Entry& e : bucket(source))
            if (e.source == wanted) return &e;
        return nullptr;
    }
    Entry* find_or_make(SourceHash source) const {
        if (Entry* e = find(source)) return e;
        Entry* e = find(0, source);
        if (e != nullptr) *e = {.source = source, .held = {}};
        return e;
    }
    std::span<Entry> entries_;
    std::uint64_t mask_;
};

}  // namespace sallyport::dp

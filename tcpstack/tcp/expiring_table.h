// SPDX-License-Identifier: Apache-2.0
// A fixed hash table of small entries that expire: two candidate buckets of four entries for each
// key. Nothing is allocated after construction, nothing grows.
#pragma once
#include <cstdint>
#include <span>

#include "tcpstack/base/check.h"
#include "tcpstack/base/time.h"

namespace sallyport::tcp {

// A point in time as tables store it: sixteenths of a second since the clock's start, never zero.
// 32 bits last for eight years.
using CoarseTime = std::uint32_t;
constexpr CoarseTime coarse(Instant t) {
    return static_cast<CoarseTime>(nanoseconds(t) / 62'500'000) + 1;
}

// Entry has `key` (comparable) and `CoarseTime deadline` (zero: free).
template <class Entry>
class ExpiringTable {
   public:
    static constexpr std::size_t kWays = 4;

    // The number of entries is a power of two and at least kWays; all are free (deadline 0).
    explicit ExpiringTable(std::span<Entry> entries)
        : entries_(entries), bucket_mask_(entries.size() / kWays - 1) {
        SP_CHECK(entries.size() >= kWays && (entries.size() & (entries.size() - 1)) == 0);
    }

    // An expired entry is not found, though it may not have been swept yet.
    template <class Key>
    Entry* find(const Key& key, std::uint64_t hash, Instant now) {
        const CoarseTime t = coarse(now);
        for (const std::size_t bucket : candidates(hash))
            for (std::size_t i = bucket; i < bucket + kWays; ++i)
                if (entries_[i].deadline > t && entries_[i].key == key) return &entries_[i];
        return nullptr;
    }

    // A free place for a key that find() did not find; the caller fills it at once. nullptr: both
    // buckets are full.
    Entry* place(std::uint64_t hash) {
        Entry* best = nullptr;
        for (const std::size_t bucket : candidates(hash))
            for (std::size_t i = bucket; i < bucket + kWays; ++i)
                if (entries_[i].deadline == 0) {
                    best = &entries_[i];
                    break;
                }
        if (best != nullptr) ++in_use_;
        return best;
    }

    // The entry of both buckets that expires first, for a caller that prefers to lose an old one.
    // Still in use: the caller overwrites it.
    Entry& oldest(std::uint64_t hash) {
        Entry* best = nullptr;
        for (const std::size_t bucket : candidates(hash))
            for (std::size_t i = bucket; i < bucket + kWays; ++i)
                if (best == nullptr || entries_[i].deadline < best->deadline) best = &entries_[i];
        return *best;
    }

    void erase(Entry& entry) {
        SP_ASSERT(entry.deadline != 0);
        entry.deadline = 0;
        --in_use_;
    }

    // Looks at the next `budget` entries and frees those that have expired, telling about each.
    template <class OnExpired>
    void sweep(Instant now, std::size_t budget, OnExpired&& on_expired) {
        if (in_use_ == 0) return;  // nor is its memory touched
        const CoarseTime t = coarse(now);
        for (; budget > 0; --budget) {
            Entry& entry = entries_[cursor_];
            cursor_ = (cursor_ + 1) & (entries_.size() - 1);
            if (entry.deadline == 0 || entry.deadline > t) continue;
            on_expired(entry);
            erase(entry);
        }
    }

    std::size_t in_use() const { return in_use_; }
    std::size_t capacity() const { return entries_.size(); }

   private:
    struct Candidates {
        std::size_t bucket[2];
        const std::size_t* begin() const { return bucket; }
        const std::size_t* end() const { return bucket + 2; }
    };
    Candidates candidates(std::uint64_t hash) const {
        return {{(hash & bucket_mask_) * kWays, (hash >> 32 & bucket_mask_) * kWays}};
    }
    std::span<Entry> entries_;
    std::uint64_t bucket_mask_;
    std::size_t in_use_ = 0;
    std::size_t cursor_ = 0;
};

}  // namespace sallyport::tcp

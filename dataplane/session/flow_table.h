// SPDX-License-Identifier: Apache-2.0
// From a packet's key to the record of its flow, of one protocol and family. Each key has two candidate buckets of eight; a
// bucket (tags and record numbers) is one cache line. Fixed in size; when both buckets are full the
// insertion is refused.
#pragma once
#include <array>
#include <cstdint>
#include <span>

#include "dataplane/session/flow_records.h"
#include "tcpstack/base/slab.h"

namespace sallyport::dp {

struct alignas(64) FlowBucket {
    static constexpr std::size_t kWays = 8;
    std::array<std::uint16_t, kWays> tags{};
    std::array<std::uint32_t, kWays> records{};  // valid where the tag is not zero
};
static_assert(sizeof(FlowBucket) == 64);

class FlowTable {
   public:
    // The number of buckets is a power of two; they outlive the table.
    FlowTable(std::span<FlowBucket> buckets, const FlowRecords& records, FlowHash hash)
        : buckets_(buckets), records_(records), hash_(hash), mask_(buckets.size() - 1) {}

    void prefetch(std::uint64_t h) const {
        __builtin_prefetch(&buckets_[first(h)]);
        __builtin_prefetch(&buckets_[second(h)]);
    }

    // The number of the record with this key, or kNoIndex. Key is that of the table's family; `h` its
    // FlowHash.
    template <class Key>
    std::uint32_t find(const Key& key, std::uint64_t h) const {
        const std::uint16_t tag = tag_of(h);
        for (const std::uint64_t b : {first(h), second(h)}) {
            const FlowBucket& bucket = buckets_[b];
            for (std::size_t i = 0; i < FlowBucket::kWays; ++i)
                if (bucket.tags[i] == tag && records_.has_key(bucket.records[i], key))
                    return bucket.records[i];
        }
        return kNoIndex;
    }

    // Adds a record whose key is set and not in the table. False: both buckets are full.
    [[nodiscard]] bool insert(std::uint32_t record) {
        const std::uint64_t h = hash_(records_.key(record));
        FlowBucket& a = buckets_[first(h)];
        FlowBucket& b = buckets_[second(h)];
        FlowBucket& emptier = free_ways(a) >= free_ways(b) ? a : b;
        for (std::size_t i = 0; i < FlowBucket::kWays; ++i) {
            if (emptier.tags[i] != 0) continue;
            emptier.tags[i] = tag_of(h);
            emptier.records[i] = record;
            return true;
        }
        return false;
    }
    void erase(std::uint32_t record) {
        const std::uint64_t h = hash_(records_.key(record));
        for (const std::uint64_t b : {first(h), second(h)}) {
            FlowBucket& bucket = buckets_[b];
            for (std::size_t i = 0; i < FlowBucket::kWays; ++i)
                if (bucket.tags[i] != 0 && bucket.records[i] == record) {
                    bucket.tags[i] = 0;
                    return;
                }
        }
    }

   private:
    std::uint64_t first(std::uint64_t h) const { return h & mask_; }
    std::uint64_t second(std::uint64_t h) const { return h >> 24 & mask_; }
    static std::uint16_t tag_of(std::uint64_t h) {
        return static_cast<std::uint16_t>(h >> 48 | 1);  // never zero, which means free
    }
    static std::size_t free_ways(const FlowBucket& bucket) {
        std::size_t n = 0;
        for (const std::uint16_t tag : bucket.tags) n += tag == 0 ? 1 : 0;
        return n;
    }

    std::span<FlowBucket> buckets_;
    FlowRecords records_;
    FlowHash hash_;
    std::uint64_t mask_;
};

// The flows of one protocol.
class FlowTables {
   public:
    FlowTables(std::span<FlowBucket> v4, std::span<FlowBucket> v6, const FlowRecords& records,
               FlowHash hash)
        : v4_(v4, records, hash), v6_(v6, records, hash), records_(records), hash_(hash) {}

    const FlowTable& of(bool is_v6) const { return is_v6 ? v6_ : v4_; }
    std::uint32_t find(const FourTuple& key) const {
        const std::uint64_t h = hash_(key);
        return key.src.is_v4() ? v4_.find(flow_key4(key), h) : v6_.find(flow_key6(key), h);
    }
    // As FlowTable has them.
    [[nodiscard]] bool insert(std::uint32_t record) { return table_of(record).insert(record); }
    void erase(std::uint32_t record) { table_of(record).erase(record); }

   private:
    FlowTable& table_of(std::uint32_t record) { return records_[record].key_v6 ? v6_ : v4_; }

    FlowTable v4_, v6_;
    FlowRecords records_;
    FlowHash hash_;
};

}  // namespace sallyport::dp

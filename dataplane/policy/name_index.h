// SPDX-License-Identifier: Apache-2.0
// The host patterns of all rules: an open-addressed hash table of names. The hash runs from a
// name's end to its beginning, so one pass over a name yields the hash of every suffix that a
// wildcard may stand for. Made by NameIndexBuilder, read by PolicyTable.
//
// A name costs its octets, five more beside them, and a slot of eight of which seven in ten are in
// use. The name itself is kept and compared: a hash alone is no proof.
#pragma once
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "dataplane/policy/rule_lists.h"

namespace sallyport::dp::policy {

enum class PatternKind : std::uint8_t { Exact, Wildcard };

// FNV-1a with a mixed result. The seed keeps a list of names from being made to collide; a client
// chooses only what is looked up, which cannot make a chain longer.
class NameHash {
   public:
    explicit NameHash(std::uint64_t seed) : state_(seed) {}
    void add(char c) { state_ = (state_ ^ static_cast<std::uint8_t>(c)) * 0x100000001b3ULL; }
    std::uint64_t value(PatternKind kind) const {
        std::uint64_t z = state_ ^ (static_cast<std::uint64_t>(kind) << 32);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    }

   private:
    std::uint64_t state_;
};

inline std::uint64_t name_hash(std::uint64_t seed, std::string_view name, PatternKind kind) {
    NameHash hash(seed);
    for (std::size_t at = name.size(); at-- > 0;) hash.add(name[at]);
    return hash.value(kind);
}

// Part of a list that many share.
struct Slice {
    std::uint32_t first = 0, count = 0;
};

struct NameIndex {
    static constexpr std::uint32_t kEmpty = 0xffff'ffff;
    struct Slot {
        std::uint32_t tag = 0;          // lower half of the hash
        std::uint32_t record = kEmpty;  // offset into `records`
    };
    // A record: list and kind, length of the name, the name. Not aligned.
    using ListAndKind = std::uint32_t;  // the kind in the highest bit
    static constexpr std::size_t kRecordOctets = sizeof(ListAndKind) + 1;

    std::uint64_t seed = 0;
    std::size_t patterns = 0;
    std::vector<char> records;
    std::vector<Slot> slots;  // one at least; some are empty
    std::vector<Slice>
        lists;  // by RuleListId: parts of rule_numbers, deny first, then in file order
    std::vector<std::uint32_t> rule_numbers;

    // The upper half of the hash says where a search begins: any number of slots will do.
    std::size_t home(std::uint64_t hash) const {
        return static_cast<std::size_t>((hash >> 32) * slots.size() >> 32);
    }
    std::size_t next(std::size_t slot) const { return slot + 1 == slots.size() ? 0 : slot + 1; }

    ListAndKind list_and_kind(std::uint32_t record) const {
        ListAndKind value;
        std::memcpy(&value, &records[record], sizeof value);
        return value;
    }
    std::string_view name(std::uint32_t record) const {
        const char* length = &records[record + sizeof(ListAndKind)];
        return {length + 1, static_cast<std::uint8_t>(*length)};
    }
    static PatternKind kind_of(ListAndKind value) { return static_cast<PatternKind>(value >> 31); }
    static RuleListId list_of(ListAndKind value) { return value & 0x7fff'ffff; }

    // The slot of a pattern, or the empty one where it would stand. `hash` is that of both.
    std::size_t find(std::uint64_t hash, std::string_view wanted, PatternKind kind) const {
        std::size_t at = home(hash);
        for (; slots[at].record != kEmpty; at = next(at)) {
            if (slots[at].tag != static_cast<std::uint32_t>(hash)) continue;
            if (kind_of(list_and_kind(slots[at].record)) == kind &&
                name(slots[at].record) == wanted)
                break;
        }
        return at;
    }
    // The rules of a pattern; none when there is no such pattern.
    Slice rules_of(std::uint64_t hash, std::string_view wanted, PatternKind kind) const {
        const std::uint32_t record = slots[find(hash, wanted, kind)].record;
        return record == kEmpty ? Slice{} : lists[list_of(list_and_kind(record))];
    }
};

}  // namespace sallyport::dp::policy

// SPDX-License-Identifier: Apache-2.0
// The host patterns of all rules: an open-addressed hash table of names. The hash runs from a
// name's end to its beginning, so one pass over a name yields the hash of every suffix that a
// wildcard may stand for. Made by PolicyCompiler, read by PolicyTable.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

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

// Part of a list that many share.
struct Slice {
    std::uint32_t first = 0, count = 0;
};

struct NameEntry {
    std::uint32_t text = 0;  // offset into NameIndex::texts
    std::uint8_t length = 0;
    PatternKind kind = PatternKind::Exact;
    Slice rules;  // of rule numbers: deny first, then in file order
};

struct NameIndex {
    static constexpr std::uint32_t kEmpty = 0xffff'ffff;
    struct Slot {
        std::uint32_t tag = 0;  // upper half of the hash
        std::uint32_t entry = kEmpty;
    };

    std::uint64_t seed = 0;
    std::string texts;
    std::vector<NameEntry> entries;
    std::vector<Slot> slots;  // a power of two, half of them empty at least

    std::string_view text_of(const NameEntry& e) const { return {texts.data() + e.text, e.length}; }

    // `hash` is that of `name` and `kind`. Null when there is no such pattern.
    const NameEntry* find(std::uint64_t hash, std::string_view name, PatternKind kind) const {
        const std::size_t mask = slots.size() - 1;
        for (std::size_t at = hash & mask; slots[at].entry != kEmpty; at = (at + 1) & mask) {
            if (slots[at].tag != static_cast<std::uint32_t>(hash >> 32)) continue;
            const NameEntry& entry = entries[slots[at].entry];
            if (entry.kind == kind && text_of(entry) == name) return &entry;
        }
        return nullptr;
    }
};

}  // namespace sallyport::dp::policy

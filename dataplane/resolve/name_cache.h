// SPDX-License-Identifier: Apache-2.0
// The answers that one worker knows: names to addresses, bounded, without a lock. An address counts
// for a name from the answer that brought it until `grace` after the last answer that had it, so
// that a client which uses an earlier answer of a rotating name is not refused.
//
// Life of an entry:  (none) -- ask() --> Asked -- store() --> Known -- ttl --> Old -- grace --> (none)
// An entry with waiting sessions is never recycled. Recycled is what is oldest and not in use.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "dataplane/resolve/messages.h"
#include "tcpstack/base/slab.h"

namespace sallyport::dp {

using NameEntryIndex = std::uint32_t;  // kNoIndex: none

enum class NameState : std::uint8_t {
    Asked,     // no answer yet
    Found,     // addresses to dial
    NotFound,  // negative, until its time is over
    Failed,    // the resolver had nothing; until its time is over
    Expired,   // what it held is past its time and must be asked again before it may be dialled
};

class NameCache {
   public:
    struct Storage;  // allocated once, for `capacity` names (name_cache_storage.cc)
    static constexpr std::size_t kAddressesMax = 64;  // of a name, those within grace included

    NameCache(Storage& storage, std::uint64_t hash_secret);

    // The entry of a normalised name. kNoIndex: nothing is known and nothing was asked.
    NameEntryIndex find(std::string_view name) const;
    // The same, made if need be. kNoIndex: every entry has waiting sessions (NameCacheFull).
    NameEntryIndex find_or_make(std::string_view name, Instant now);

    NameState state(NameEntryIndex entry, Instant now) const;
    // Whether the resolver should be asked now: nothing is known and nothing is under way, or less
    // than an eighth of the answer's life is left. Marks the question as under way; an answer that
    // never comes is forgotten after 30 s.
    bool should_ask(NameEntryIndex entry, Instant now);
    // What the resolver said. kNoIndex: nobody asked for it.
    NameEntryIndex store(const NameAnswer& answer, Instant now, Duration grace);

    // Of state Found: the addresses of the last answer, in its order. Good until the next store().
    std::span<const IpAddr> addresses(NameEntryIndex entry) const;
    bool is_stale(NameEntryIndex entry) const;  // the last answer was one of an earlier time
    // Whether the address is among those of the last answer, or of one within grace.
    bool has_address(NameEntryIndex entry, const IpAddr& address, Instant now) const;

    // For the owner: the head of a list of sessions that wait for the answer; kNoIndex at first.
    // While it is set the entry stays.
    std::uint32_t& waiting(NameEntryIndex entry);
    // Counts up with each use of the entry's addresses: for sharing sessions out in turn.
    std::uint32_t next_turn(NameEntryIndex entry);

    std::uint32_t in_use() const;
    std::string_view name(NameEntryIndex entry) const;

   private:
    Storage& storage_;
    std::uint64_t hash_secret_;
};

}  // namespace sallyport::dp

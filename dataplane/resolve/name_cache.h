// SPDX-License-Identifier: Apache-2.0
// The answers that one worker knows: names to addresses, bounded, without a lock. An address counts
// for a name from the answer that brought it until `grace` after the end of the last answer that had
// it, so that a client which uses an earlier answer of a rotating name is not refused. What other
// DNS servers said than those of the present configuration binds nothing new.
//
// Life of an entry:
//   Asked --store()--> Found, NotFound, Failed --its time is over--> Expired --store()--> ...
// It stays until another name needs its place: the least recently used goes first, and never one
// with waiting sessions.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "dataplane/resolve/messages.h"
#include "dataplane/untouched.h"
#include "tcpstack/base/index_list.h"
#include "tcpstack/base/siphash.h"
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

struct NameEntry {
    static constexpr std::size_t kAddressesMax = 64;

    ListLinks use;  // in the list of all, least recently used first
    NameEntryIndex next_in_bucket = kNoIndex;
    std::uint32_t waiting = kNoIndex;
    std::uint32_t turn = 0;
    NameState state = NameState::Asked;  // as the last answer left it; never Expired
    bool stale = false;
    std::uint8_t current = 0;  // addresses of the last answer: the first ones
    std::uint8_t count = 0;    // of all
    Duration life{};           // of the last answer
    Instant ends{};            // of the last answer
    Instant asked_until{};     // until then a question is under way
    Instant quiet_until{};     // a refresh failed; until then another would be too soon
    Instant said{};            // when DNS gave the last answer, or failed to
    bool doubted = false;      // and something speaks against it since
    std::uint64_t servers = 0;  // who gave it
    std::uint64_t former = 0;   // a bit for each address that only other servers gave
    ShortText<kNameMax> name;
    std::array<IpAddr, kAddressesMax> addresses;    // the most recently answered first
    std::array<Instant, kAddressesMax> valid_until;  // of each
};

// The memory of a cache for `capacity` names; allocated once (name_cache_storage.cc), 2 KiB a name,
// touched with the first use of each.
struct NameCacheStorage {
    explicit NameCacheStorage(std::uint32_t capacity);

    Untouched<NameEntry> entries;
    std::vector<std::uint32_t> links;
    std::vector<NameEntryIndex> buckets;
};

class NameCache {
   public:
    // `storage` outlives the cache; `key` keeps a remote from choosing names that collide.
    NameCache(NameCacheStorage& storage, const SipKey& key);
    NameCache(const NameCache&) = delete;
    NameCache& operator=(const NameCache&) = delete;

    // Answers of others have ended, and their addresses count only for what uses them already.
    void use_servers(std::uint64_t servers) { servers_ = servers; }

    // The entry of a normalised name. kNoIndex: nothing is known and nothing was asked.
    NameEntryIndex find(std::string_view name) const;
    // The same, made if need be; becomes the most recently used. kNoIndex: the cache is full and
    // the entries that were looked at have waiting sessions (NameCacheFull).
    NameEntryIndex find_or_make(std::string_view name);

    NameState state(NameEntryIndex entry, Instant now) const;
    // Whether the resolver should be asked now: nothing is under way, and nothing is known, the
    // answer is in doubt and kNewFor old, or less than an eighth of its life is left. Marks the question as under
    // way; an answer that never comes is forgotten after 30 s.
    bool should_ask(NameEntryIndex entry, Instant now);
    // What the question should say of the answers that will do.
    Freshness freshness_wanted(NameEntryIndex entry, Instant now) const;
    // Something that is known since `since` speaks against the answer. True: the answer is older, so
    // the next one will say; it is asked for as soon as this one is kNewFor old. False: DNS has
    // spoken since then, or was asked in vain a moment ago.
    bool doubt(NameEntryIndex entry, Instant since, Instant now);
    // The question that should_ask() called for could not be put.
    void was_not_asked(NameEntryIndex entry);
    // What the resolver said. kNoIndex: nobody asks for this name any more, or it was said by other
    // servers, and those of now will be asked. A failed refresh leaves an answer whose time is not
    // over as it is; NotFound forgets every address.
    NameEntryIndex store(const NameAnswer& answer, Instant now, Duration grace);

    // Of state Found: the addresses of the last answer, in its order. Good until the next store().
    std::span<const IpAddr> addresses(NameEntryIndex entry) const;
    bool is_stale(NameEntryIndex entry) const;  // the last answer was one of an earlier time
    // Whether the address is among those of the last answer, or of one within grace.
    bool has_address(NameEntryIndex entry, const IpAddr& address, Instant now) const;
    // The same, those that only other servers gave included: for who uses the address already.
    bool had_address(NameEntryIndex entry, const IpAddr& address, Instant now) const;

    // For the owner: the head of a list of sessions that wait for the answer; kNoIndex at first.
    // While it is set the entry stays.
    std::uint32_t& waiting(NameEntryIndex entry);
    // Counts up with each use of the entry's addresses: for sharing sessions out in turn.
    std::uint32_t next_turn(NameEntryIndex entry);

    std::uint32_t in_use() const { return entries_.in_use(); }
    std::string_view name(NameEntryIndex entry) const;

   private:
    NameEntryIndex* bucket_of(std::string_view name) const;
    NameEntryIndex make(std::string_view name);
    NameEntryIndex recycle();
    void touch(NameEntryIndex entry);
    void store_found(NameEntry& e, const NameAnswer& answer, Instant now, Duration grace);

    Slab<NameEntry> entries_;
    IndexList<NameEntry, &NameEntry::use> used_;  // least recently used first
    std::span<NameEntryIndex> buckets_;           // a power of two of them
    SipKey key_;
    std::uint64_t servers_ = 0;
};

}  // namespace sallyport::dp

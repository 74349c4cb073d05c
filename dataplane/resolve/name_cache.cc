// SPDX-License-Identifier: Apache-2.0
#include "dataplane/resolve/name_cache.h"

#include <algorithm>

#include "tcpstack/base/check.h"
#include "tcpstack/base/fixed_vector.h"

namespace sallyport::dp {
namespace {

constexpr Duration kForgetQuestion = std::chrono::seconds(30);

bool contains(std::span<const IpAddr> addresses, const IpAddr& address) {
    return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
}

// e.count: the entry does not know the address.
std::size_t place_of(const NameEntry& e, const IpAddr& address) {
    std::size_t i = 0;
    while (i < e.count && e.addresses[i] != address) ++i;
    return i;
}

Instant valid_until(const NameEntry& e, const IpAddr& address) {
    const std::size_t i = place_of(e, address);
    return i < e.count ? e.valid_until[i] : Instant::min();
}

bool is_former(const NameEntry& e, std::size_t place) { return (e.former >> place & 1) != 0; }

}  // namespace

NameCache::NameCache(NameCacheStorage& storage, const SipKey& key)
    : entries_(storage.entries, storage.links),
      used_(entries_),
      buckets_(storage.buckets),
      key_(key) {}

NameEntryIndex* NameCache::bucket_of(std::string_view name) const {
    const std::uint64_t hash =
        siphash(key_, {reinterpret_cast<const std::uint8_t*>(name.data()), name.size()});
    return &buckets_[hash & (buckets_.size() - 1)];
}

NameEntryIndex NameCache::find(std::string_view name) const {
    NameEntryIndex i = *bucket_of(name);
    while (i != kNoIndex && entries_[i].name.view() != name) i = entries_[i].next_in_bucket;
    return i;
}

NameEntryIndex NameCache::find_or_make(std::string_view name) {
    SP_ASSERT(!name.empty() && name.size() <= kNameMax);
    const NameEntryIndex known = find(name);
    if (known == kNoIndex) return make(name);
    touch(known);
    return known;
}

NameEntryIndex NameCache::make(std::string_view name) {
    NameEntryIndex i = entries_.take();
    if (i == kNoIndex) i = recycle();
    if (i == kNoIndex) return kNoIndex;
    NameEntry& e = entries_[i];
    e = {};
    e.name.set(name);
    NameEntryIndex* bucket = bucket_of(name);
    e.next_in_bucket = *bucket;
    *bucket = i;
    used_.push_back(i);
    return i;
}

// Out of its bucket and out of the list, but still taken. One with waiting sessions is in use, so it
// goes to the end of the list; the next call looks at others.
NameEntryIndex NameCache::recycle() {
    constexpr int kTries = 16;
    for (int i = 0; i < kTries && used_.front() != kNoIndex; ++i) {
        const NameEntryIndex oldest = used_.front();
        NameEntry& e = entries_[oldest];
        if (e.waiting != kNoIndex) {
            touch(oldest);
            continue;
        }
        NameEntryIndex* link = bucket_of(e.name.view());
        while (*link != oldest) link = &entries_[*link].next_in_bucket;
        *link = e.next_in_bucket;
        used_.erase(oldest);
        return oldest;
    }
    return kNoIndex;
}

void NameCache::touch(NameEntryIndex entry) {
    used_.erase(entry);
    used_.push_back(entry);
}

NameState NameCache::state(NameEntryIndex entry, Instant now) const {
    const NameEntry& e = entries_[entry];
    const bool over = now >= e.ends || e.servers != servers_;
    return e.state != NameState::Asked && over ? NameState::Expired : e.state;
}

bool NameCache::should_ask(NameEntryIndex entry, Instant now) {
    NameEntry& e = entries_[entry];
    const NameState present = state(entry, now);
    const bool quiet = now < e.quiet_until && e.servers == servers_;
    if (now < e.asked_until || quiet) return false;
    const bool ends_soon = present == NameState::Found && e.ends - now < e.life / 8;
    const bool unknown = present == NameState::Asked || present == NameState::Expired;
    const bool doubted = e.doubted && now >= e.said + kNewFor;
    if (!unknown && !ends_soon && !doubted) return false;
    e.asked_until = now + kForgetQuestion;
    return true;
}

Freshness NameCache::freshness_wanted(NameEntryIndex entry, Instant now) const {
    if (entries_[entry].doubted) return Freshness::Newest;
    return state(entry, now) == NameState::Found ? Freshness::NotEnding : Freshness::Valid;
}

bool NameCache::doubt(NameEntryIndex entry, Instant since, Instant now) {
    NameEntry& e = entries_[entry];
    if (since <= e.said || now < e.quiet_until) return false;
    e.doubted = true;
    return true;
}

void NameCache::was_not_asked(NameEntryIndex entry) { entries_[entry].asked_until = {}; }

NameEntryIndex NameCache::store(const NameAnswer& answer, Instant now, Duration grace) {
    const NameEntryIndex i = find(answer.name.view());
    if (i == kNoIndex) return kNoIndex;
    NameEntry& e = entries_[i];
    e.asked_until = {};
    if (answer.servers != servers_) return kNoIndex;
    e.quiet_until = {};
    e.doubted = false;
    const bool failed = answer.status == AnswerStatus::Failed;
    e.said = failed || answer.stale ? now : now - answer.age;
    if (failed && state(i, now) == NameState::Found) {
        e.quiet_until = now + answer.ttl;
        return i;
    }
    if (e.servers != servers_) e.former = ~std::uint64_t{0};
    e.servers = servers_;
    e.life = answer.ttl;
    e.ends = now + answer.ttl;
    switch (answer.status) {
        case AnswerStatus::Found:
            store_found(e, answer, now, grace);
            break;
        case AnswerStatus::NotFound:
            e.state = NameState::NotFound;
            e.current = e.count = 0;
            break;
        case AnswerStatus::Failed:
            e.state = NameState::Failed;
            e.current = 0;
            break;
    }
    return i;
}

// The addresses of the answer come first, then those of earlier ones that still count. A stale
// answer adds no grace: else an answer that is served again and again would never end.
void NameCache::store_found(NameEntry& e, const NameAnswer& answer, Instant now, Duration grace) {
    FixedVector<IpAddr, NameEntry::kAddressesMax> addresses;
    FixedVector<Instant, NameEntry::kAddressesMax> until;
    std::uint64_t former = 0;
    const auto add = [&](const IpAddr& address, Instant t, bool is_former_one) {
        if (contains(addresses.span(), address) || !addresses.push_back(address)) return;
        const bool added = until.push_back(t);
        SP_ASSERT(added);
        if (is_former_one) former |= std::uint64_t{1} << (addresses.size() - 1);
    };
    const Instant fresh_until = answer.stale ? e.ends : e.ends + grace;
    for (const IpAddr& a : answer.found()) add(a, std::max(fresh_until, valid_until(e, a)), false);
    const std::size_t current = addresses.size();
    for (std::size_t i = 0; i < e.count; ++i)
        if (now < e.valid_until[i]) add(e.addresses[i], e.valid_until[i], is_former(e, i));
    std::copy(addresses.begin(), addresses.end(), e.addresses.begin());
    std::copy(until.begin(), until.end(), e.valid_until.begin());
    e.current = static_cast<std::uint8_t>(current);
    e.count = static_cast<std::uint8_t>(addresses.size());
    e.former = former;
    e.state = NameState::Found;
    e.stale = answer.stale;
}

std::span<const IpAddr> NameCache::addresses(NameEntryIndex entry) const {
    const NameEntry& e = entries_[entry];
    return {e.addresses.data(), e.current};
}

bool NameCache::is_stale(NameEntryIndex entry) const { return entries_[entry].stale; }

bool NameCache::has_address(NameEntryIndex entry, const IpAddr& address, Instant now) const {
    const NameEntry& e = entries_[entry];
    const std::size_t place = place_of(e, address);
    return place < e.count && now < e.valid_until[place] && e.servers == servers_ &&
           !is_former(e, place);
}

bool NameCache::had_address(NameEntryIndex entry, const IpAddr& address, Instant now) const {
    return now < valid_until(entries_[entry], address);
}

std::uint32_t& NameCache::waiting(NameEntryIndex entry) { return entries_[entry].waiting; }

std::uint32_t NameCache::next_turn(NameEntryIndex entry) {
    touch(entry);
    return entries_[entry].turn++;
}

std::string_view NameCache::name(NameEntryIndex entry) const { return entries_[entry].name.view(); }

}  // namespace sallyport::dp

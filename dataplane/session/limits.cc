// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/limits.h"

#include <algorithm>
#include <array>

#include "tcpstack/base/check.h"

namespace sallyport::dp {
namespace {

using policy::Quota;
constexpr Duration kBurst = std::chrono::seconds(1);
constexpr std::uint64_t kSecond = 1'000'000'000;  // in nanoseconds

template <class Count>
Count share_of(Count whole, std::uint32_t workers) {
    return static_cast<Count>(whole / workers + (whole % workers != 0 ? 1 : 0));
}

// What `n` octets cost at `rate` a second, rounded up: a rate is never exceeded. The longest debt
// is an hour, which only a rate of a few octets a second reaches.
Duration cost(std::uint64_t n, std::uint64_t rate) {
    constexpr std::uint64_t kLongest = 3600 * kSecond;
    const std::uint64_t most = UINT64_MAX / kSecond;
    const std::uint64_t wanted = n > most ? kLongest : (n * kSecond + rate - 1) / rate;
    return Duration(static_cast<std::int64_t>(std::min(wanted, kLongest)));
}

// Rounded down, so that a second earns a second's openings.
Duration cost_of_opening(std::uint32_t rate) {
    return Duration(static_cast<std::int64_t>(kSecond / rate));
}

Duration owed(Instant earned, Instant now) {
    return std::max(earned, now) - now;
}
void owe(Instant& earned, Instant now, Duration more) {
    earned = std::max(earned, now) + more;
}

Reason may_open(const Limits::Entry& e, Instant now) {
    const Quota& q = e.share;
    if (q.bytes != 0 && e.used >= q.bytes) return Reason::BudgetExceeded;
    if (q.max_connections != 0 && e.connections >= q.max_connections)
        return Reason::ConnectionLimit;
    if (q.new_per_second == 0) return Reason::None;
    const Duration after = owed(e.openings_earned, now) + cost_of_opening(q.new_per_second);
    return after <= kBurst ? Reason::None : Reason::RateLimit;
}

void count_opening(Limits::Entry& e, Instant now) {
    ++e.connections;
    const std::uint32_t rate = e.share.new_per_second;
    if (rate != 0) owe(e.openings_earned, now, cost_of_opening(rate));
}

Reason may_take(Limits::Entry& e, std::uint64_t octets, Instant now) {
    const Quota& q = e.share;
    if (q.bytes != 0 && (e.used >= q.bytes || octets > q.bytes - e.used)) {
        e.used = q.bytes;
        return Reason::BudgetExceeded;
    }
    const bool over = q.bytes_per_second != 0 && owed(e.octets_earned, now) >= kBurst;
    return over ? Reason::OverRate : Reason::None;
}

void count_octets(Limits::Entry& e, std::uint64_t octets, Instant now) {
    if (e.share.bytes != 0) e.used += octets;
    if (e.share.bytes_per_second != 0)
        owe(e.octets_earned, now, cost(octets, e.share.bytes_per_second));
}

// What may be taken at once: of the budget, and of what the rate gives within its burst or `part`.
std::uint64_t left_of(const Limits::Entry& e, std::uint64_t part, Instant now) {
    const Quota& q = e.share;
    const std::uint64_t left = q.bytes == 0 ? UINT64_MAX : q.bytes - std::min(e.used, q.bytes);
    if (q.bytes_per_second == 0) return left;
    const Duration room = std::max(Duration::zero(), kBurst - owed(e.octets_earned, now));
    // In steps of a millisecond and in an order that does not overflow.
    const std::uint64_t steps = static_cast<std::uint64_t>(room.count()) / 1'000'000;
    const std::uint64_t earned =
        q.bytes_per_second / 1000 * steps + q.bytes_per_second % 1000 * steps / 1000;
    return std::min(left, std::max(part, earned));
}

}  // namespace

Limits::Limits(std::span<Entry> entries, std::uint32_t workers)
    : entries_(entries), mask_(entries.size() / kWays - 1), workers_(workers) {
    SP_CHECK(entries.size() >= kWays && (entries.size() & (entries.size() - 1)) == 0);
    SP_CHECK(workers > 0);
}

Reason Limits::open(LimitHold& hold, const Generation& generation, const policy::Verdict& verdict,
                    SourceHash source, Instant now) {
    hold = {};
    const policy::Terms& terms = generation.policy.terms(verdict);
    const auto find = [&](const Quota& quota, SourceHash of) {
        return quota.empty() ? nullptr : find_or_make(terms.of_rule, of, quota, generation, now);
    };
    Entry* const of_rule = find(terms.rule, kWholeRule);
    if (of_rule != nullptr) ++of_rule->connections;  // the other must not take its place
    Entry* const of_source = find(terms.source, source);
    if (of_rule != nullptr) --of_rule->connections;
    if ((of_rule == nullptr && !terms.rule.empty()) ||
        (of_source == nullptr && !terms.source.empty()))
        return Reason::LimitTableFull;
    for (const Entry* e : {of_rule, of_source}) {
        const Reason reason = e == nullptr ? Reason::None : may_open(*e, now);
        if (reason != Reason::None) return reason;
    }
    for (Entry* e : {of_rule, of_source})
        if (e != nullptr) count_opening(*e, now);
    hold = {index_of(of_rule), index_of(of_source)};
    return Reason::None;
}

void Limits::close(LimitHold& hold) {
    for (const std::uint32_t place : {hold.rule, hold.source}) {
        if (place == kNoIndex) continue;
        SP_ASSERT(entries_[place].connections > 0);
        --entries_[place].connections;
    }
    hold = {};
}

bool Limits::is_of(const LimitHold& hold, policy::RuleId rule) const {
    return hold.any() && entries_[hold.rule != kNoIndex ? hold.rule : hold.source].rule == rule;
}

Reason Limits::take(const LimitHold& hold, const Generation& generation, std::uint64_t octets,
                    Instant now) {
    const std::array entries{entry(hold.rule, generation), entry(hold.source, generation)};
    for (Entry* e : entries) {
        const Reason reason = e == nullptr ? Reason::None : may_take(*e, octets, now);
        if (reason != Reason::None) return reason;
    }
    for (Entry* e : entries)
        if (e != nullptr) count_octets(*e, octets, now);
    return Reason::None;
}

Instant Limits::ready_at(const LimitHold& hold, const Generation& generation) {
    Instant ready{};
    for (const Entry* e : {entry(hold.rule, generation), entry(hold.source, generation)})
        if (e != nullptr && e->share.bytes_per_second != 0)
            ready = std::max(ready, e->octets_earned - kBurst + Duration(1));
    return ready;
}

std::uint64_t Limits::allowance(const LimitHold& hold, const Generation& generation,
                                std::uint64_t part, Instant now) {
    std::uint64_t least = UINT64_MAX;
    for (const Entry* e : {entry(hold.rule, generation), entry(hold.source, generation)})
        if (e != nullptr) least = std::min(least, left_of(*e, part, now));
    return least;
}

std::span<Limits::Entry> Limits::bucket(policy::RuleId rule, SourceHash source) const {
    std::uint64_t hash = source ^ (std::uint64_t{rule} * 0x9e37'79b9'7f4a'7c15ULL);
    hash = (hash ^ (hash >> 32)) * 0xbf58'476d'1ce4'e5b9ULL;
    return entries_.subspan(((hash >> 32) & mask_) * kWays, kWays);
}

Limits::Entry* Limits::find_or_make(policy::RuleId rule, SourceHash source, const Quota& quota,
                                    const Generation& generation, Instant now) {
    const std::span<Entry> candidates = bucket(rule, source);
    for (Entry& e : candidates) {
        if (e.rule != rule || e.source != source) continue;
        set_share(e, quota, generation);
        return &e;
    }
    for (Entry& e : candidates) {
        if (e.rule != policy::kDefaultRule && !is_idle(e, generation, now)) continue;
        e = {.rule = rule, .source = source, .share = {}};
        set_share(e, quota, generation);
        return &e;
    }
    return nullptr;
}

Limits::Entry* Limits::entry(std::uint32_t place, const Generation& generation) {
    if (place == kNoIndex) return nullptr;
    refresh(entries_[place], generation);
    return &entries_[place];
}

bool Limits::is_idle(Entry& e, const Generation& generation, Instant now) const {
    refresh(e, generation);
    return e.connections == 0 && e.used == 0 && e.openings_earned <= now && e.octets_earned <= now;
}

void Limits::refresh(Entry& e, const Generation& generation) const {
    if (e.generation == generation.id) return;
    const policy::Terms* terms = generation.policy.terms_of(e.rule);
    if (terms == nullptr) return set_share(e, {}, generation);
    set_share(e, e.source == kWholeRule ? terms->rule : terms->source, generation);
}

void Limits::set_share(Entry& e, const Quota& quota, const Generation& generation) const {
    e.generation = generation.id;
    e.share = {.max_connections = share_of(quota.max_connections, workers_),
               .new_per_second = share_of(quota.new_per_second, workers_),
               .bytes_per_second = share_of(quota.bytes_per_second, workers_),
               .bytes = share_of(quota.bytes, workers_)};
    if (quota.bytes == 0) e.used = 0;
}

std::uint32_t Limits::index_of(const Entry* e) const {
    return e == nullptr ? kNoIndex : static_cast<std::uint32_t>(e - entries_.data());
}

}  // namespace sallyport::dp

// SPDX-License-Identifier: Apache-2.0
// What the sessions and flows of a rule may use (policy/terms.h): connections, openings a second,
// octets a second and octets in all, of the rule and of each source of it. One worker's part: it
// enforces its share, 1 / workers rounded up.
//
// A quota is counted in an entry of a fixed table, found by (rule, source) when something opens and
// by its place afterwards: while anything is open, its entries stay. Counts survive a new
// generation, because rules keep their ids; a changed quota applies from the next use on. An entry
// is forgotten when another needs its place and it says nothing any more: nothing is open, no rate
// is owed, no octet of a budget is used.
#pragma once
#include <cstdint>
#include <span>

#include "dataplane/policy/generation.h"
#include "dataplane/session/source_shares.h"
#include "tcpstack/base/slab.h"

namespace sallyport::dp {

// Where something that is open is counted; kept by its session or flow.
struct LimitHold {
    std::uint32_t rule = kNoIndex, source = kNoIndex;  // kNoIndex: no such limit
    bool any() const { return rule != kNoIndex || source != kNoIndex; }
};

class Limits {
   public:
    static constexpr SourceHash kWholeRule = 0;  // no source has this hash
    struct Entry {
        policy::RuleId rule = policy::kDefaultRule;  // kDefaultRule: free
        std::uint32_t connections = 0;
        SourceHash source = kWholeRule;
        policy::Quota share;     // of this worker
        std::uint64_t used = 0;  // octets, of a budget
        // By when the rate has earned what was taken; at most about a second ahead, so each rate
        // allows bursts of what it gives in a second.
        Instant openings_earned{}, octets_earned{};
        std::uint64_t generation = 0;  // that `share` was taken from
    };
    static constexpr std::size_t kWays = 8;

    // The number of entries is a power of two and at least kWays; they outlive the table.
    Limits(std::span<Entry> entries, std::uint32_t workers);

    // Something begins under a rule that lets it pass. None: it is counted and `hold` says where,
    // until close(). Else ConnectionLimit, RateLimit, BudgetExceeded or LimitTableFull, and nothing
    // was counted.
    Reason open(LimitHold& hold, const Generation& generation, const policy::Verdict& verdict,
                SourceHash source, Instant now);
    // Once for each open(); `hold` holds nothing afterwards.
    void close(LimitHold& hold);
    // Whether it counts for this rule.
    bool is_of(const LimitHold& hold, policy::RuleId rule) const;

    // Takes octets of payload, either way, before they are sent on. None; OverRate: not now, and
    // nothing was taken; BudgetExceeded: never, what is open should end. A segment is taken whole
    // as soon as anything is earned, so a rate below one segment a second still lets segments pass.
    // Not one octet beyond a budget passes: what would cross the end of it spends it.
    Reason take(const LimitHold& hold, const Generation& generation, std::uint64_t octets,
                Instant now);
    // From when on take() will not say OverRate; `now` or earlier: at once.
    Instant ready_at(const LimitHold& hold, const Generation& generation);
    // How many octets to take() next, for those who can cut anywhere: what the rate gives within its
    // burst, yet not less than `part`, and not more than a budget has left. 0: a budget is spent.
    std::uint64_t allowance(const LimitHold& hold, const Generation& generation, std::uint64_t part,
                            Instant now);

    std::uint32_t workers() const { return workers_; }

   private:
    std::span<Entry> bucket(policy::RuleId rule, SourceHash source) const;
    Entry* find_or_make(policy::RuleId rule, SourceHash source, const policy::Quota& quota,
                        const Generation& generation, Instant now);
    Entry* entry(std::uint32_t place, const Generation& generation);
    bool is_idle(Entry& e, const Generation& generation, Instant now) const;
    void refresh(Entry& e, const Generation& generation) const;
    void set_share(Entry& e, const policy::Quota& quota, const Generation& generation) const;
    std::uint32_t index_of(const Entry* e) const;

    std::span<Entry> entries_;
    std::uint64_t mask_;
    std::uint32_t workers_;
};

}  // namespace sallyport::dp

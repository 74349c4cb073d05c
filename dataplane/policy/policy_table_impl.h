// SPDX-License-Identifier: Apache-2.0
// What a PolicyTable is made of. For PolicyCompiler, which fills it, and for the look-up.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "dataplane/policy/address_ranges.h"
#include "dataplane/policy/flow_index.h"
#include "dataplane/policy/name_index.h"
#include "dataplane/policy/policy_table.h"

namespace sallyport::dp::policy {

struct Service {
    std::uint16_t port = 0;
    AppProtocol protocol = AppProtocol::Tls;
    friend bool operator==(const Service&, const Service&) = default;
};

struct PolicyTable::Impl {
    struct Rule {
        Slice sources;   // of ranges
        Slice services;  // of services, matched by name
        bool audits = false;
        Verdict verdict;  // what it decides when it matches
        bool allows() const { return verdict.decision == Decision::Allow; }
    };
    // The rules that match a query and matter: the first enforced one, and of those in audit that
    // come before it the first and the first that allows. Null: there is none.
    struct Choice {
        const Rule* enforced = nullptr;
        const Rule* audit = nullptr;
        const Rule* audit_allow = nullptr;
        // Matches of a more specific pattern come before all that is known.
        void put_before(const Choice& specific);
    };
    // Everything that the rules say of one port, whatever their names.
    struct PortEntry {
        std::uint16_t port = 0;
        std::uint8_t protocols = 0;  // a bit for each AppProtocol
        Slice sources;               // of all rules
        Slice private_sources;       // of the rules that allow private addresses
        // Of the rules that may serve a client of a family (its number) by servers of the other.
        std::array<Slice, 2> crossing_sources;
    };
    struct KnownRule {
        RuleId rule = kDefaultRule;
        std::uint32_t terms = kNoTerms;
    };

    std::vector<AddressRange> ranges;
    std::vector<Service> services;
    std::vector<Terms> terms;
    std::vector<KnownRule> known;  // by id
    std::vector<Rule> rules;       // in file order
    std::vector<PortEntry> ports;  // by port
    NameIndex names;
    FlowIndex flows;
    Answer default_answer = Answer::Drop;

    static std::uint8_t bit(AppProtocol p) {
        return static_cast<std::uint8_t>(1U << static_cast<unsigned>(p));
    }
    static std::size_t number(Family family) { return family == Family::V4 ? 0 : 1; }
    std::span<const AddressRange> ranges_of(Slice s) const {
        return std::span(ranges).subspan(s.first, s.count);
    }
    // Null when no rule has the port.
    const PortEntry* find_port(Port port) const;
    Choice choose(const Query& query) const;
    Choice choose(const FlowIndex::Service& service, const FlowQuery& query) const;
    // Why the enforced layer-4 rules let a flow of the service not pass when none of them matches.
    Reason unmatched(const FlowIndex::Service* service, const IpAddr& source) const;
    // What follows from the choice. `denied` is the reason of a rule that denies, `unmatched` that
    // of no rule.
    Verdict conclude(const Choice& choice, Reason denied, Reason unmatched) const;

   private:
    template <class Matches>
    Choice first_of(std::span<const std::uint32_t> numbers, const Matches& matches) const;
    bool matches(const Rule& rule, const Query& query) const;
};

}  // namespace sallyport::dp::policy

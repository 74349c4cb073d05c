// SPDX-License-Identifier: Apache-2.0
// What a PolicyTable is made of. For PolicyCompiler, which fills it, and for the look-up.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "dataplane/policy/address_ranges.h"
#include "dataplane/policy/name_index.h"
#include "dataplane/policy/policy_table.h"

namespace sallyport::dp::policy {

struct Service {
    std::uint16_t port = 0;
    AppProtocol protocol = AppProtocol::Tls;
    friend bool operator==(const Service&, const Service&) = default;
};

struct PolicyTable::Impl {
    struct FlowService {
        std::uint16_t port = 0;
        FlowProtocol protocol = FlowProtocol::Tcp;
    };
    struct Rule {
        Slice sources;    // of ranges
        Slice services;   // of services
        Slice networks;       // of networks
        Slice flow_services;  // of flow_services
        Verdict verdict;  // what it decides when it matches
    };
    struct KnownRule {
        RuleId rule = kDefaultRule;
        std::uint32_t terms = kNoTerms;
    };
    // Everything that the rules say of one port, whatever their names.
    struct PortEntry {
        std::uint16_t port = 0;
        std::uint8_t protocols = 0;  // a bit for each AppProtocol
        Slice sources;               // of all rules
        Slice private_sources;       // of the rules that allow private addresses
    };

    std::vector<AddressRange> ranges;
    std::vector<Service> services;
    std::vector<IpPrefix> networks;
    std::vector<FlowService> flow_services;
    std::vector<Terms> terms;
    std::vector<KnownRule> known;             // by id
    std::vector<Rule> rules;                  // in file order
    std::vector<std::uint32_t> rule_numbers;  // lists of NameEntry::rules
    std::vector<PortEntry> ports;             // by port
    NameIndex names;
    Answer default_answer = Answer::Drop;

    static std::uint8_t bit(AppProtocol p) {
        return static_cast<std::uint8_t>(1U << static_cast<unsigned>(p));
    }
    std::span<const AddressRange> ranges_of(Slice s) const {
        return std::span(ranges).subspan(s.first, s.count);
    }
    std::span<const IpPrefix> networks_of(const Rule& rule) const {
        return std::span(networks).subspan(rule.networks.first, rule.networks.count);
    }
    // Whether the rule has protocol and port of a flow.
    bool serves(const Rule& rule, const FlowQuery& query) const;
    // Null when no rule has the port.
    const PortEntry* find_port(Port port) const;
    // Null when no rule matches.
    const Rule* find_rule(const Query& query) const;

   private:
    bool matches(const Rule& rule, const Query& query) const;
    const Rule* first_match(const NameEntry* entry, const Query& query) const;
};

}  // namespace sallyport::dp::policy

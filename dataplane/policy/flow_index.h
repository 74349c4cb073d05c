// SPDX-License-Identifier: Apache-2.0
// The layer-4 rules: for each protocol and port the line of all addresses cut into intervals, each
// with the rules whose networks hold it, in their order. Made by FlowIndexBuilder, read by
// PolicyTable: two binary searches a flow, however many networks there are.
#pragma once
#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "dataplane/policy/name_index.h"
#include "dataplane/policy/verdict.h"
#include "tcpstack/base/endpoint.h"
#include "tcpstack/base/ip_addr.h"

namespace sallyport::dp::policy {

struct FlowIndex {
    using Key = std::uint32_t;  // of protocol and port
    struct Service {
        Key key = 0;
        bool enforced = false;  // some rule is not in audit
        Slice intervals;
        Slice sources;  // of the enforced rules together; ranges of the table
    };
    // To the first address of the next one; the last one to the highest address.
    struct Interval {
        IpAddr first;
        Slice rules;  // longest network first, then deny, then in file order
    };

    std::vector<Service> services;    // by key
    std::vector<Interval> intervals;  // those of one service start at the lowest address
    std::vector<std::uint32_t> rule_numbers;

    static Key key(FlowProtocol protocol, Port port) {
        return static_cast<Key>(protocol) << 16 | port.number;
    }
    // Null: no layer-4 rule has this protocol and port.
    const Service* find(FlowProtocol protocol, Port port) const {
        const Key wanted = key(protocol, port);
        const auto at = std::lower_bound(services.begin(), services.end(), wanted,
                                         [](const Service& s, Key k) { return s.key < k; });
        return at != services.end() && at->key == wanted ? &*at : nullptr;
    }
    // The rules of a service whose networks hold the address.
    std::span<const std::uint32_t> rules_for(const Service& service, const IpAddr& to) const {
        const auto own =
            std::span(intervals).subspan(service.intervals.first, service.intervals.count);
        const auto behind = std::upper_bound(
            own.begin(), own.end(), to,
            [](const IpAddr& a, const Interval& i) { return a.octets() < i.first.octets(); });
        const Slice rules = std::prev(behind)->rules;
        return std::span(rule_numbers).subspan(rules.first, rules.count);
    }
};

}  // namespace sallyport::dp::policy

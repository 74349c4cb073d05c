// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/flow_index_builder.h"

#include <utility>

#include "dataplane/policy/range_list.h"

namespace sallyport::dp::policy {

void FlowIndexBuilder::add(std::uint32_t rule, bool denies,
                           std::span<const FlowIndex::Key> services,
                           std::vector<IpPrefix> networks) {
    if (services.empty()) return;
    rules_[rule] = {denies, std::move(networks)};
    for (const FlowIndex::Key key : services) {
        std::vector<std::uint32_t>& rules = services_[key];
        if (rules.empty() || rules.back() != rule) rules.push_back(rule);
    }
}

FlowIndex FlowIndexBuilder::finish() {
    // Services that the same rules have share one line.
    std::map<std::vector<std::uint32_t>, Slice> lines;
    for (const auto& [key, rules] : services_) {
        const auto [line, is_new] = lines.try_emplace(rules);
        if (is_new) line->second = cut_line(rules);
        index_.services.push_back(
            {.key = key, .enforced = false, .intervals = line->second, .sources = {}});
    }
    services_.clear();
    rules_.clear();
    kept_.clear();
    return std::move(index_);
}

// Sweeps the line of all addresses from the lowest on: at each address where a network begins or
// has ended, a new interval begins.
Slice FlowIndexBuilder::cut_line(const std::vector<std::uint32_t>& rules) {
    struct Change {
        Rank rank;
        bool begins;
    };
    std::multimap<std::array<std::uint8_t, 16>, Change> changes;
    for (const std::uint32_t rule : rules) {
        for (const IpPrefix& network : rules_[rule].networks) {
            const unsigned width = network.family() == Family::V4 ? 32 : 128;
            const Rank rank{width - network.length(), !rules_[rule].denies, rule};
            Ranges ranges;
            add_prefix(network, ranges);
            for (const AddressRange& range : ranges) {
                changes.emplace(range.first.octets(), Change{rank, true});
                if (is_highest(range.last)) continue;
                changes.emplace(after(range.last).octets(), Change{rank, false});
            }
        }
    }
    const auto first = static_cast<std::uint32_t>(index_.intervals.size());
    Present present;
    index_.intervals.push_back({});
    for (auto at = changes.begin(); at != changes.end();) {
        const std::array<std::uint8_t, 16> octets = at->first;
        for (; at != changes.end() && at->first == octets; ++at) {
            if (at->second.begins)
                present.insert(at->second.rank);
            else
                present.erase(present.find(at->second.rank));
        }
        const IpAddr begin{Ipv6Addr{octets}};
        if (index_.intervals.back().first != begin) index_.intervals.push_back({begin, {}});
        index_.intervals.back().rules = keep(present);
    }
    return {first, static_cast<std::uint32_t>(index_.intervals.size()) - first};
}

Slice FlowIndexBuilder::keep(const Present& present) {
    std::vector<std::uint32_t> numbers;
    for (const Rank& rank : present) {
        // A rule counts where its longest network puts it.
        if (std::ranges::find(numbers, rank.rule) == numbers.end()) numbers.push_back(rank.rule);
    }
    const auto [at, is_new] = kept_.try_emplace(numbers);
    if (is_new) {
        at->second = {static_cast<std::uint32_t>(index_.rule_numbers.size()),
                      static_cast<std::uint32_t>(numbers.size())};
        index_.rule_numbers.insert(index_.rule_numbers.end(), numbers.begin(), numbers.end());
    }
    return at->second;
}

}  // namespace sallyport::dp::policy

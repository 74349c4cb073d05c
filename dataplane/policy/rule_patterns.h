// SPDX-License-Identifier: Apache-2.0
// The patterns of one rule of the model, wherever they are written.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "config/model.h"

namespace sallyport::dp::policy {

struct RulePattern {
    std::string_view name;
    bool wildcard = false;
    cfg::Mark mark;  // line 0: in hosts_from
    bool matches(std::string_view asked) const {
        if (!wildcard) return asked == name;
        return asked.size() > name.size() + 1 && asked.ends_with(name) &&
               asked[asked.size() - name.size() - 1] == '.';
    }
    std::string text() const { return (wildcard ? "*." : "") + std::string(name); }
};

// Calls `visit` with each host and each name of hosts_from.
template <class Visit>
void each_pattern(const cfg::Rule& rule, const Visit& visit) {
    for (const cfg::HostPattern& host : rule.hosts)
        visit(RulePattern{host.name, host.wildcard, host.mark});
    for (std::size_t i = 0; rule.listed && i < rule.listed->size(); ++i) {
        const cfg::NameList::Item item = (*rule.listed)[i];
        visit(RulePattern{item.name, item.wildcard, {}});
    }
}

// The most specific pattern that matches; the longest network that holds the address.
std::optional<RulePattern> best_pattern(const cfg::Rule& rule, std::string_view name);
std::optional<IpPrefix> best_network(const cfg::Rule& rule, const IpAddr& destination);

std::string network_text(const IpPrefix& network);

}  // namespace sallyport::dp::policy

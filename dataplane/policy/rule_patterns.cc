// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/rule_patterns.h"

#include <array>

namespace sallyport::dp::policy {

std::optional<RulePattern> best_pattern(const cfg::Rule& rule, std::string_view name) {
    std::optional<RulePattern> best;
    each_pattern(rule, [&](const RulePattern& pattern) {
        // An exact name that matches is longer than every wildcard that does.
        if (pattern.matches(name) && (!best || pattern.name.size() > best->name.size()))
            best = pattern;
    });
    return best;
}

std::optional<IpPrefix> best_network(const cfg::Rule& rule, const IpAddr& destination) {
    std::optional<IpPrefix> best;
    for (const IpPrefix& network : rule.networks)
        if (network.contains(destination) && (!best || network.length() > best->length()))
            best = network;
    return best;
}

std::string network_text(const IpPrefix& network) {
    std::array<char, kIpTextMax> text;
    return std::string(format(network.address(), text)) + "/" + std::to_string(network.length());
}

}  // namespace sallyport::dp::policy

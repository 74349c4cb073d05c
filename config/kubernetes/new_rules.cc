// SPDX-License-Identifier: Apache-2.0
#include "config/kubernetes/new_rules.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "config/kubernetes/values.h"

namespace sallyport::cfg::kubernetes {
namespace {

constexpr std::size_t kNameMax = 253;

// Fit to stand in a line of the log as one word.
bool is_one_word(std::string_view name) {
    return !name.empty() && name != "-" && name.size() <= kNameMax &&
           std::ranges::all_of(name, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '-' || c == '_' || c == '/' || c == ':';
           });
}

void add_networks(const Upstream& upstream, std::vector<IpPrefix>& networks) {
    if (upstream.destination == Destination::Original)
        networks.insert(networks.end(), upstream.networks.begin(), upstream.networks.end());
    if (upstream.destination == Destination::Static)
        for (const Endpoint& endpoint : upstream.endpoints)
            networks.emplace_back(endpoint.address, 128U);
}

// Private addresses that are listed are meant; a wider network does not bring them in.
bool lists_private(const Rule& rule) {
    std::vector<IpPrefix> networks = rule.networks;
    add_networks(rule.upstream, networks);
    for (const Upstream& upstream : rule.split) add_networks(upstream, networks);
    const bool any = std::ranges::any_of(networks, is_private);
    return any && std::ranges::none_of(networks, [](const IpPrefix& network) {
               return !is_private(network) && holds_private(network);
           });
}

}  // namespace

NewRules::NewRules(Model& model) : model_(model) {
    for (const Rule& rule : model.policy.rules) names_.insert(rule.name);
    names_.insert("default-deny");  // what the log says where no rule matched
}

std::string NewRules::free_name(const Object& object, std::size_t index, std::string_view given) {
    if (is_one_word(given) && names_.insert(std::string(given)).second) return std::string(given);
    const std::string place = object.name_space + '.' + object.name + '.' + std::to_string(index);
    std::string name = place;
    for (std::size_t n = 2; !names_.insert(name).second; ++n)
        name = place + '.' + std::to_string(n);
    return name;
}

std::string NewRules::add(Rule rule, const Object& object, std::size_t index,
                          std::string_view given) {
    rule.name = free_name(object, index, given);
    rule.imported = true;
    rule.allow_private = lists_private(rule);
    model_.policy.rules.push_back(std::move(rule));
    return model_.policy.rules.back().name;
}

}  // namespace sallyport::cfg::kubernetes

// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/near_miss.h"

#include <algorithm>

#include "dataplane/policy/explain.h"
#include "dataplane/policy/rule_patterns.h"
#include "dataplane/policy/rule_times.h"

namespace sallyport::dp::policy {
namespace {

using cfg::Protocol;

// How much a miss keeps a rule away. What is asked for says more about which rule was meant than
// who asks, by which protocol or when.
int weight(Miss miss) {
    switch (miss) {
        case Miss::Beaten: return 0;
        case Miss::Source:
        case Miss::Port:
        case Miss::Protocol:
        case Miss::Expired:
        case Miss::Schedule: return 2;
        case Miss::Apex:
        case Miss::OneEdit: return 3;
        case Miss::SameDomain:
        case Miss::Destination: return 9;
    }
    __builtin_unreachable();
}

int distance(const NearMiss& near) {
    int sum = 0;
    for (const Miss miss : near.misses) sum += weight(miss);
    return sum;
}

bool is_flow(const Question& q) {
    return q.name.empty() || q.flow != FlowProtocol::Tcp;
}

Protocol wanted_protocol(const Question& q) {
    if (!is_flow(q)) return q.protocol == AppProtocol::Http ? Protocol::Http : Protocol::Tls;
    switch (q.flow) {
        case FlowProtocol::Tcp: return Protocol::Tcp;
        case FlowProtocol::Udp: return Protocol::Udp;
        case FlowProtocol::Icmp: return Protocol::Icmp;
    }
    __builtin_unreachable();
}

bool is_named(Protocol protocol) {
    return protocol == Protocol::Tls || protocol == Protocol::Http;
}

// Whether any protocol of the rule is matched as the question is.
bool is_for_such(const cfg::Rule& rule, const Question& q) {
    return std::ranges::any_of(rule.protocols, [&](const cfg::ProtocolPort& p) {
        return is_named(p.protocol) != is_flow(q);
    });
}

std::optional<Miss> service_miss(const cfg::Rule& rule, const Question& q) {
    const Protocol wanted = wanted_protocol(q);
    bool has_port = false;
    for (const cfg::ProtocolPort& p : rule.protocols) {
        if (p.port != q.port.number) continue;
        if (p.protocol == wanted) return std::nullopt;
        has_port = true;
    }
    return has_port ? Miss::Protocol : Miss::Port;
}

bool has_source(const cfg::Model& model, const cfg::Rule& rule, const IpAddr& source) {
    if (rule.sources.empty()) return true;
    return std::ranges::any_of(cfg::source_networks(model, rule),
                               [&](const IpPrefix& n) { return n.contains(source); });
}

// A wildcard is compared with each name that the asked one lies below.
bool is_misspelt(const RulePattern& pattern, std::string_view name) {
    if (!pattern.wildcard) return is_one_edit(pattern.name, name);
    for (std::size_t dot = name.find('.'); dot != std::string_view::npos;
         dot = name.find('.', dot + 1))
        if (is_one_edit(pattern.name, name.substr(dot + 1))) return true;
    return false;
}

struct NearName {
    std::optional<Miss> miss;  // nullopt: it matches
    std::string pattern;
};

std::optional<Miss> name_miss(const RulePattern& pattern, std::string_view name,
                              RegistrablePart registrable) {
    if (pattern.wildcard && pattern.name == name) return Miss::Apex;
    if (is_misspelt(pattern, name)) return Miss::OneEdit;
    const std::string_view part = registrable(name);
    if (!part.empty() && registrable(pattern.name) == part) return Miss::SameDomain;
    return std::nullopt;
}

// nullopt: none of the rule's names comes near.
std::optional<NearName> nearest_name(const cfg::Rule& rule, std::string_view name,
                                     RegistrablePart registrable) {
    if (const auto match = best_pattern(rule, name)) return NearName{{}, match->text()};
    std::optional<NearName> best;
    each_pattern(rule, [&](const RulePattern& pattern) {
        const std::optional<Miss> miss = name_miss(pattern, name, registrable);
        if (miss && (!best || weight(*miss) < weight(*best->miss))) best = {miss, pattern.text()};
    });
    return best;
}

std::optional<NearName> nearest_network(const cfg::Rule& rule, const Question& q) {
    if (!q.destination || rule.networks.empty()) return std::nullopt;
    if (const auto match = best_network(rule, *q.destination))
        return NearName{{}, network_text(*match)};
    return NearName{Miss::Destination, network_text(rule.networks.front())};
}

std::optional<NearMiss> miss_of(const cfg::Model& model, std::size_t number, const Question& q,
                                std::optional<std::chrono::sys_seconds> at,
                                RegistrablePart registrable) {
    const cfg::Rule& rule = model.policy.rules[number];
    if (rule.action != cfg::Action::Allow || !is_for_such(rule, q)) return std::nullopt;
    const auto near =
        is_flow(q) ? nearest_network(rule, q) : nearest_name(rule, q.name, registrable);
    if (!near) return std::nullopt;
    NearMiss out{.rule = number, .misses = {}, .pattern = near->pattern};
    if (near->miss) out.misses.push_back(*near->miss);
    if (!has_source(model, rule, q.source)) out.misses.push_back(Miss::Source);
    if (const auto miss = service_miss(rule, q)) out.misses.push_back(*miss);
    if (at && has_expired(rule, *at)) out.misses.push_back(Miss::Expired);
    if (at && !is_scheduled(rule, *at)) out.misses.push_back(Miss::Schedule);
    if (out.misses.empty()) out.misses.push_back(Miss::Beaten);
    return out;
}

std::string_view words(Miss miss) {
    switch (miss) {
        case Miss::Beaten: return "comes behind the rule that denies it";
        case Miss::Source: return "is for other sources";
        case Miss::Port: return "is for other ports";
        case Miss::Protocol: return "is for another protocol on this port";
        case Miss::Expired: return "has expired";
        case Miss::Schedule: return "does not hold at this time";
        case Miss::Apex: return "stands only for names below that one";
        case Miss::OneEdit: return "differs in a character";
        case Miss::SameDomain: return "is for another name of the same domain";
        case Miss::Destination: return "is for other addresses";
    }
    __builtin_unreachable();
}

}  // namespace

std::string_view last_two_labels(std::string_view name) {
    const std::size_t last = name.rfind('.');
    if (last == std::string_view::npos || last == 0) return {};
    const std::size_t before = name.rfind('.', last - 1);
    return before == std::string_view::npos ? name : name.substr(before + 1);
}

bool is_one_edit(std::string_view a, std::string_view b) {
    if (a.size() > b.size()) std::swap(a, b);
    if (b.size() - a.size() > 1 || a == b) return false;
    const std::size_t same = static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
    if (a.size() < b.size()) return a.substr(same) == b.substr(same + 1);
    if (a.substr(same + 1) == b.substr(same + 1)) return true;
    return same + 1 < a.size() && a[same] == b[same + 1] && a[same + 1] == b[same] &&
           a.substr(same + 2) == b.substr(same + 2);
}

std::optional<NearMiss> nearest_rule(const cfg::Model& model, const Question& question,
                                     std::optional<std::chrono::sys_seconds> at,
                                     RegistrablePart registrable) {
    std::optional<NearMiss> best;
    for (std::size_t i = 0; i < model.policy.rules.size(); ++i) {
        const auto near = miss_of(model, i, question, at, registrable);
        if (near && (!best || distance(*near) < distance(*best))) best = near;
    }
    return best;
}

std::string sentence(const cfg::Model& model, const NearMiss& near) {
    std::string out = "rule '" + model.policy.rules[near.rule].name + "' has " + near.pattern;
    for (std::size_t i = 0; i < near.misses.size(); ++i)
        out.append(i == 0 ? ", but " : " and ").append(words(near.misses[i]));
    return out;
}

}  // namespace sallyport::dp::policy

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/networks.h"
#include "config/shown.h"
#include "config/spelling.h"
#include "config/time_text.h"
#include "config/validate.h"

namespace sallyport::cfg {
namespace {

// What the log writes as the rule of a session that no rule matched.
constexpr std::string_view kDefaultRule = "default-deny";

// "did you mean 'x'?  sets: a, b"
std::string known_names(std::string_view text, std::span<const std::string_view> names,
                        std::string_view what) {
    if (names.empty()) return "there are no " + std::string(what);
    const std::string_view meant = nearest(text, names);
    std::string hint = meant.empty() ? "" : "did you mean " + shown(meant) + "?  ";
    return hint += std::string(what) + ": " + joined(names);
}

void check_egress(const PlacedRule& at) {
    const std::string path = at.at("egress");
    if (at.rule.egress.empty()) return;
    if (!at.report.is_clean("egress")) return;
    std::vector<std::string_view> names;
    for (const EgressSet& set : at.model.egress) names.push_back(set.name);
    if (std::ranges::find(names, at.rule.egress) != names.end()) return;
    at.say(FindingCode::UnknownEgress, path,
           {"there is no egress set " + shown(at.rule.egress),
            known_names(at.rule.egress, names, "sets")});
}

void check_group(const PlacedRule& at, const std::string& group, const std::string& path) {
    if (!at.report.is_clean("groups")) return;
    std::vector<std::string_view> names;
    for (const Group& known : at.model.groups) names.push_back(known.name);
    if (std::ranges::find(names, group) != names.end()) return;
    at.say(FindingCode::UnknownGroup, path,
           {"there is no group " + shown(group), known_names(group, names, "groups")});
}

void check_sources(const PlacedRule& at, const std::vector<PlacedNetwork>& inside) {
    if (!at.is_clean("sources")) return;
    for (std::size_t i = 0; i < at.rule.sources.size(); ++i) {
        const Source& source = at.rule.sources[i];
        const std::string path = item_path(at.at("sources"), i);
        if (!source.group.empty()) {
            check_group(at, source.group, path);
            continue;
        }
        const bool seen = inside.empty() || std::ranges::any_of(inside, [&](const auto& network) {
                              return overlap(network.network, source.network);
                          });
        if (!seen)
            at.say(FindingCode::UnreachableSource, path,
                   {"no inside network or route has this source", "packets from it are dropped"});
    }
}

void check_expiry(const PlacedRule& at, std::chrono::sys_seconds now) {
    if (!at.rule.expires || *at.rule.expires > now) return;
    at.say(FindingCode::Expired, at.at("expires"),
           {"the rule ended at " + format_moment(*at.rule.expires) + " and matches nothing",
            "remove the rule, or write a later end"});
}

Span place_of(const PlacedRule& at, const std::string& path) {
    return at.rule.imported ? Span{.mark = at.rule.mark, .end_column = 0} : at.report.where(path);
}

}  // namespace

void validate_rules(const Model& model, std::chrono::sys_seconds now, Report& report) {
    std::vector<PlacedNetwork> inside;
    if (!model.inside.empty() && report.is_clean("ports.inside"))
        inside = reachable(model.inside.front(), "ports.inside");
    for (std::size_t i = 0; i < model.policy.rules.size(); ++i) {
        const PlacedRule at{model, model.policy.rules[i], item_path("policy.rules", i), report};
        validate_matching(at);
        check_egress(at);
        check_sources(at, inside);
        validate_hosts(at);
        validate_upstream(at);
        validate_limits(at);
        check_expiry(at, now);
    }
    validate_shadows(model, report);
}

void validate_rule_names(const Model& model, Report& report) {
    std::unordered_map<std::string_view, Span> names;
    for (std::size_t i = 0; i < model.policy.rules.size(); ++i) {
        const PlacedRule at{model, model.policy.rules[i], item_path("policy.rules", i), report};
        const std::string path = at.rule.imported ? std::string() : at.at("name");
        if (at.rule.name.empty()) continue;
        const Span where = place_of(at, path);
        if (at.rule.name == kDefaultRule)
            report.add(FindingCode::ReservedName, where, path,
                       {"the name " + shown(kDefaultRule) + " is reserved",
                        "logs use it for what no rule matched"});
        const auto [first, fresh] = names.try_emplace(at.rule.name, where);
        if (!fresh)
            report.add(FindingCode::DuplicateName, where, path,
                       {"another rule is named " + shown(at.rule.name) + " (" +
                        report.place_text(first->second.mark, where.mark) + ')'});
    }
}

}  // namespace sallyport::cfg

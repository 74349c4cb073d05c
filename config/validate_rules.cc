// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/networks.h"
#include "config/shown.h"
#include "config/spelling.h"
#include "config/validate.h"

namespace sallyport::cfg {
namespace {

// What the log writes as the rule of a session that no rule matched.
constexpr std::string_view kDefaultRule = "default-deny";

struct PlacedRule {
    const Rule& rule;
    std::string path;
    Report& report;

    void say(FindingCode code, const std::string& at, Said said) const {
        report.add(code, report.where(at), at, std::move(said));
    }
};

void check_egress(const PlacedRule& at, const Model& model) {
    const std::string path = at.path + ".egress";
    if (at.rule.egress.empty()) return;
    if (at.rule.action == Action::Deny)
        at.say(FindingCode::NoEffect, path, {"a rule that denies needs no egress set"});
    if (!at.report.is_clean("egress")) return;
    std::vector<std::string_view> names;
    for (const EgressSet& set : model.egress) names.push_back(set.name);
    if (std::ranges::find(names, at.rule.egress) != names.end()) return;
    const std::string_view meant = nearest(at.rule.egress, names);
    std::string hint = meant.empty() ? "" : "did you mean " + shown(meant) + "?  ";
    at.say(FindingCode::UnknownEgress, path,
           {"there is no egress set " + shown(at.rule.egress), hint += "sets: " + joined(names)});
}

void check_sources(const PlacedRule& at, const std::vector<PlacedNetwork>& inside) {
    if (inside.empty() || !at.report.is_clean(at.path + ".sources")) return;
    for (std::size_t i = 0; i < at.rule.sources.size(); ++i) {
        const IpPrefix& source = at.rule.sources[i].network;
        const bool seen = std::ranges::any_of(
            inside, [&](const PlacedNetwork& network) { return overlap(network.network, source); });
        if (seen) continue;
        at.say(FindingCode::UnreachableSource, item_path(at.path + ".sources", i),
               {"no inside network or route has this source", "packets from it are dropped"});
    }
}

void check_hosts(const PlacedRule& at) {
    if (!at.report.is_clean(at.path + ".hosts")) return;
    for (std::size_t i = 0; i < at.rule.hosts.size(); ++i) {
        const HostPattern& host = at.rule.hosts[i];
        if (!host.wildcard || host.name.find('.') != std::string::npos) continue;
        at.say(FindingCode::WholeTopLevel, item_path(at.path + ".hosts", i),
               {"'*." + host.name + "' covers a whole top-level domain"});
    }
}

void check_name(const PlacedRule& at, std::unordered_map<std::string, std::string>& names) {
    const std::string path = at.path + ".name";
    if (at.rule.name.empty()) return;
    if (at.rule.name == kDefaultRule)
        at.say(FindingCode::ReservedName, path,
               {"the name " + shown(kDefaultRule) + " is reserved",
                "logs use it for what no rule matched"});
    const auto [first, fresh] = names.try_emplace(at.rule.name, path);
    if (!fresh)
        at.say(FindingCode::DuplicateName, path,
               {"another rule is named " + shown(at.rule.name) + " (line " +
                std::to_string(at.report.where(first->second).mark.line) + ')'});
}

}  // namespace

void validate_rules(const Model& model, Report& report) {
    std::vector<PlacedNetwork> inside;
    if (!model.inside.empty() && report.is_clean("ports.inside"))
        inside = reachable(model.inside.front(), "ports.inside");
    std::unordered_map<std::string, std::string> names;
    for (std::size_t i = 0; i < model.policy.rules.size(); ++i) {
        const PlacedRule at{model.policy.rules[i], item_path("policy.rules", i), report};
        check_name(at, names);
        check_egress(at, model);
        check_sources(at, inside);
        check_hosts(at);
    }
}

}  // namespace sallyport::cfg

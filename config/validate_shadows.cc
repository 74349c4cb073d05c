// SPDX-License-Identifier: Apache-2.0
// Rules that are never reached: for each of their hosts, or networks, another rule with the same
// one decides on all of their sources and protocols. Lists of hosts_from are left out.
#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

#include "config/address_text.h"
#include "config/networks.h"
#include "config/shown.h"
#include "config/validate.h"

namespace sallyport::cfg {
namespace {

// Of many rules with one pattern the first few are looked at, which keeps the work linear.
constexpr std::size_t kRivalsMax = 16;

bool holds_always(const Rule& rule) {
    return rule.mode == Mode::Enforce && rule.schedule.empty() && !rule.expires;
}

bool covers_sources(const Model& model, const Rule& rule, const Rule& other) {
    if (rule.sources.empty()) return true;
    const std::vector<IpPrefix> wide = source_networks(model, rule);
    const std::vector<IpPrefix> narrow = source_networks(model, other);
    return !narrow.empty() && std::ranges::all_of(narrow, [&](const IpPrefix& network) {
        return std::ranges::any_of(wide, [&](const auto& w) { return covers(w, network); });
    });
}

bool covers_protocols(const Rule& rule, const Rule& other) {
    return std::ranges::all_of(other.protocols, [&](const ProtocolPort& protocol) {
        return std::ranges::find(rule.protocols, protocol) != rule.protocols.end();
    });
}

// Everything that a rule matches by, each as a text.
std::vector<std::string> patterns_of(const Rule& rule) {
    std::vector<std::string> patterns;
    for (const HostPattern& host : rule.hosts)
        patterns.push_back((host.wildcard ? "*." : "") + host.name);
    if (rule.hosts.empty())
        for (const IpPrefix& network : rule.networks)
            patterns.push_back(address_text(network.address()) + '/' +
                               std::to_string(network.length()));
    return patterns;
}

class Shadows {
   public:
    explicit Shadows(const Model& model) : model_(model) {
        for (std::size_t i = 0; i < model.policy.rules.size(); ++i)
            if (holds_always(model.policy.rules[i]))
                for (std::string& pattern : patterns_of(model.policy.rules[i])) {
                    auto& rivals = by_pattern_[std::move(pattern)];
                    if (rivals.size() < kRivalsMax) rivals.push_back(i);
                }
    }

    // A rule that decides before the given one, for its last pattern; nullptr when the rule is
    // reached.
    const Rule* shadow_of(std::size_t index) const {
        const Rule& rule = model_.policy.rules[index];
        const std::vector<std::string> patterns = patterns_of(rule);
        if (rule.listed || patterns.empty() || rule.mode == Mode::Audit) return nullptr;
        const Rule* shadow = nullptr;
        for (const std::string& pattern : patterns) {
            shadow = rival_for(index, pattern);
            if (shadow == nullptr) return nullptr;
        }
        return shadow;
    }

   private:
    const Rule* rival_for(std::size_t index, const std::string& pattern) const {
        const Rule& rule = model_.policy.rules[index];
        const auto rivals = by_pattern_.find(pattern);
        if (rivals == by_pattern_.end()) return nullptr;
        for (const std::size_t i : rivals->second) {
            const Rule& rival = model_.policy.rules[i];
            const bool stronger =
                rival.action == rule.action ? i < index : rival.action == Action::Deny;
            if (stronger && covers_protocols(rival, rule) && covers_sources(model_, rival, rule))
                return &rival;
        }
        return nullptr;
    }

    const Model& model_;
    std::unordered_map<std::string, std::vector<std::size_t>> by_pattern_;
};

}  // namespace

void validate_shadows(const Model& model, Report& report) {
    if (!report.is_clean("policy.rules") || !report.is_clean("groups")) return;
    const Shadows shadows(model);
    for (std::size_t i = 0; i < model.policy.rules.size(); ++i) {
        const Rule* shadow = shadows.shadow_of(i);
        if (shadow == nullptr) continue;
        const std::string path = item_path("policy.rules", i);
        report.add(
            FindingCode::Shadowed, report.where(path + ".name"), path,
            {"the rule is never reached: " + shown(shadow->name) + " (" +
             report.place_text(shadow->mark, report.where(path).mark) + ") decides before it"});
    }
}

}  // namespace sallyport::cfg

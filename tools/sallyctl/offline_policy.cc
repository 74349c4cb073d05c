// SPDX-License-Identifier: Apache-2.0
#include "tools/sallyctl/offline_policy.h"

#include "config/load.h"
#include "control/explanation.h"
#include "dataplane/policy/compile.h"

namespace sallyport::ctl {

OfflinePolicy::OfflinePolicy(cfg::Model model, std::optional<std::chrono::sys_seconds> at)
    : at_(at),
      model_(std::move(model)),
      generation_(dp::policy::compile(model_, {.generation_id = 1, .at = at})) {}

// Without names from the daemon the ids are those of the file, from 1 on.
const cfg::Rule* OfflinePolicy::rule(dp::policy::RuleId id) const {
    const auto& rules = model_.policy.rules;
    return id == dp::policy::kDefaultRule || id > rules.size() ? nullptr : &rules[id - 1];
}

std::string OfflinePolicy::rule_name(dp::policy::RuleId id) const {
    const cfg::Rule* found = rule(id);
    return found == nullptr ? "default-deny" : found->name;
}

std::string OfflinePolicy::rule_at(dp::policy::RuleId id) const {
    const cfg::Rule* found = rule(id);
    return found == nullptr ? "" : place_text(model_, found->mark);
}

std::optional<cfg::Model> load_model(const std::vector<std::string>& files, std::ostream& err) {
    cfg::LoadResult result = cfg::load(files);
    err << cfg::format_findings(result.findings);
    return std::move(result.model);
}

}  // namespace sallyport::ctl

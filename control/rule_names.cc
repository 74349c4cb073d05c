// SPDX-License-Identifier: Apache-2.0
#include "control/rule_names.h"

namespace sallyport::ctl {

static_assert(dp::policy::kDefaultRule == 0, "the default rule stands first in names_");

std::vector<dp::policy::RuleId> RuleNames::add(const cfg::Policy& policy) {
    const std::lock_guard lock(mutex_);
    std::vector<dp::policy::RuleId> ids;
    for (const cfg::Rule& rule : policy.rules) {
        const auto next = static_cast<dp::policy::RuleId>(names_.size());
        const auto [known, fresh] = ids_.try_emplace(rule.name, next);
        if (fresh) names_.push_back(rule.name);
        ids.push_back(known->second);
    }
    return ids;
}

std::string RuleNames::name(dp::policy::RuleId id) const {
    const std::lock_guard lock(mutex_);
    return id < names_.size() ? names_[id] : "-";
}

}  // namespace sallyport::ctl

// SPDX-License-Identifier: Apache-2.0
#include "control/rule_names.h"

namespace sallyport::ctl {

static_assert(dp::policy::kDefaultRule == 0, "the default rule stands first in names_");

dp::policy::RuleId RuleNames::add(const cfg::Policy& policy) {
    const std::lock_guard lock(mutex_);
    const auto first = static_cast<dp::policy::RuleId>(names_.size());
    for (const cfg::Rule& rule : policy.rules) names_.push_back(rule.name);
    return first;
}

std::string RuleNames::name(dp::policy::RuleId id) const {
    const std::lock_guard lock(mutex_);
    return id < names_.size() ? names_[id] : "-";
}

}  // namespace sallyport::ctl

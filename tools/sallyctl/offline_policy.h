// SPDX-License-Identifier: Apache-2.0
// A configuration from files, compiled as the daemon compiles it, with the names that its rules have
// there.
#pragma once
#include <chrono>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "config/model.h"
#include "dataplane/policy/generation.h"

namespace sallyport::ctl {

class OfflinePolicy {
   public:
    // Rules that do not hold `at` that time are left out; nullopt: time is not asked for.
    explicit OfflinePolicy(cfg::Model model, std::optional<std::chrono::sys_seconds> at = {});

    const cfg::Model& model() const { return model_; }
    const dp::Generation& generation() const { return generation_; }
    std::optional<std::chrono::sys_seconds> at() const { return at_; }
    // Null for dp::policy::kDefaultRule.
    const cfg::Rule* rule(dp::policy::RuleId id) const;
    std::string rule_name(dp::policy::RuleId id) const;  // "default-deny" without a rule
    std::string rule_at(dp::policy::RuleId id) const;    // "FILE:LINE"; empty without a rule

   private:
    std::optional<std::chrono::sys_seconds> at_;
    cfg::Model model_;
    dp::Generation generation_;
};

// Reads and checks. Findings go to `err`; nullopt: one of them is an error.
std::optional<cfg::Model> load_model(const std::vector<std::string>& files, std::ostream& err);

}  // namespace sallyport::ctl

// SPDX-License-Identifier: Apache-2.0
// The names of rules by their ids. A session keeps the id of the rule that decided, never a pointer
// into a generation, so ids are unique over generations and the names stay here.
#pragma once
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "config/model.h"
#include "dataplane/policy/verdict.h"

namespace sallyport::ctl {

// May be used from any thread.
class RuleNames {
   public:
    // The ids of a policy's rules in file order, for policy::compile. A rule that was known by its
    // name keeps its id.
    std::vector<dp::policy::RuleId> add(const cfg::Policy& policy);

    // "default-deny" for kDefaultRule; "-" for an id that was never given out.
    std::string name(dp::policy::RuleId id) const;

   private:
    mutable std::mutex mutex_;
    std::vector<std::string> names_{"default-deny"};  // by id
    std::unordered_map<std::string, dp::policy::RuleId> ids_;
};

}  // namespace sallyport::ctl

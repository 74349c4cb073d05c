// SPDX-License-Identifier: Apache-2.0
// What a change would mean for the sessions that are alive now.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "control/rule_book.h"
#include "dataplane/dataplane.h"

namespace sallyport::ctl {

// Sessions that a generation would not allow. Of a session whose name is not known yet, nothing can
// be said.
struct LiveImpact {
    std::uint64_t sessions = 0;  // that were allowed and are alive
    std::uint64_t no_longer_allowed = 0;
    std::map<std::string, std::uint64_t> by_rule;  // of those, by the rule that had allowed them
};
// Nullopt: a worker did not answer.
std::optional<LiveImpact> impact_of(const dp::Generation& generation, dp::Dataplane& dataplane,
                                    const RuleBook& book);

// The lowest generation that a live session was decided by; `otherwise` when there is none. Nullopt:
// a worker did not answer.
std::optional<std::uint64_t> oldest_generation(dp::Dataplane& dataplane, std::uint64_t otherwise);

}  // namespace sallyport::ctl

// SPDX-License-Identifier: Apache-2.0
// A checked model to a generation.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

#include "config/model.h"
#include "dataplane/policy/generation.h"

namespace sallyport::dp::policy {

struct CompileOptions {
    std::uint64_t generation_id = 1;
    std::span<const RuleId> rule_ids = {};  // of the rules in file order; empty: 1, 2, 3, ...
    // Rules that have expired by then, or whose schedule leaves the moment out, do not hold
    // (rule_times.h says when that changes).
    // nullopt: time is not asked for.
    std::optional<std::chrono::sys_seconds> at = {};
    std::span<const EgressSet> draining = {};  // of earlier generations (Settings::draining)
};

// Settings::dns_servers: the same for the same servers, asked in the same way.
std::uint64_t dns_servers_of(const cfg::Resolver& resolver);

Generation compile(const cfg::Model& model, const CompileOptions& options = {});

}  // namespace sallyport::dp::policy

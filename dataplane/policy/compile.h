// SPDX-License-Identifier: Apache-2.0
// A checked model to a generation. Rule ids count from `first_rule_id` in file order.
#pragma once
#include <cstdint>

#include "config/model.h"
#include "dataplane/policy/generation.h"

namespace sallyport::dp::policy {

Generation compile(const cfg::Model& model, std::uint64_t generation_id,
                   RuleId first_rule_id = 1);

}  // namespace sallyport::dp::policy

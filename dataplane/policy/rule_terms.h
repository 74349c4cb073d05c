// SPDX-License-Identifier: Apache-2.0
// What a rule of the model says of the sessions that it lets pass.
#pragma once
#include "config/model.h"
#include "dataplane/policy/terms.h"

namespace sallyport::dp::policy {

Terms terms_of(const cfg::Rule& rule, RuleId id);

}  // namespace sallyport::dp::policy

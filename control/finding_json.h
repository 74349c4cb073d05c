// SPDX-License-Identifier: Apache-2.0
// Findings as JSON: what the control API answers and sallyctl prints. One form for both ends.
#pragma once
#include <span>
#include <vector>

#include <nlohmann/json.hpp>

#include "config/finding.h"

namespace sallyport::ctl {

nlohmann::ordered_json finding_json(const cfg::Finding& finding);
nlohmann::ordered_json findings_json(std::span<const cfg::Finding> findings);
// Those of a reply; what is no finding is left out.
std::vector<cfg::Finding> findings_of(const nlohmann::ordered_json& list);

}  // namespace sallyport::ctl

// SPDX-License-Identifier: Apache-2.0
// Candidates as what an operator adds to a configuration.
#pragma once
#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "control/suggestions.h"

namespace sallyport::ctl {

// A `policy:` with rules of the native form; counts, times and reasons stand in comments.
std::string to_yaml(std::span<const Candidate> candidates);
nlohmann::ordered_json to_json(std::span<const Candidate> candidates);
// ServiceEntry, Gateway and VirtualService for what is asked for by name. They know no sources, so
// each opens its names to every client.
std::string to_istio(std::span<const Candidate> candidates);

}  // namespace sallyport::ctl

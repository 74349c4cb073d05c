// SPDX-License-Identifier: Apache-2.0
// A value of JSON as YAML, for tools that read objects of Kubernetes.
#pragma once
#include <nlohmann/json.hpp>
#include <string>

namespace sallyport::ctl {

// In block style; ends in a newline. Texts that YAML could take for something else are quoted.
std::string yaml_text(const nlohmann::ordered_json& value);

}  // namespace sallyport::ctl

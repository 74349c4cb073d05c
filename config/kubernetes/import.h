// SPDX-License-Identifier: Apache-2.0
// Objects of Istio and of the Gateway API to rules.
#pragma once
#include <vector>

#include "config/model.h"
#include "config/report.h"
#include "config/yaml_tree.h"

namespace sallyport::cfg {

// The native document, if there is one, has been read into the model. Each root is a map with a
// `kind`; its marks say which file it stands in.
void import_objects(const std::vector<Node>& roots, Model& model, Report& report);

}  // namespace sallyport::cfg

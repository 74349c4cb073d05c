// SPDX-License-Identifier: Apache-2.0
// Objects of Istio, of the Gateway API and of NetworkPolicy to rules.
//
// A field that narrows access is honoured or refused, never ignored: each kind has a table of its
// fields (fields_*.cc), and what is in no table is an unknown field. Rules come behind those of the
// native form; how they are called stands in route.h, when a name opens in rule_maker.h, and what
// the conditions of an object say in status.h.
#pragma once
#include <vector>

#include "config/model.h"
#include "config/report.h"
#include "config/yaml_tree.h"

namespace sallyport::cfg {

// The native document, if there is one, has been read into the model (kubernetes: is asked). Each
// root is a map with a `kind`; its marks say which file it stands in. Adds to policy.rules and
// objects.
void import_objects(const std::vector<Node>& roots, Model& model, Report& report);

}  // namespace sallyport::cfg

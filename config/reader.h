// SPDX-License-Identifier: Apache-2.0
// The tree to the model, along the field table. Every key is looked up; what the table does not
// know, or what this version cannot do, is a finding.
#pragma once
#include "config/model.h"
#include "config/report.h"
#include "config/yaml_tree.h"

namespace sallyport::cfg {

// Fills in what can be read; the rest keeps its default. Notes the place of every value.
void read_model(const Node& root, Model& model, Report& report);

}  // namespace sallyport::cfg

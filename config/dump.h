// SPDX-License-Identifier: Apache-2.0
// A model as text: canonical YAML with every default written out, in the order of the field table.
// Loading it, beside the objects that the model was made with, gives the same model.
#pragma once
#include <string>

#include "config/model.h"
#include "config/yaml_tree.h"

namespace sallyport::cfg {

std::string dump(const Model& model);
// The same with the rules that objects made, in the native form; what that form cannot say of them
// stands in comments. For people, not to be loaded.
std::string dump_effective(const Model& model);
// The same as a tree, keys in the order of the table of fields.
Node dump_tree(const Model& model);
// On one line: [a, b] or {k: v}.
std::string flow_text(const Node& node);

}  // namespace sallyport::cfg

// SPDX-License-Identifier: Apache-2.0
// A tree as JSON: quoted scalars are strings, others stand as they are.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "config/yaml_tree.h"

namespace sallyport::cfg {

Node json_string(std::string_view text);
Node json_literal(std::string_view text);  // a number, true or false
Node json_list(std::vector<Node> items);
Node json_map();
// Adds an entry to a map.
void set(Node& map, std::string_view key, Node value);

std::string json_text(const Node& root);  // indented; ends in a newline

}  // namespace sallyport::cfg

// SPDX-License-Identifier: Apache-2.0
// YAML text to a tree. The library behind it reads too generously (duplicate keys, several
// documents, aliases, tags, unlimited depth): each of these is a finding here.
#pragma once
#include <optional>

#include "config/report.h"
#include "config/yaml_tree.h"

namespace sallyport::cfg {

inline constexpr std::size_t kMaxDepth = 32;

// The root of the one document of report.source(), which must have passed check_text. nullopt: the
// text could not be read to its end, and a finding says why. Nothing throws out of here.
std::optional<Node> parse_yaml(Report& report);

}  // namespace sallyport::cfg

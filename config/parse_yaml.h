// SPDX-License-Identifier: Apache-2.0
// YAML text to trees. The library behind it reads too generously (duplicate keys, aliases, tags,
// unlimited depth): each of these is a finding here.
#pragma once
#include <optional>
#include <vector>

#include "config/report.h"
#include "config/yaml_tree.h"

namespace sallyport::cfg {

inline constexpr std::size_t kMaxDepth = 32;

// More documents than any bundle of objects has.
inline constexpr std::size_t kMaxDocuments = 10000;

// Values of all kinds; each takes some 150 octets of memory, whatever it takes in the text.
inline constexpr std::size_t kMaxNodes = 2'000'000;

// The roots of the documents of a text, which must have passed check_text; at least one. One that
// holds nothing is a Null. `room` is how many values they may have, and becomes what is left of it.
// nullopt: the text could not be read to its end, and a finding says why. Nothing throws out of
// here.
std::optional<std::vector<Node>> parse_yaml(const SourceText& source, Report& report,
                                            std::size_t& room);

}  // namespace sallyport::cfg

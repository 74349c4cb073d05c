// SPDX-License-Identifier: Apache-2.0
// The documents of all files of a load, by the language that each is written in.
#pragma once
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "config/parse_yaml.h"
#include "config/report.h"
#include "config/yaml_tree.h"

namespace sallyport::cfg {

struct Documents {
    std::optional<Node> native;
    std::vector<Node> objects;     // of Kubernetes: maps with a `kind`
    std::size_t room = kMaxNodes;  // for the values of further files
};

std::string_view without_byte_order_mark(std::string_view text);

// Adds the documents of one file. A second native document is a finding, and so is a text in
// another language.
void read_documents(const SourceText& source, Documents& documents, Report& report);

}  // namespace sallyport::cfg

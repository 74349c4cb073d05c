// SPDX-License-Identifier: Apache-2.0
// The way from a text to a configuration: text -> tree -> model -> findings. Pure but for
// load_file, which reads one file. Nothing throws out of here.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/finding.h"
#include "config/model.h"

namespace sallyport::cfg {

inline constexpr std::size_t kMaxFileBytes = std::size_t{16} * 1024 * 1024;

struct LoadResult {
    std::optional<Model> model;     // set when no finding is an error
    std::vector<Finding> findings;  // all of them, in the order of the file
};

// `file_name` is only used in the findings.
LoadResult load_text(std::string_view text, std::string_view file_name);
// A file that cannot be read is a finding that names the remedy.
LoadResult load_file(const std::string& path);

}  // namespace sallyport::cfg

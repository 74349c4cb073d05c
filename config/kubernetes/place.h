// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "config/source_text.h"

namespace sallyport::cfg::kubernetes {

// "objects.yaml:12", for a finding that points at two places.
inline std::string place_text(const Span& where, const std::vector<std::string>& files) {
    const std::string line = std::to_string(where.mark.line);
    if (where.mark.file >= files.size()) return "line " + line;
    return files[where.mark.file] + ':' + line;
}

}  // namespace sallyport::cfg::kubernetes

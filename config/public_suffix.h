// SPDX-License-Identifier: Apache-2.0
// The list of public suffixes: domains under which strangers register names (com, co.uk,
// github.io). A wildcard over one of them opens more than its author may think.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "config/finding.h"
#include "config/model.h"

namespace sallyport::cfg {

// Of a normalised name of at least two labels. The list is the one that the library was built with,
// so that a file is judged alike wherever it is checked.
bool is_public_suffix(std::string_view name);

// What is to be said of a pattern that covers names of strangers; nullopt: it does not.
struct WidePattern {
    FindingCode code = FindingCode::PublicSuffix;
    std::string message;
};
std::optional<WidePattern> wide_pattern(const HostPattern& host);

}  // namespace sallyport::cfg

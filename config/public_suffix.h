// SPDX-License-Identifier: Apache-2.0
// The list of public suffixes: domains under which strangers register names (com, co.uk,
// github.io). A wildcard over one of them opens more than its author may think.
#pragma once
#include <string_view>

namespace sallyport::cfg {

// Of a normalised name of at least two labels. The list is the one that the library was built with,
// so that a file is judged alike wherever it is checked.
bool is_public_suffix(std::string_view name);

}  // namespace sallyport::cfg

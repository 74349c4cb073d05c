// SPDX-License-Identifier: Apache-2.0
// Replies as text for people: rows as a table with aligned columns, one object as "key: value"
// lines. Which keys are shown, and under which heading, is in the route table.
#pragma once
#include <string>

#include <nlohmann/json.hpp>

#include "control/route_table.h"

namespace sallyport::ctl {

using Json = nlohmann::ordered_json;

// Without `with_zeros`, counters whose value is 0 are left out. A key that the daemon does not know
// (an older one) shows as "-". Ends in a newline.
std::string to_table(const Route& route, const Json& body, bool with_zeros);

}  // namespace sallyport::ctl

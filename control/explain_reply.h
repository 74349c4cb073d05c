// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <span>
#include <string>

#include "control/routes.h"

namespace sallyport::ctl {

// GET /v1/explain, by what is in force; `texts` stand as in the route's table.
Reply explain_reply(const ApiContext& context, std::span<const std::optional<std::string>> texts);

}  // namespace sallyport::ctl

// SPDX-License-Identifier: Apache-2.0
// The JSON object that a request carries, checked against the route's table of keys.
#pragma once
#include <string>

#include "control/route_table.h"
#include "control/routes.h"

namespace sallyport::ctl {

// An object of which every key is declared and has its type, and no required one is missing; of an
// empty text, the empty object. The error is the reply, status 400.
Result<Json, Reply> body_of(const Route& route, const std::string& text);

}  // namespace sallyport::ctl

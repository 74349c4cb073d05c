// SPDX-License-Identifier: Apache-2.0
// What sallyctl says about itself, made from the route table and the table of commands.
#pragma once
#include <string>

#include "control/route_table.h"
#include "tools/sallyctl/command.h"

namespace sallyport::ctl {

std::string help_overview();
std::string help_of(const Route& route);
std::string help_of(const Command& command);

// "table|json"
std::string joined(std::span<const Output> outputs);

}  // namespace sallyport::ctl

// SPDX-License-Identifier: Apache-2.0
// Findings of a configuration in the forms of -o.
#pragma once
#include <iosfwd>
#include <span>
#include <string>

#include "config/finding.h"
#include "tools/sallyctl/command.h"

namespace sallyport::ctl {

// A workflow command of GitHub, which marks the line in the changed file; ends in a newline.
std::string github_text(const cfg::Finding& finding);

// Of AsTable: with the source line and a caret. AsJson: an array of all fields. AsGithub.
void print_findings(std::span<const cfg::Finding> findings, Output output, std::ostream& out);

}  // namespace sallyport::ctl

// SPDX-License-Identifier: Apache-2.0
// What commands that judge offline have in common: --config, --at and --answers.
#pragma once
#include <optional>

#include "tools/sallyctl/answers.h"
#include "tools/sallyctl/command.h"
#include "tools/sallyctl/offline_policy.h"

namespace sallyport::ctl {

void add_config_options(boost::program_options::options_description& out);

// What the options say. The error has been printed when there is no value; it is the exit code.
Result<OfflinePolicy, int> offline_policy(const Invocation& given, Streams& streams);
Result<std::optional<Answers>, int> offline_answers(const Invocation& given, Streams& streams);

}  // namespace sallyport::ctl

// SPDX-License-Identifier: Apache-2.0
#include <ostream>

#include "config/example.h"
#include "tools/sallyctl/command.h"

namespace sallyport::ctl {
namespace {

int run(const Invocation& /*given*/, Streams& streams) {
    streams.out << cfg::example();
    return kExitOk;
}

}  // namespace

namespace command {
const Command config_example{
    .words = "config example",
    .arguments = "",
    .help = "A configuration with every section, to start from.",
    .details = "",
    .run = run,
};
}  // namespace command

}  // namespace sallyport::ctl

// SPDX-License-Identifier: Apache-2.0
#include <ostream>

#include "config/json_schema.h"
#include "tools/sallyctl/command.h"

namespace sallyport::ctl {
namespace {

int run(const Invocation& /*given*/, Streams& streams) {
    streams.out << cfg::json_schema();
    return kExitOk;
}

}  // namespace

namespace command {
const Command config_schema{
    .words = "config schema",
    .arguments = "",
    .help = "The JSON Schema (2020-12) of the native form, for editors.",
    .details =
        "It is made from the table that reads the configuration and knows each key by itself.\n"
        "What takes more than one key is found by sallyctl config check alone. In an editor\n"
        "with a YAML language server the first line of a file may name it:\n"
        "  # yaml-language-server: $schema=sallyport-v1.schema.json",
    .run = run,
};
}  // namespace command

}  // namespace sallyport::ctl

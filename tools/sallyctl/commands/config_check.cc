// SPDX-License-Identifier: Apache-2.0
#include <ostream>

#include "config/load.h"
#include "tools/sallyctl/command.h"
#include "tools/sallyctl/findings.h"

namespace sallyport::ctl {
namespace {

constexpr Output kOutputs[] = {Output::AsTable, Output::AsJson, Output::AsGithub};

void add_options(boost::program_options::options_description& options) {
    options.add_options()("to-run", "also ask for what a gate needs to run: ports and egress");
}

int run(const Invocation& given, Streams& streams) {
    if (given.arguments.empty()) {
        print_problem({"no_file", "a file is missing", "sallyctl config check FILE..."},
                      given.output, streams.err);
        return kExitUsage;
    }
    const cfg::LoadResult loaded = cfg::load(given.arguments, {.to_run = given.has("to-run")});
    print_findings(loaded.findings, given.output, streams.out);
    if (!loaded.model) return kExitNo;
    if (given.output == Output::AsTable)
        streams.err << (loaded.findings.empty() ? "good\n" : "good, with warnings\n");
    return kExitOk;
}

}  // namespace

namespace command {
const Command config_check{
    .words = "config check",
    .arguments = "FILE...",
    .help = "All that is wrong with a configuration, with places. Needs no daemon.",
    .details =
        "FILE is a native file, one with objects of Istio or of the Gateway API, or a\n"
        "directory of such (*.yaml, *.yml). All together make one configuration.\n"
        "-o json is an array of findings, -o github marks lines in a pull request.\n"
        "Exit code 0: good, perhaps with warnings; 1: errors; 2: wrong usage.",
    .outputs = kOutputs,
    .add_options = add_options,
    .run = run,
};
}  // namespace command

}  // namespace sallyport::ctl

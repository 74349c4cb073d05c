// SPDX-License-Identifier: Apache-2.0
#include <ostream>

#include "config/dump.h"
#include "config/load.h"
#include "tools/sallyctl/command.h"
#include "tools/sallyctl/findings.h"

namespace sallyport::ctl {
namespace {

constexpr Output kOutputs[] = {Output::AsYaml};

void add_options(boost::program_options::options_description& options) {
    options.add_options()("effective", "with every default, and with the rules that objects make");
}

int run(const Invocation& given, Streams& streams) {
    if (given.arguments.empty()) {
        print_problem({"no_file", "a file is missing", "sallyctl config show --effective FILE..."},
                      given.output, streams.err);
        return kExitUsage;
    }
    const cfg::LoadResult loaded = cfg::load(given.arguments);
    print_findings(loaded.findings, Output::AsTable, streams.err);
    if (!loaded.model) return kExitInvalid;
    streams.out << (given.has("effective") ? cfg::dump_effective(*loaded.model)
                                           : cfg::dump(*loaded.model));
    return kExitOk;
}

}  // namespace

namespace command {
const Command config_show{
    .words = "config show",
    .arguments = "FILE...",
    .help = "A configuration in its canonical form. Needs no daemon.",
    .details =
        "Without --effective, rules of Istio and Gateway API objects are left out, so that\n"
        "the output and the objects make the same configuration as before.",
    .outputs = kOutputs,
    .add_options = add_options,
    .run = run,
};
}  // namespace command

}  // namespace sallyport::ctl

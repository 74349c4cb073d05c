// SPDX-License-Identifier: Apache-2.0
#include <ostream>

#include "config/dump.h"
#include "config/load.h"
#include "tools/sallyctl/daemon.h"
#include "tools/sallyctl/findings.h"

namespace sallyport::ctl {
namespace {

constexpr Output kOutputs[] = {Output::AsYaml};

void add_options(boost::program_options::options_description& options) {
    auto add = options.add_options();
    add("effective", "with every default, and with the rules that objects make");
    add("running", "what the daemon has in force, with every default, in place of files");
}

int usage(const Invocation& given, Streams& streams, const std::string& message) {
    print_problem({"usage", message, "sallyctl config show --effective FILE..., or --running"},
                  given.output, streams.err);
    return kExitUsage;
}

int show_running(const Invocation& given, Streams& streams) {
    const auto reply = ask_daemon(given, streams, RouteId::Config);
    if (!reply) return reply.error();
    streams.out << reply->at("yaml").get<std::string>();
    return kExitOk;
}

int run(const Invocation& given, Streams& streams) {
    const bool running = given.has("running");
    if (running && !given.arguments.empty())
        return usage(given, streams, "files are given, and --running");
    if (running) return show_running(given, streams);
    if (given.arguments.empty()) return usage(given, streams, "a file is missing");
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
    .arguments = "FILE... | --running",
    .help = "A configuration in its canonical form; only --running asks the daemon.",
    .details =
        "Without --effective, rules of Istio and Gateway API objects are left out, so that\n"
        "the output and the objects make the same configuration as before.",
    .outputs = kOutputs,
    .add_options = add_options,
    .run = run,
};
}  // namespace command

}  // namespace sallyport::ctl

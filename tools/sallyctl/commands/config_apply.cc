// SPDX-License-Identifier: Apache-2.0
// Puts a configuration into force in a running daemon.
#include <ostream>

#include "config/units.h"
#include "tools/sallyctl/daemon.h"

namespace sallyport::ctl {
namespace {

namespace po = boost::program_options;

constexpr Output kOutputs[] = {Output::AsTable, Output::AsJson};

void add_options(po::options_description& options) {
    auto add = options.add_options();
    add("sessions", po::value<std::string>()->value_name("keep|recheck"),
        "what becomes of sessions that it no longer allows (default: its policy.on_reload)");
    add("confirm-within", po::value<std::string>()->value_name("TIME"),
        "on trial: without sallyctl config confirm within this time (2m, 90s) the configuration "
        "before it comes back by itself");
}

// Nullopt: it is no time that can be used, and that was printed.
std::optional<std::uint64_t> confirm_seconds(const std::string& text, const Invocation& given,
                                             Streams& streams) {
    const auto time = cfg::parse_duration(text);
    if (time && *time >= std::chrono::seconds(1) && *time <= std::chrono::hours(24))
        return static_cast<std::uint64_t>(
            std::chrono::duration_cast<std::chrono::seconds>(*time).count());
    print_problem({"bad_time", "--confirm-within " + text + " is no time from 1s to 24h",
                   "write it as 90s, 2m or 1h"},
                  given.output, streams.err);
    return std::nullopt;
}

int run(const Invocation& given, Streams& streams) {
    Json body{{"paths", absolute_paths(given.arguments)}};
    if (given.has("sessions")) body["sessions"] = given.get<std::string>("sessions");
    if (given.has("confirm-within")) {
        const auto seconds =
            confirm_seconds(given.get<std::string>("confirm-within"), given, streams);
        if (!seconds) return kExitUsage;
        body["confirm_within_seconds"] = *seconds;
    }
    const auto reply = ask_daemon(given, streams, RouteId::ConfigApply, {}, body);
    return reply ? print_change(given, streams, *reply) : reply.error();
}

}  // namespace

namespace command {
const Command config_apply{
    .words = "config apply",
    .arguments = "PATH...",
    .help = "Put a configuration into force, all or nothing.",
    .details = "The daemon reads the files itself; a directory stands for its *.yaml. A key that\n"
               "takes effect only at a start is refused, and nothing is changed then.",
    .asks_daemon = true,
    .outputs = kOutputs,
    .add_options = add_options,
    .run = run,
};
}  // namespace command

}  // namespace sallyport::ctl

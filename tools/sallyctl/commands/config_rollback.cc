// SPDX-License-Identifier: Apache-2.0
// Puts an earlier configuration into force again.
#include <charconv>

#include "tools/sallyctl/daemon.h"

namespace sallyport::ctl {
namespace {

constexpr Output kOutputs[] = {Output::AsTable, Output::AsJson};

int wrong_number(const Invocation& given, Streams& streams) {
    print_problem({"bad_number", "config rollback takes one number of sallyctl config history",
                   "without a number it is the configuration before the present one"},
                  given.output, streams.err);
    return kExitUsage;
}

int run(const Invocation& given, Streams& streams) {
    Json body = Json::object();
    if (given.arguments.size() > 1) return wrong_number(given, streams);
    for (const std::string& text : given.arguments) {
        std::uint64_t number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc{} || end != text.data() + text.size())
            return wrong_number(given, streams);
        body["number"] = number;
    }
    const auto reply = ask_daemon(given, streams, RouteId::ConfigRollback, {}, body);
    return reply ? print_change(given, streams, *reply) : reply.error();
}

}  // namespace

namespace command {
const Command config_rollback{
    .words = "config rollback",
    .arguments = "[NUMBER]",
    .help = "Put an earlier configuration into force again.",
    .details = "Without NUMBER: the one before the present; on trial, this ends the trial. The files\n"
               "are left as they are, so the next start or reload reads them again.",
    .asks_daemon = true,
    .outputs = kOutputs,
    .run = run,
};
}  // namespace command

}  // namespace sallyport::ctl

// SPDX-License-Identifier: Apache-2.0
// What a configuration would change, and which live sessions it would no longer allow.
#include <ostream>

#include "tools/sallyctl/daemon.h"

namespace sallyport::ctl {
namespace {

constexpr Output kOutputs[] = {Output::AsTable, Output::AsJson};

std::string impact_text(const Json& reply) {
    const auto sessions = reply.value("sessions", 0UL);
    const auto no_longer = reply.value("sessions_no_longer_allowed", 0UL);
    std::string out = std::to_string(no_longer) + " of " + std::to_string(sessions) +
                      " live sessions would no longer be allowed\n";
    const Json by_rule = reply.value("by_rule", Json::object());
    for (const auto& [rule, count] : by_rule.items())
        out += "  " + count.dump() + " of rule " + rule + '\n';
    return out;
}

int run(const Invocation& given, Streams& streams) {
    const Json body{{"paths", absolute_paths(given.arguments)}};
    const auto reply = ask_daemon(given, streams, RouteId::ConfigDiff, {}, body);
    if (!reply) return reply.error();
    const Json differences = reply->value("differences", Json::array());
    if (given.output == Output::AsJson) {
        streams.out << reply->dump(2) << '\n';
    } else {
        print_findings(*reply, streams);
        streams.out << (differences.empty() ? "no differences\n" : differences_text(differences))
                    << impact_text(*reply);
    }
    return differences.empty() ? kExitOk : kExitNo;
}

}  // namespace

namespace command {
const Command config_diff{
    .words = "config diff",
    .arguments = "PATH...",
    .help = "What a configuration would change in the running daemon.",
    .details = "Exit code 0: nothing; 1: something. Sessions are counted by what the policy says of\n"
               "their source, name, port and protocol.",
    .asks_daemon = true,
    .outputs = kOutputs,
    .run = run,
};
}  // namespace command

}  // namespace sallyport::ctl

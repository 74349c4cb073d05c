// SPDX-License-Identifier: Apache-2.0
// The good configurations that the daemon keeps.
#include <ostream>

#include "tools/sallyctl/daemon.h"
#include "tools/sallyctl/table.h"

namespace sallyport::ctl {
namespace {

constexpr Output kOutputs[] = {Output::AsTable, Output::AsJson};

int run(const Invocation& given, Streams& streams) {
    const auto reply = ask_daemon(given, streams, RouteId::ConfigHistory);
    if (!reply) return reply.error();
    if (given.output == Output::AsJson)
        streams.out << reply->dump(2) << '\n';
    else
        streams.out << to_table(route(RouteId::ConfigHistory), *reply, true);
    return kExitOk;
}

}  // namespace

namespace command {
const Command config_history{
    .words = "config history",
    .arguments = "",
    .help = "The last good configurations, newest first.",
    .details = "",
    .asks_daemon = true,
    .outputs = kOutputs,
    .run = run,
};
}  // namespace command

}  // namespace sallyport::ctl

// SPDX-License-Identifier: Apache-2.0
// Ends the trial of a configuration: it stays.
#include <ostream>

#include "tools/sallyctl/daemon.h"

namespace sallyport::ctl {
namespace {

constexpr Output kOutputs[] = {Output::AsTable, Output::AsJson};

int run(const Invocation& given, Streams& streams) {
    const auto reply = ask_daemon(given, streams, RouteId::ConfigConfirm);
    if (!reply) return reply.error();
    if (given.output == Output::AsTable)
        streams.out << "confirmed: generation " << reply->value("generation", 0UL) << '\n';
    if (given.output == Output::AsTable && reply->value("degraded", Json::array()).empty())
        return kExitOk;
    return print_change(given, streams, *reply);
}

}  // namespace

namespace command {
const Command config_confirm{
    .words = "config confirm",
    .arguments = "",
    .help = "Keep the configuration that is on trial.",
    .details = "",
    .asks_daemon = true,
    .outputs = kOutputs,
    .run = run,
};
}  // namespace command

}  // namespace sallyport::ctl

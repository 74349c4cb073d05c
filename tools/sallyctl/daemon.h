// SPDX-License-Identifier: Apache-2.0
// A question of a command to the daemon, with the errors and exit codes that all commands share.
#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "control/route_table.h"
#include "tcpstack/base/result.h"
#include "tools/sallyctl/command.h"

namespace sallyport::ctl {

using Json = nlohmann::ordered_json;

// The reply's object. On an error everything is printed, findings as a check of the file would show
// them, and the exit code is given back. `query` begins with "?", or is empty. A null `body`: none.
Result<Json, int> ask_daemon(const Invocation& given, Streams& streams, RouteId route,
                             const std::string& query = {}, const Json& body = {});

// The same path from any working directory: the daemon has another one.
std::vector<std::string> absolute_paths(const std::vector<std::string>& paths);

// Warnings of a reply, to where errors go.
void print_findings(const Json& reply, Streams& streams);
// "changed  tcp.hello_timeout: 5s -> 3s", one line each.
std::string differences_text(const Json& differences);
// What a change of the configuration answered; the exit code.
int print_change(const Invocation& given, Streams& streams, const Json& reply);

}  // namespace sallyport::ctl

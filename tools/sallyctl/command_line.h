// SPDX-License-Identifier: Apache-2.0
// The grammar of sallyctl: [-s PATH] [-o FORM] WORDS [OPTIONS] [ARGUMENTS]. A command is a route of
// the daemon or a Command; its own options stand behind its words.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "control/route_table.h"
#include "tcpstack/base/result.h"
#include "tools/sallyctl/command.h"

namespace sallyport::ctl {

struct CommandLine {
    std::string text;  // not empty: print it and be done
    const Command* command = nullptr;
    const Route* route = nullptr;  // when `command` is null
    std::string target;            // of the route: path and query
    Invocation given;
};

// The error is one sentence for standard error.
Result<CommandLine, std::string> parse_command_line(int argc, const char* const* argv);

// The words of all commands and routes.
std::vector<std::string_view> all_words();

// Options that every command takes.
boost::program_options::options_description common_options();
// Those of one route.
boost::program_options::options_description options_of(const Route& route);
boost::program_options::options_description options_of(const Command& command);
std::span<const Output> outputs_of(const Route& route);

}  // namespace sallyport::ctl

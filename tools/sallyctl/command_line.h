// SPDX-License-Identifier: Apache-2.0
// The grammar of sallyctl and its help, both made from the route table.
#pragma once
#include <cstdint>
#include <string>

#include "control/route_table.h"
#include "tcpstack/base/result.h"

namespace sallyport::ctl {

enum class Output : std::uint8_t { AsTable, AsJson };

struct CommandLine {
    const Route* route = nullptr;  // nullptr: print `text` and be done
    std::string text;
    std::string socket;
    std::string target;  // path and query
    Output output = Output::AsTable;
    bool all = false;
};

// The error is one sentence for standard error.
Result<CommandLine, std::string> parse_command_line(int argc, const char* const* argv);

}  // namespace sallyport::ctl

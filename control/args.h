// SPDX-License-Identifier: Apache-2.0
// The command line of the daemon.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tcpstack/base/result.h"

namespace sallyport::ctl {

// Exit codes of sallyport; documented by --help.
inline constexpr int kExitOk = 0;
inline constexpr int kExitStartFailed = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitConfigInvalid = 5;

enum class Mode : std::uint8_t { Run, Check, Help, HelpConfig, Version };

struct Args {
    Mode mode = Mode::Run;
    // Of --config or --check: files or directories.
    std::vector<std::string> config{"/etc/sallyport/sallyport.yaml"};
    std::optional<std::string> last_good;  // control.state, where the last good ones are kept
};

// The error is one sentence for standard error.
Result<Args, std::string> parse_args(int argc, const char* const* argv);

std::string help_text();

}  // namespace sallyport::ctl

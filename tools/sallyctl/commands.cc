// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <nlohmann/json.hpp>
#include <ostream>

#include "tools/sallyctl/command.h"

namespace sallyport::ctl {

std::string_view text(Output output) {
    switch (output) {
        case Output::AsTable: return "table";
        case Output::AsJson: return "json";
        case Output::AsNdjson: return "ndjson";
        case Output::AsYaml: return "yaml";
        case Output::AsGithub: return "github";
        case Output::AsIstio: return "istio";
    }
    __builtin_unreachable();
}

std::span<const Command* const> commands() {
    static const std::array kCommands{
#define SP_COMMAND(name) &command::name,
#include "tools/sallyctl/commands.def"
#undef SP_COMMAND
    };
    return kCommands;
}

void print_problem(const Problem& problem, Output output, std::ostream& err) {
    if (output == Output::AsJson || output == Output::AsNdjson) {
        const nlohmann::ordered_json object{
            {"code", problem.code}, {"message", problem.message}, {"hint", problem.hint}};
        err << object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
        return;
    }
    err << "sallyctl: " << problem.message << '\n';
    if (!problem.hint.empty()) err << "  " << problem.hint << '\n';
}

}  // namespace sallyport::ctl

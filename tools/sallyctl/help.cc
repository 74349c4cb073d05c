// SPDX-License-Identifier: Apache-2.0
#include "tools/sallyctl/help.h"

#include <algorithm>
#include <sstream>

#include "tools/sallyctl/command_line.h"

namespace sallyport::ctl {
namespace {

constexpr std::string_view kExitCodes =
    "Exit codes: 0 done; 1 the answer is no (denied, different, or the daemon refused); 2 wrong\n"
    "usage; 3 the daemon cannot be reached; 5 a configuration or another input has errors; 6 done,\n"
    "but something beside it failed.\n";

void list_command(std::ostream& out, std::string_view words, std::string_view help) {
    constexpr std::size_t kWidth = 26;
    out << "  " << words << std::string(kWidth - std::min(kWidth - 1, words.size()), ' ') << help
        << '\n';
}

void list_commands(std::ostream& out, bool asks_daemon) {
    for (const Command* c : commands())
        if (c->asks_daemon == asks_daemon) list_command(out, c->words, c->help);
}

template <class Options>
void print_options(std::ostream& out, const Options& options) {
    if (!options.options().empty()) out << '\n' << options;
}

}  // namespace

std::string joined(std::span<const Output> outputs) {
    std::string out;
    for (const Output o : outputs) out += (out.empty() ? "" : "|") + std::string(text(o));
    return out;
}

std::string help_overview() {
    std::ostringstream out;
    out << "Usage: sallyctl [-s PATH] [-o FORM] COMMAND [OPTIONS] [ARGUMENTS]\n\n"
           "Commands that ask a running sallyport daemon:\n";
    for (const Route& r : routes())
        if (!r.command.empty()) list_command(out, r.command, r.help);
    list_commands(out, true);
    out << "\nCommands that need no daemon:\n";
    list_commands(out, false);
    list_command(out, "help [COMMAND]", "This, or what a command takes and answers.");
    out << '\n' << common_options() << '\n' << kExitCodes;
    return out.str();
}

std::string help_of(const Route& r) {
    std::ostringstream out;
    out << "sallyctl " << r.command << ": " << r.help << '\n'
        << "The same as " << r.method << ' ' << r.path << "; role " << text(r.role) << ".\n"
        << "-o " << joined(outputs_of(r)) << '\n';
    print_options(out, options_of(r));
    out << "\nThe answer with -o json"
        << (r.rows.empty() ? ":" : ", each of \"" + std::string(r.rows) + "\":") << '\n';
    std::size_t width = 0;
    for (const ReplyField& f : r.reply) width = std::max(width, f.key.size());
    for (const ReplyField& f : r.reply)
        out << "  " << f.key << std::string(width + 2 - f.key.size(), ' ') << f.help << '\n';
    return out.str();
}

std::string help_of(const Command& c) {
    std::ostringstream out;
    out << "Usage: sallyctl " << c.words << (options_of(c).options().empty() ? "" : " [OPTIONS]")
        << (c.arguments.empty() ? "" : " ") << c.arguments << "\n\n"
        << c.help << '\n';
    if (!c.details.empty()) out << '\n' << c.details;
    if (!c.outputs.empty())
        out << "\n-o " << joined(c.outputs) << " (default: " << text(c.outputs.front()) << ")\n";
    print_options(out, options_of(c));
    out << '\n' << kExitCodes;
    return out.str();
}

}  // namespace sallyport::ctl

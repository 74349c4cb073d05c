// SPDX-License-Identifier: Apache-2.0
#include "tools/sallyctl/command_line.h"

#include <algorithm>
#include <boost/program_options.hpp>
#include <sstream>
#include <vector>

#include "config/model.h"
#include "config/spelling.h"
#include "control/version.h"

namespace sallyport::ctl {
namespace {

namespace po = boost::program_options;
using Error = std::unexpected<std::string>;

po::options_description visible_options() {
    po::options_description all("Options");
    auto add = all.add_options();
    add("socket,s", po::value<std::string>()->value_name("PATH"),
        "control socket of the daemon (default: /run/sallyport/control.sock)");
    add("output,o", po::value<std::string>()->value_name("table|json"),
        "how to print the answer (default: table)");
    add("all", "counters that are zero, too");
    add("help", "print this help");
    add("version", "print the version");
    for (const Route& route : routes()) {
        for (const Parameter& p : route.parameters) {
            const std::string help = std::string(route.command) + ": " + std::string(p.help);
            add(std::string(p.name).c_str(), po::value<std::uint32_t>()->value_name("N"),
                help.c_str());
        }
    }
    return all;
}

std::string overview() {
    std::ostringstream out;
    out << "Usage: sallyctl [OPTIONS] COMMAND\n\nAsks a running sallyport daemon.\n\nCommands:\n";
    for (const Route& r : routes()) {
        out << "  " << r.command
            << std::string(12 - std::min<std::size_t>(11, r.command.size()), ' ') << r.help << '\n';
    }
    out << "  help        This, or with a command: what its answer holds.\n\n"
        << visible_options()
        << "\nExit codes: 0 answered; 1 the daemon refused; 2 wrong usage; 3 the daemon cannot be\n"
           "reached.\n";
    return out.str();
}

std::string help_of(const Route& r) {
    std::ostringstream out;
    out << "sallyctl " << r.command << ": " << r.help << '\n'
        << "The same as " << r.method << ' ' << r.path << "; role " << text(r.role) << ".\n";
    for (const Parameter& p : r.parameters)
        out << "  --" << p.name << " N  " << p.help << " " << p.least << " to " << p.most
            << ", default " << p.otherwise << ".\n";
    out << "\nThe answer with -o json"
        << (r.rows.empty() ? ":" : ", each of \"" + std::string(r.rows) + "\":") << '\n';
    std::size_t width = 0;
    for (const ReplyField& f : r.reply) width = std::max(width, f.key.size());
    for (const ReplyField& f : r.reply)
        out << "  " << f.key << std::string(width + 2 - f.key.size(), ' ') << f.help << '\n';
    return out.str();
}

std::string unknown_command(std::string_view word) {
    std::vector<std::string_view> known{"help"};
    for (const Route& r : routes()) known.push_back(r.command);
    const std::string_view guess = cfg::nearest(word, known);
    const std::string hint =
        guess.empty() ? "see sallyctl help" : "did you mean " + std::string(guess) + "?";
    return "there is no command " + std::string(word) + "; " + hint;
}

Result<CommandLine, std::string> help(const std::vector<std::string>& words) {
    CommandLine line;
    if (words.size() > 2) return Error("help takes one command");
    if (words.size() < 2) {
        line.text = overview();
        return line;
    }
    const Route* route = find_command(words[1]);
    if (route == nullptr) return Error(unknown_command(words[1]));
    line.text = help_of(*route);
    return line;
}

// The query string of the options that were given; an option of another command is an error.
Result<std::string, std::string> query_of(const Route& chosen, const po::variables_map& given) {
    std::string query;
    for (const Route& route : routes()) {
        for (const Parameter& p : route.parameters) {
            const std::string name(p.name);
            if (given.count(name) == 0) continue;
            const bool takes = std::ranges::any_of(
                chosen.parameters, [&](const Parameter& own) { return own.name == p.name; });
            if (!takes) return Error(std::string(chosen.command) + " takes no --" + name);
            const auto value = given[name].as<std::uint32_t>();
            if (value < p.least || value > p.most)
                return Error("--" + name + " is a number from " + std::to_string(p.least) + " to " +
                             std::to_string(p.most));
            query += (query.empty() ? "?" : "&") + name + "=" + std::to_string(value);
        }
    }
    return query;
}

Result<CommandLine, std::string> interpret(const po::variables_map& given) {
    CommandLine line;
    if (given.count("version") != 0) {
        line.text = "sallyctl " + std::string(version()) + "\n";
        return line;
    }
    const auto words = given.count("words") != 0 ? given["words"].as<std::vector<std::string>>()
                                                 : std::vector<std::string>{};
    if (given.count("help") != 0 && !words.empty() && words[0] != "help")
        return help({"help", words[0]});
    if (given.count("help") != 0 || (!words.empty() && words[0] == "help")) return help(words);
    if (words.empty()) return Error("a command is missing; see sallyctl help");
    line.route = find_command(words[0]);
    if (line.route == nullptr) return Error(unknown_command(words[0]));
    if (words.size() > 1) return Error(words[0] + " takes no argument");
    const auto output = given.count("output") != 0 ? given["output"].as<std::string>() : "table";
    if (output != "table" && output != "json") return Error("-o is table or json");
    if (given.count("all") != 0 && line.route->id != RouteId::Counters)
        return Error(words[0] + " takes no --all");
    auto query = query_of(*line.route, given);
    if (!query) return Error(query.error());
    line.output = output == "json" ? Output::AsJson : Output::AsTable;
    line.all = given.count("all") != 0;
    line.socket =
        given.count("socket") != 0 ? given["socket"].as<std::string>() : cfg::Control{}.socket;
    line.target = std::string(line.route->path) + *query;
    return line;
}

}  // namespace

Result<CommandLine, std::string> parse_command_line(int argc, const char* const* argv) {
    try {
        namespace style = po::command_line_style;
        po::options_description all = visible_options();
        all.add_options()("words", po::value<std::vector<std::string>>());
        po::positional_options_description positional;
        positional.add("words", -1);
        const auto parsed = po::command_line_parser(argc, argv)
                                .options(all)
                                .positional(positional)
                                .style(style::unix_style & ~style::allow_guessing)
                                .run();
        po::variables_map given;
        po::store(parsed, given);
        return interpret(given);
    } catch (const po::error& e) {
        return Error(e.what());
    }
}

}  // namespace sallyport::ctl

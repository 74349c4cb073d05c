// SPDX-License-Identifier: Apache-2.0
#include "tools/sallyctl/command_line.h"

#include <algorithm>

#include "config/model.h"
#include "config/spelling.h"
#include "control/version.h"
#include "tools/sallyctl/help.h"

namespace sallyport::ctl {
namespace {

namespace po = boost::program_options;
using Error = std::unexpected<std::string>;
using Words = std::vector<std::string>;
constexpr Output kRouteOutputs[] = {Output::AsTable, Output::AsJson};

// A command by its words; `length` counts them.
struct Found {
    const Command* command = nullptr;
    const Route* route = nullptr;
    std::size_t length = 0;
};

// How many of `words` the command's words are; 0: it is another command.
std::size_t length_of(std::string_view command, std::span<const std::string> words) {
    std::size_t count = 0;
    while (true) {
        const std::string_view first = command.substr(0, command.find(' '));
        if (count == words.size() || words[count] != first) return 0;
        ++count;
        if (first.size() == command.size()) return count;
        command.remove_prefix(first.size() + 1);
    }
}

Found find(std::span<const std::string> words) {
    Found best;
    for (const Route& r : routes())
        if (const std::size_t n = length_of(r.command, words); n > best.length)
            best = {nullptr, &r, n};
    for (const Command* c : commands())
        if (const std::size_t n = length_of(c->words, words); n > best.length)
            best = {c, nullptr, n};
    return best;
}

std::string unknown_command(std::span<const std::string> words) {
    const std::string group = words[0] + ' ';
    std::string members;
    for (const std::string_view known : all_words())
        if (known.starts_with(group)) members += (members.empty() ? "" : ", ") + std::string(known);
    std::string typed = words[0];
    if (!members.empty() && words.size() > 1) typed += ' ' + words[1];
    const std::string_view guess = cfg::nearest(typed, all_words());
    std::string hint = "see sallyctl help";
    if (!members.empty()) hint = "there are " + members;
    if (!guess.empty()) hint = "did you mean " + std::string(guess) + "?";
    return "there is no command " + typed + "; " + hint;
}

Result<CommandLine, std::string> help(std::span<const std::string> words) {
    CommandLine line;
    if (words.empty()) {
        line.text = help_overview();
        return line;
    }
    const Found found = find(words);
    if (found.length == 0) return Error(unknown_command(words));
    if (found.length < words.size()) return Error("help takes one command");
    line.text = found.route != nullptr ? help_of(*found.route) : help_of(*found.command);
    return line;
}

// The query string of the options that were given.
Result<std::string, std::string> query_of(const Route& route, const Invocation& given) {
    std::string query;
    for (const Parameter& p : route.parameters) {
        const std::string name(p.name);
        if (!given.has(name.c_str())) continue;
        const auto value = given.get<std::uint32_t>(name.c_str());
        if (value < p.least || value > p.most)
            return Error("--" + name + " is a number from " + std::to_string(p.least) + " to " +
                         std::to_string(p.most));
        query += (query.empty() ? "?" : "&") + name + "=" + std::to_string(value);
    }
    return query;
}

Result<Output, std::string> output_of(std::string_view words, std::span<const Output> outputs,
                                      const Invocation& given) {
    if (!given.has("output")) return outputs.empty() ? Output::AsTable : outputs.front();
    if (outputs.empty()) return Error(std::string(words) + " takes no -o");
    const auto wanted = given.get<std::string>("output");
    const auto at = std::ranges::find(outputs, wanted, [](Output o) { return text(o); });
    if (at == outputs.end())
        return Error(std::string(words) + " -o is one of " + joined(outputs));
    return *at;
}

po::variables_map parse(const Words& words, const po::options_description& own) {
    namespace style = po::command_line_style;
    po::options_description all;
    all.add(common_options()).add(own);
    all.add_options()("arguments", po::value<Words>());
    po::positional_options_description positional;
    positional.add("arguments", -1);
    po::variables_map out;
    po::store(po::command_line_parser(words)
                  .options(all)
                  .positional(positional)
                  .style(style::unix_style & ~style::allow_guessing)
                  .run(),
              out);
    return out;
}

// Options that stand before the words: only those that every command takes.
std::size_t count_leading_options(const Words& words) {
    std::size_t at = 0;
    while (at < words.size() && words[at].size() > 1 && words[at][0] == '-') {
        const std::string& w = words[at];
        at += w == "-s" || w == "-o" || w == "--socket" || w == "--output" ? 2U : 1U;
    }
    return std::min(at, words.size());
}

Result<CommandLine, std::string> interpret(CommandLine line, const Found& found) {
    Invocation& given = line.given;
    const std::string words(found.route != nullptr ? found.route->command : found.command->words);
    given.arguments = given.get<Words>("arguments");
    given.socket = given.get<std::string>("socket", cfg::Control{}.socket);
    if ((found.route != nullptr || found.command->arguments.empty()) && !given.arguments.empty())
        return Error(words + " takes no argument");
    const auto output = output_of(
        words, found.route != nullptr ? outputs_of(*found.route) : found.command->outputs, given);
    if (!output) return Error(output.error());
    given.output = *output;
    line.command = found.command;
    line.route = found.route;
    if (found.route == nullptr) return line;
    auto query = query_of(*found.route, given);
    if (!query) return Error(query.error());
    line.target = std::string(found.route->path) + *query;
    return line;
}

Result<CommandLine, std::string> parse_words(const Words& all) {
    const std::size_t leading = count_leading_options(all);
    const std::span<const std::string> words = std::span(all).subspan(leading);
    const bool asks_help = !words.empty() && words[0] == "help";
    const Found found = asks_help || words.empty() ? Found{} : find(words);
    if (!asks_help && !words.empty() && found.length == 0) return Error(unknown_command(words));
    Words rest = all;
    const auto first = rest.begin() + static_cast<std::ptrdiff_t>(leading);
    rest.erase(first, first + static_cast<std::ptrdiff_t>(asks_help ? 1 : found.length));
    CommandLine line;
    line.given.options = parse(rest, found.route != nullptr     ? options_of(*found.route)
                                     : found.command != nullptr ? options_of(*found.command)
                                                                : po::options_description());
    if (line.given.has("version")) {
        line.text = "sallyctl " + std::string(version()) + "\n";
        return line;
    }
    if (asks_help) return help(line.given.get<Words>("arguments"));
    if (line.given.has("help")) return help(words.first(found.length));
    if (words.empty()) return Error("a command is missing; see sallyctl help");
    return interpret(std::move(line), found);
}

}  // namespace

std::vector<std::string_view> all_words() {
    std::vector<std::string_view> known{"help"};
    for (const Route& r : routes())
        if (!r.command.empty()) known.push_back(r.command);
    for (const Command* c : commands()) known.push_back(c->words);
    return known;
}

po::options_description common_options() {
    po::options_description all("Options of every command");
    auto add = all.add_options();
    add("socket,s", po::value<std::string>()->value_name("PATH"),
        "control socket of the daemon (default: /run/sallyport/control.sock)");
    add("output,o", po::value<std::string>()->value_name("FORM"),
        "how to print the answer; help COMMAND says which forms it has");
    add("help", "print help");
    add("version", "print the version");
    return all;
}

po::options_description options_of(const Route& route) {
    po::options_description own("Options");
    if (route.id == RouteId::Counters) own.add_options()("all", "counters that are zero, too");
    for (const Parameter& p : route.parameters) {
        const std::string help = std::string(p.help) + " " + std::to_string(p.least) + " to " +
                                 std::to_string(p.most) + ", default " +
                                 std::to_string(p.otherwise) + ".";
        own.add_options()(std::string(p.name).c_str(),
                          po::value<std::uint32_t>()->value_name("N"), help.c_str());
    }
    return own;
}

po::options_description options_of(const Command& command) {
    po::options_description own("Options");
    if (command.add_options != nullptr) command.add_options(own);
    return own;
}

std::span<const Output> outputs_of(const Route&) { return kRouteOutputs; }

Result<CommandLine, std::string> parse_command_line(int argc, const char* const* argv) {
    try {
        return parse_words(Words(argv + std::min(argc, 1), argv + argc));
    } catch (const po::error& e) {
        return Error(e.what());
    }
}

}  // namespace sallyport::ctl

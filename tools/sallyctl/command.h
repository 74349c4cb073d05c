// SPDX-License-Identifier: Apache-2.0
// A command of sallyctl that is more than one question to the daemon. Each is one file in
// commands/, which defines one Command; commands.def lists them all. Parsing, help, -o and exit
// codes are the same for all, so a command says only what is its own.
#pragma once
#include <boost/program_options.hpp>
#include <cstdint>
#include <iosfwd>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::ctl {

// The forms of -o. Which a command has, and which is its default, stands in the command.
enum class Output : std::uint8_t { AsTable, AsJson, AsNdjson, AsYaml, AsGithub, AsIstio };
std::string_view text(Output output);

// Documented for scripts (sallyctl help); numbers are never given another meaning.
inline constexpr int kExitOk = 0;
inline constexpr int kExitNo = 1;           // the answer is no: denied, different, refused
inline constexpr int kExitUsage = 2;        // the command line makes no sense
inline constexpr int kExitUnreachable = 3;  // the daemon cannot be asked
inline constexpr int kExitInvalid = 5;      // a configuration or another input has errors
inline constexpr int kExitDegraded = 6;     // done, but something beside it failed

// What was asked, after parsing.
struct Invocation {
    boost::program_options::variables_map options;
    std::vector<std::string> arguments;
    Output output = Output::AsTable;
    std::string socket;

    bool has(const char* option) const { return options.count(option) != 0; }
    template <class T>
    T get(const char* option, T otherwise = {}) const {
        return has(option) ? options[option].as<T>() : otherwise;
    }
};

// Where a command reads and writes: answers to `out`, everything else to `err`.
struct Streams {
    std::istream& in;
    std::ostream& out;
    std::ostream& err;
};

struct Command {
    std::string_view words;      // one or more: "config check"
    std::string_view arguments;  // as the usage shows them: "FILE..."; empty: it takes none
    std::string_view help;       // one line for the list of commands
    std::string_view details;    // what more there is to know; may be empty
    bool asks_daemon = false;
    std::span<const Output> outputs = {};  // of -o, the default first; empty: no -o
    void (*add_options)(boost::program_options::options_description&) = nullptr;
    int (*run)(const Invocation&, Streams&) = nullptr;  // the exit code
};

namespace command {
#define SP_COMMAND(name) extern const Command name;
#include "tools/sallyctl/commands.def"
#undef SP_COMMAND
}  // namespace command

std::span<const Command* const> commands();

// Prints an error the way -o asks for: as text, or as JSON {"code", "message", "hint"}.
struct Problem {
    std::string code;  // snake_case and stable
    std::string message, hint;
};
void print_problem(const Problem& problem, Output output, std::ostream& err);

}  // namespace sallyport::ctl

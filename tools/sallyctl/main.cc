// SPDX-License-Identifier: Apache-2.0
// Answers go to standard output, everything else to standard error. With -o json errors are JSON,
// too: {"code", "message", "hint"}.
#include <iostream>
#include <string>

#include "tools/sallyctl/client.h"
#include "tools/sallyctl/command_line.h"
#include "tools/sallyctl/table.h"

namespace sallyport::ctl {
namespace {

constexpr int kExitOk = 0;
constexpr int kExitRefused = 1;
constexpr int kExitUsage = 2;
constexpr int kExitUnreachable = 3;

std::string text_at(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

void print_error(Output output, const Json& error) {
    if (output == Output::AsJson) {
        std::cerr << error.dump() << '\n';
        return;
    }
    const std::string message = text_at(error, "message");
    const std::string hint = text_at(error, "hint");
    std::cerr << "sallyctl: " << (message.empty() ? "the daemon gave no reason" : message) << '\n';
    if (!hint.empty()) std::cerr << "  " << hint << '\n';
}

int print_reply(const CommandLine& line, const HttpReply& reply) {
    const Json body = Json::parse(reply.body, nullptr, false);
    const bool usable = body.is_object();
    if (reply.status != 200 || !usable) {
        print_error(line.output, usable ? body
                                        : Json{{"code", "bad_reply"},
                                               {"message", "the daemon's answer is no JSON object"},
                                               {"hint", "is this the socket of a sallyport?"}});
        return kExitRefused;
    }
    if (line.output == Output::AsJson)
        std::cout << body.dump(2) << '\n';
    else
        std::cout << to_table(*line.route, body, line.all);
    return std::cout.flush() ? kExitOk : kExitRefused;
}

int run(const CommandLine& line) {
    if (line.route == nullptr) {
        std::cout << line.text;
        return kExitOk;
    }
    const auto reply = ask(line.socket, line.target);
    if (reply) return print_reply(line, *reply);
    print_error(line.output, Json{{"code", "unreachable"},
                                  {"message", reply.error().what},
                                  {"hint", reply.error().remedy}});
    return kExitUnreachable;
}

}  // namespace
}  // namespace sallyport::ctl

int main(int argc, char** argv) {
    using namespace sallyport::ctl;
    const auto line = parse_command_line(argc, argv);
    if (line) return run(*line);
    std::cerr << "sallyctl: " << line.error() << '\n';
    return kExitUsage;
}

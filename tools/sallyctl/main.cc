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

std::string text_at(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

int print_refusal(const CommandLine& line, const Json& body) {
    Problem problem{"bad_reply", "the daemon's answer is no JSON object",
                    "is this the socket of a sallyport?"};
    if (body.is_object()) {
        const std::string message = text_at(body, "message");
        problem = {text_at(body, "code"), message.empty() ? "the daemon gave no reason" : message,
                   text_at(body, "hint")};
    }
    print_problem(problem, line.given.output, std::cerr);
    return kExitNo;
}

int print_reply(const CommandLine& line, const HttpReply& reply) {
    const Json body = Json::parse(reply.body, nullptr, false);
    if (reply.status != 200 || !body.is_object()) return print_refusal(line, body);
    if (line.given.output == Output::AsJson)
        std::cout << body.dump(2) << '\n';
    else
        std::cout << to_table(*line.route, body, line.given.has("all"));
    return std::cout.flush() ? kExitOk : kExitNo;
}

int ask_route(const CommandLine& line) {
    const auto reply = ask(line.given.socket, line.target);
    if (reply) return print_reply(line, *reply);
    print_problem({"unreachable", reply.error().what, reply.error().remedy}, line.given.output,
                  std::cerr);
    return kExitUnreachable;
}

int run(const CommandLine& line) {
    if (line.command != nullptr) {
        Streams streams{std::cin, std::cout, std::cerr};
        const int code = line.command->run(line.given, streams);
        return std::cout.flush() || code != kExitOk ? code : kExitNo;
    }
    if (line.route != nullptr) return ask_route(line);
    std::cout << line.text;
    return kExitOk;
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

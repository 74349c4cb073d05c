// SPDX-License-Identifier: Apache-2.0
// Would a client be let through, and which rule says so?
#include <ostream>

#include "control/explain_question.h"
#include "control/explanation.h"
#include "control/registrable.h"
#include "dataplane/policy/terms.h"
#include "tools/sallyctl/command.h"
#include "tools/sallyctl/config_options.h"
#include "tools/sallyctl/daemon.h"

namespace sallyport::ctl {
namespace {

namespace po = boost::program_options;
using Text = std::string;
constexpr Output kOutputs[] = {Output::AsTable, Output::AsJson};
constexpr std::string_view kDetails =
    "The client at --source asks for a TLS server name (--sni), for an HTTP host (--host), or says\n"
    "no name; --address is where its packets go, which alone decides with layer-4 rules. What is\n"
    "printed is the verdict of the look-up that the workers use, the rule with its place, how it\n"
    "matched, the nearest rule of a denial, and what the session would get.\n"
    "\n"
    "Without --config the daemon explains, by what is in force and what its resolver knows. Nothing\n"
    "is resolved for this: the binding of the name to an address is not_checked, unless the daemon or\n"
    "--answers has the name and --address is given. Whether the source belongs to an inside network and\n"
    "whether there is a route are not asked.\n"
    "\n"
    "Exit code 0: allowed (or audited only); 1: denied.\n";

void add_options(po::options_description& out) {
    auto add = out.add_options();
    add("source", po::value<Text>()->value_name("IP"), "address of the client");
    add("sni", po::value<Text>()->value_name("NAME"), "server name of its ClientHello");
    add("host", po::value<Text>()->value_name("NAME"), "Host of its request");
    add("address", po::value<Text>()->value_name("IP"), "where its packets go");
    add("port", po::value<std::uint16_t>()->value_name("N"),
        "destination port (default: 443 with --sni, 80 with --host)");
    add("protocol", po::value<Text>()->value_name("tcp|udp|icmp"), "default: tcp");
    add_config_options(out);
}

std::optional<Text> text_of(const Invocation& given, const char* option) {
    return given.has(option) ? std::optional(given.get<Text>(option)) : std::nullopt;
}

QuestionText question_text(const Invocation& given) {
    QuestionText out{text_of(given, "source"), text_of(given, "sni"), text_of(given, "host"),
                     text_of(given, "address"), text_of(given, "protocol"), std::nullopt};
    if (given.has("port")) out.port = given.get<std::uint16_t>("port");
    return out;
}

int usage(const Invocation& given, Streams& streams, const std::string& message) {
    print_problem({"usage", message, "see sallyctl help explain"}, given.output, streams.err);
    return kExitUsage;
}

int print(const Invocation& given, Streams& streams, const nlohmann::ordered_json& explained) {
    streams.out << (given.output == Output::AsJson ? explained.dump(2) + "\n"
                                                   : explanation_text(explained));
    return explained.at("verdict") == "deny" ? kExitNo : kExitOk;
}

// A name may hold any octets here; the daemon normalises it.
std::string percent_encoded(std::string_view text) {
    static constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        const bool plain = (octet >= '0' && octet <= '9') || (octet >= 'a' && octet <= 'z') ||
                           (octet >= 'A' && octet <= 'Z') || c == '.' || c == '-' || c == '_';
        if (plain)
            out += c;
        else
            out.append({'%', kHex[octet >> 4], kHex[octet & 0xf]});
    }
    return out;
}

int ask(const Invocation& given, Streams& streams) {
    std::string query;
    for (const TextParameter& p : route(RouteId::Explain).texts) {
        const std::string name(p.name);
        if (!given.has(name.c_str())) continue;
        const std::string value = name == "port" ? std::to_string(given.get<std::uint16_t>("port"))
                                                 : given.get<Text>(name.c_str());
        query += (query.empty() ? "?" : "&") + name + '=' + percent_encoded(value);
    }
    const auto reply = ask_daemon(given, streams, RouteId::Explain, query);
    return reply ? print(given, streams, reply->at("explanation")) : reply.error();
}

int run(const Invocation& given, Streams& streams) {
    const auto question = question_of(question_text(given));
    if (!question) return usage(given, streams, question.error());
    if (!given.has("config")) return ask(given, streams);
    const auto policy = offline_policy(given, streams);
    if (!policy) return policy.error();
    const auto answers = offline_answers(given, streams);
    if (!answers) return answers.error();
    const auto known = *answers ? (*answers)->of(question->name) : std::span<const IpAddr>{};
    return print(given, streams,
                 explanation_json({.model = policy->model(),
                                   .generation = policy->generation(),
                                   .question = *question,
                                   .options = {.at = policy->at(),
                                               .registrable = registrable_domain},
                                   .addresses = known}));
}

}  // namespace

namespace command {
const Command explain{
    .words = "explain",
    .arguments = "",
    .help = "Would a client be let through, and which rule says so?",
    .details = kDetails,
    .outputs = kOutputs,
    .add_options = add_options,
    .run = run,
};
}  // namespace command

}  // namespace sallyport::ctl

// SPDX-License-Identifier: Apache-2.0
// Would a client be let through, and which rule says so?
#include <ostream>

#include "config/host_name.h"
#include "control/explanation.h"
#include "control/registrable.h"
#include "dataplane/policy/terms.h"
#include "tools/sallyctl/command.h"
#include "tools/sallyctl/config_options.h"

namespace sallyport::ctl {
namespace {

namespace po = boost::program_options;
using dp::policy::FlowProtocol;
using dp::policy::Question;
using Text = std::string;
constexpr Output kOutputs[] = {Output::AsTable, Output::AsJson};
constexpr std::string_view kDetails =
    "The client at --source asks for a TLS server name (--sni), for an HTTP host (--host), or says\n"
    "no name; --address is where its packets go, which alone decides with layer-4 rules. What is\n"
    "printed is the verdict of the look-up that the workers use, the rule with its place, how it\n"
    "matched, the nearest rule of a denial, and what the session would get.\n"
    "\n"
    "Nothing is resolved: the binding of the name to an address is not_checked, unless --answers\n"
    "has the name and --address is given. Whether the source belongs to an inside network and\n"
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

using Wrong = std::unexpected<std::string>;

Result<IpAddr, std::string> address_of(const Invocation& given, const char* option) {
    const auto text = given.get<Text>(option);
    if (const auto address = IpAddr::parse(text)) return *address;
    return Wrong("--" + std::string(option) + " '" + text + "' is no IP address");
}

Result<std::string, std::string> name_of(const Invocation& given, const char* option) {
    const auto text = given.get<Text>(option);
    const auto host = cfg::parse_host(text);
    if (!host) return Wrong("--" + std::string(option) + " '" + text + "' is no host name");
    if (host->wildcard) return Wrong("a client asks for one name, not for a wildcard");
    return host->name;
}

Result<FlowProtocol, std::string> flow_of(const Invocation& given) {
    const auto text = given.get<Text>("protocol", "tcp");
    if (text == "tcp") return FlowProtocol::Tcp;
    if (text == "udp") return FlowProtocol::Udp;
    if (text == "icmp") return FlowProtocol::Icmp;
    return Wrong("--protocol is tcp, udp or icmp");
}

Result<Port, std::string> port_of(const Invocation& given, const Question& q) {
    if (q.flow == FlowProtocol::Icmp) return Port{};
    if (given.has("port")) return Port{given.get<std::uint16_t>("port")};
    if (given.has("sni")) return Port{443};
    if (given.has("host")) return Port{80};
    return Wrong("--port is missing");
}

Result<Question, std::string> question_of(const Invocation& given) {
    Question q;
    const bool named = given.has("sni") || given.has("host");
    if (!given.has("source")) return Wrong("--source is missing");
    if (given.has("sni") && given.has("host")) return Wrong("give --sni or --host, not both");
    if (!named && !given.has("address")) return Wrong("give --sni, --host or --address");
    const auto source = address_of(given, "source");
    if (!source) return Wrong(source.error());
    q.source = *source;
    const auto flow = flow_of(given);
    if (!flow) return Wrong(flow.error());
    q.flow = *flow;
    if (named && q.flow != FlowProtocol::Tcp) return Wrong("only a TCP client says a name");
    if (given.has("address")) {
        const auto address = address_of(given, "address");
        if (!address) return Wrong(address.error());
        q.destination = *address;
    }
    if (named) {
        q.protocol = given.has("sni") ? dp::policy::AppProtocol::Tls : dp::policy::AppProtocol::Http;
        auto name = name_of(given, given.has("sni") ? "sni" : "host");
        if (!name) return Wrong(name.error());
        q.name = std::move(*name);
    }
    const auto port = port_of(given, q);
    if (!port) return Wrong(port.error());
    q.port = *port;
    return q;
}

int usage(const Invocation& given, Streams& streams, const std::string& message) {
    print_problem({"usage", message, "see sallyctl help explain"}, given.output, streams.err);
    return kExitUsage;
}

int run(const Invocation& given, Streams& streams) {
    const auto question = question_of(given);
    if (!question) return usage(given, streams, question.error());
    if (!given.has("config")) return usage(given, streams, "--config FILE is missing");
    const auto policy = offline_policy(given, streams);
    if (!policy) return policy.error();
    const auto answers = offline_answers(given, streams);
    if (!answers) return answers.error();
    const auto known = *answers ? (*answers)->of(question->name) : std::span<const IpAddr>{};
    const auto explained = explanation_json({.model = policy->model(),
                                             .generation = policy->generation(),
                                             .question = *question,
                                             .options = {.at = policy->at(),
                                                         .registrable = registrable_domain},
                                             .addresses = known});
    streams.out << (given.output == Output::AsJson ? explained.dump(2) + "\n"
                                                   : explanation_text(explained));
    return explained.at("verdict") == "deny" ? kExitNo : kExitOk;
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

// SPDX-License-Identifier: Apache-2.0
// Which rules would allow what was denied?
#include <fstream>
#include <ostream>

#include "control/candidate_text.h"
#include "dataplane/policy/policy_table.h"
#include "tools/sallyctl/command.h"
#include "tools/sallyctl/config_options.h"
#include "tools/sallyctl/daemon.h"
#include "tools/sallyctl/suggest/wanted_reader.h"

namespace sallyport::ctl {
namespace {

namespace po = boost::program_options;
constexpr Output kOutputs[] = {Output::AsYaml, Output::AsJson, Output::AsIstio};
constexpr std::uint32_t kWildcardAbove = 5;
constexpr std::string_view kDetails =
    "Takes denied and audited sessions (verdict deny or would_deny) since the start of the daemon; or\n"
    "with --from those of the records of sallyctl replay -o ndjson, or of the access log (-: standard\n"
    "input). Prints rules that would\n"
    "allow them, the most frequent first: one for each network of clients (/24, /64) and each\n"
    "registrable domain (www.example.co.uk: example.co.uk). Above --wildcard-above different names\n"
    "below one registrable domain a wildcard stands for them; never over a public suffix.\n"
    "\n"
    "What no rule could allow (a hello without a name, a malformed request, a reserved address) is\n"
    "counted on standard error. With --config what it allows by now is left out. Look at each rule\n"
    "before you add it: that something was asked for does not make it right.\n";

void add_options(po::options_description& out) {
    auto add = out.add_options();
    add("from", po::value<std::string>()->value_name("FILE|-"), "records or access log");
    add("wildcard-above", po::value<std::uint32_t>()->value_name("N"),
        "names below one domain before a wildcard is suggested (default: 5)");
    add_config_options(out);
}

// Whether the configuration would let it pass by now, and not only in audit.
bool is_allowed(const OfflinePolicy& policy, const Wanted& w) {
    using dp::policy::Decision;
    const auto& table = policy.generation().policy;
    const Port port{w.service.port};
    const auto named = [&](dp::policy::AppProtocol protocol) {
        return !w.name.empty() &&
               table.match({w.source, w.name, port, protocol}).decision == Decision::Allow;
    };
    const auto flow = [&](dp::policy::FlowProtocol protocol) {
        return table.match_flow({w.source, w.destination, port, protocol}).decision ==
               Decision::Allow;
    };
    switch (w.service.protocol) {
        case cfg::Protocol::Tls: return named(dp::policy::AppProtocol::Tls);
        case cfg::Protocol::Http: return named(dp::policy::AppProtocol::Http);
        case cfg::Protocol::Tcp: return flow(dp::policy::FlowProtocol::Tcp);
        case cfg::Protocol::Udp: return flow(dp::policy::FlowProtocol::Udp);
        case cfg::Protocol::Icmp: return flow(dp::policy::FlowProtocol::Icmp);
    }
    __builtin_unreachable();
}

void print_counts(const Suggestions& suggestions, const WantedCounts& counts, std::ostream& err) {
    err << counts.lines << " records, " << counts.allowed << " need no rule";
    if (counts.unreadable > 0) err << ", " << counts.unreadable << " unreadable";
    if (suggestions.left_out() > 0) err << ", " << suggestions.left_out() << " beyond what is kept";
    err << '\n';
    for (const auto& [reason, count] : suggestions.hopeless())
        err << "no rule helps: " << dp::text(reason) << ' ' << count << '\n';
}

int fail(const Invocation& given, Streams& streams, Problem problem, int code) {
    print_problem(problem, given.output, streams.err);
    return code;
}

// What the daemon has gathered since its start.
int ask(const Invocation& given, Streams& streams) {
    const auto above = given.get<std::uint32_t>("wildcard-above", kWildcardAbove);
    const auto reply = ask_daemon(given, streams, RouteId::Suggest,
                                  "?wildcard_above=" + std::to_string(above));
    if (!reply) return reply.error();
    if (given.output == Output::AsJson)
        streams.out << reply->at("suggestions").dump(2) << '\n';
    else
        streams.out << reply->at(given.output == Output::AsIstio ? "istio" : "yaml")
                           .get_ref<const std::string&>();
    for (const auto& [reason, count] : reply->at("no_rule_helps").items())
        streams.err << "no rule helps: " << reason << ' ' << count << '\n';
    return kExitOk;
}

int run(const Invocation& given, Streams& streams) {
    if (!given.has("from") && !given.has("config")) return ask(given, streams);
    if (!given.has("from"))
        return fail(given, streams, {"usage", "--from FILE is missing", "see sallyctl help suggest"},
                    kExitUsage);
    std::optional<OfflinePolicy> policy;
    if (given.has("config")) {
        auto loaded = offline_policy(given, streams);
        if (!loaded) return loaded.error();
        policy.emplace(std::move(*loaded));
    }
    const auto path = given.get<std::string>("from");
    std::ifstream file;
    if (path != "-") file.open(path);
    if (path != "-" && !file)
        return fail(given, streams, {"unreadable", path + ": cannot be read", ""}, kExitInvalid);
    Suggestions suggestions;
    WantedCounts counts;
    std::uint64_t allowed_now = 0;
    counts = read_wanted(path == "-" ? streams.in : file, [&](const Wanted& wanted) {
        if (policy && is_allowed(*policy, wanted))
            ++allowed_now;
        else
            suggestions.add(wanted);
    });
    counts.allowed += allowed_now;
    const auto candidates =
        suggestions.candidates(given.get<std::uint32_t>("wildcard-above", kWildcardAbove));
    if (given.output == Output::AsJson)
        streams.out << to_json(candidates).dump(2) << '\n';
    else
        streams.out << (given.output == Output::AsIstio ? to_istio(candidates)
                                                        : to_yaml(candidates));
    print_counts(suggestions, counts, streams.err);
    return kExitOk;
}

}  // namespace

namespace command {
const Command suggest{
    .words = "suggest",
    .arguments = "",
    .help = "Which rules would allow what was denied?",
    .details = kDetails,
    .outputs = kOutputs,
    .add_options = add_options,
    .run = run,
};
}  // namespace command

}  // namespace sallyport::ctl

// SPDX-License-Identifier: Apache-2.0
// What would a policy have done to a capture?
#include <ostream>

#include "tools/sallyctl/command.h"
#include "tools/sallyctl/config_options.h"
#include "tools/sallyctl/replay/capture_file.h"
#include "tools/sallyctl/replay/record_text.h"
#include "tools/sallyctl/replay/sessions.h"

namespace sallyport::ctl {
namespace {

constexpr Output kOutputs[] = {Output::AsTable, Output::AsNdjson, Output::AsJson};
constexpr std::string_view kDetails =
    "CAPTURE is a pcap or pcapng file (Ethernet with or without VLAN tags, raw IP, Linux cooked\n"
    "capture); - is standard input. One record is printed for each session of a client, in the\n"
    "order of the first packets:\n"
    "\n"
    "  client, server   address and port of both ends, as the client chose them\n"
    "  transport        tcp, udp, icmp or ip/N\n"
    "  protocol         tls, http or other: what the client spoke\n"
    "  name             of the ClientHello or of the first request\n"
    "  verdict          allow, deny or would_deny; with HTTP the worst of all its requests\n"
    "  reason           why (sallyctl reasons); no_session: the capture has no SYN of it\n"
    "  rule, rule_at    the rule that decided and where it stands\n"
    "  binding          not_checked, unless --answers has the name: then verified or mismatch;\n"
    "                   resolved, static and original where the rule says so\n"
    "  redirected_to    the address that is dialled instead of the client's\n"
    "  requests         of HTTP: method, host and verdict of each\n"
    "  notes            capture_gap: octets are missing; mid_stream: the beginning is missing;\n"
    "                   judged_early: there was no memory to wait for its end\n"
    "\n"
    "Segments may come in any order, and the first copy of an octet wins, as at the gate. No\n"
    "checksum is looked at, and neither is whether the source belongs to an inside network.\n";

// Prints while the capture is read, but for the table, whose columns need all rows.
class Printer {
   public:
    Printer(Output output, const OfflinePolicy& policy, std::ostream& out)
        : output_(output), policy_(policy), out_(out) {
        if (output_ == Output::AsJson) out_ << "{\"sessions\": [";
    }

    void add(const replay::Record& record) {
        if (output_ == Output::AsTable) {
            rows_.push_back(replay::to_row(record, policy_));
            return;
        }
        const bool first = std::exchange(is_first_, false);
        if (output_ == Output::AsJson) out_ << (first ? "\n  " : ",\n  ");
        out_ << dump(replay::to_json(record, policy_));
        if (output_ == Output::AsNdjson) out_ << '\n';
    }

    void end(const replay::Totals& totals) {
        if (output_ == Output::AsTable) out_ << to_text(replay::record_columns(), rows_);
        if (output_ == Output::AsJson)
            out_ << "\n ],\n \"totals\": " << dump(replay::to_json(totals)) << "}\n";
    }

   private:
    static std::string dump(const replay::Json& json) {
        return json.dump(-1, ' ', true, replay::Json::error_handler_t::replace);
    }

    Output output_;
    const OfflinePolicy& policy_;
    std::ostream& out_;
    std::vector<Row> rows_;
    bool is_first_ = true;
};

void print_totals(const replay::Totals& t, std::ostream& err) {
    err << t.packets << " packets, " << t.sessions << " sessions";
    const auto add = [&](std::uint64_t count, std::string_view what) {
        if (count > 0) err << "; " << count << ' ' << what;
    };
    add(t.not_ip, "frames without IP");
    add(t.unreadable, "unreadable packets");
    add(t.related, "ICMP messages about others");
    add(t.fragments_lost, "datagrams whose fragments are not all there");
    add(t.evicted, "sessions judged early for lack of memory");
    err << '\n';
}

int run(const Invocation& given, Streams& streams) {
    if (given.arguments.size() != 1 || !given.has("config")) {
        print_problem({"usage", "replay takes one CAPTURE and --config FILE", "see help replay"},
                      given.output, streams.err);
        return kExitUsage;
    }
    const auto policy = offline_policy(given, streams);
    if (!policy) return policy.error();
    const auto answers = offline_answers(given, streams);
    if (!answers) return answers.error();
    const replay::Judge judge(*policy, answers->has_value() ? &**answers : nullptr);
    Printer printer(given.output, *policy, streams.out);
    replay::Sessions sessions(judge, [&](const replay::Record& r) { printer.add(r); });
    const auto failed = replay::read_capture(
        given.arguments.front(),
        [&](replay::LinkType link, replay::Octets frame, replay::Time time) {
            sessions.add(link, frame, time);
        });
    sessions.end();
    printer.end(sessions.totals());
    print_totals(sessions.totals(), streams.err);
    if (!failed) return kExitOk;
    print_problem({"bad_capture", failed->what, failed->remedy}, given.output, streams.err);
    return kExitInvalid;
}

}  // namespace

namespace command {
const Command replay{
    .words = "replay",
    .arguments = "CAPTURE",
    .help = "What would a policy have done to a capture?",
    .details = kDetails,
    .outputs = kOutputs,
    .add_options = add_config_options,
    .run = run,
};
}  // namespace command

}  // namespace sallyport::ctl

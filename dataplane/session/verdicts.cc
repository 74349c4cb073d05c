// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/verdicts.h"

#include "dataplane/inspect/alert.h"
#include "dataplane/inspect/client_hello.h"
#include "dataplane/session/ending.h"
#include "dataplane/session/held_ack.h"
#include "dataplane/session/joining.h"
#include "dataplane/session/late.h"
#include "dataplane/session/own_segment.h"
#include "dataplane/session/records.h"
#include "dataplane/session/relay_legs.h"
#include "dataplane/session/server_search.h"

namespace sallyport::dp {
namespace {

using inspect::HelloStatus;
using policy::Answer;
using policy::Decision;

// An alert only makes sense to a client that speaks TLS.
Answer fitting(Answer wanted, Octets stream) {
    constexpr std::uint8_t kHandshakeRecord = 22;
    const bool tls = !stream.empty() && stream[0] == kHandshakeRecord;
    return wanted == Answer::Alert && !tls ? Answer::Reset : wanted;
}

tcp::LateAnswer late_answer(Answer answer) {
    switch (answer) {
        case Answer::Drop: return tcp::LateAnswer::Silence;
        case Answer::Reset: return tcp::LateAnswer::Reset;
        case Answer::Alert: return tcp::LateAnswer::Alert;
    }
    __builtin_unreachable();
}

// Which protocol the first octet says, of those that rules declare for the port. HTTP begins with a
// token, or with the empty line that may precede it; TLS with a handshake record.
bool speaks_http(const Core& core, Port port, std::uint8_t first) {
    constexpr std::uint8_t kCarriageReturn = 13;
    const policy::PolicyTable& policy = core.generation->policy;
    if (!policy.declares(port, policy::AppProtocol::Http)) return false;
    return (first > ' ' && first < 0x7f) || first == kCarriageReturn;
}

struct Judged {
    inspect::HelloResult result;
    inspect::ClientHello hello;
    policy::Verdict verdict;  // meaningful unless NeedMore
};

Judged judge_stream(Core& core, const FourTuple& client, Octets stream) {
    Judged j;
    const policy::PolicyTable& policy = core.generation->policy;
    if (policy.declares(client.dst_port, policy::AppProtocol::Tls))
        j.result = inspect::parse_client_hello(stream, core.scratch, j.hello);
    else
        j.result = {HelloStatus::Bad, Reason::ProtocolMismatch};
    if (j.result.status == HelloStatus::Bad)
        j.verdict = {.reason = j.result.reason, .answer = policy.default_answer()};
    if (j.result.status == HelloStatus::Done)
        j.verdict = decide(*core.generation, client, j.hello.name.view(), policy::AppProtocol::Tls);
    return j;
}

void answer_stateless(Core& core, const Packet& packet, const ClientStart& start, Answer answer) {
    const wire::TcpHeader& tcp = packet.view.tcp();
    wire::TcpFields reply{.tuple = packet.view.four_tuple().reversed(),
                          .seq = start.iss + 1,
                          .ack = tcp.seq_num() + packet.view.payload_length(),
                          .window = first_window(core, start.options)};
    if (answer == Answer::Reset) {
        reply.flags = wire::kRst | wire::kAck;
        core.counters.resets_sent.add(1);
        return reply_segment(core, packet, reply, {});
    }
    reply.flags = wire::kFin | wire::kPsh | wire::kAck;
    if (start.options.timestamps) reply.options.timestamps = reply_timestamps(core, packet);
    reply_segment(core, packet, reply, inspect::unrecognized_name_alert(packet.view.payload()));
}

void answer_held(Core& core, SessionIndex s, Answer answer, Octets stream) {
    const Session& session = core.store.sessions[s];
    const Setup& setup = core.store.setups[session.setup];
    wire::TcpFields fields{.tuple = core.store.client(s).reversed(),
                           .seq = session.iss + 1,
                           .ack = setup.base + setup.hold.contiguous(),
                           .flags = wire::kRst | wire::kAck,
                           .window = first_window(core, setup.options)};
    const NeighborIndex neighbor = core.store.flow(s, Direction::ToClient).neighbor;
    if (answer == Answer::Reset) {
        core.counters.resets_sent.add(1);
        return send_segment(core, fields, {}, kInsidePort, neighbor);
    }
    fields.flags = wire::kFin | wire::kPsh | wire::kAck;
    if (setup.options.timestamps)
        fields.options.timestamps = wire::Timestamps{setup.ts_sent, setup.ts_recent};
    send_segment(core, fields, inspect::unrecognized_name_alert(stream), kInsidePort, neighbor);
}

Octets held_stream(Core& core, const Setup& setup) {
    const std::span<std::uint8_t> out{core.stream.data(), setup.hold.contiguous()};
    setup.hold.read(core.store.chunks, 0, out);
    return out;
}

void allow(Core& core, SessionIndex s, const Judged& judged) {
    Setup& setup = core.store.setups[core.store.sessions[s].setup];
    setup.hello_octets = judged.hello.length;
    setup.hello_deadline = kNever;
    acknowledge_hello(core, s);
    seek_server(core, s, judged.verdict);
}

// Each request is judged in the relay.
void relay_http(Core& core, SessionIndex s) {
    if (!begin_relay(core, s, RelayKind::Http)) return refuse_session(core, s, Reason::RelayFull);
    release_setup(core, s);
    rearm(core, s);
}

void judge_first(Core& core, SessionIndex s) {
    Session& session = core.store.sessions[s];
    const Setup& setup = core.store.setups[session.setup];
    const Octets stream = held_stream(core, setup);
    const FourTuple client = core.store.client(s);
    if (speaks_http(core, client.dst_port, stream[0])) return relay_http(core, s);
    const Judged judged = judge_stream(core, client, stream);
    if (judged.result.status == HelloStatus::NeedMore) {
        if (stream.size() == setup.hold.limit())
            return refuse_session(core, s, Reason::ClientHelloTooLarge);
        return acknowledge_part(core, s);
    }
    session.generation = core.generation->id;
    session.rule = judged.verdict.rule;
    session.ech = judged.hello.ech;
    if (judged.hello.name.length > 0) session.name = core.store.names.keep(judged.hello.name.view());
    if (judged.verdict.decision == Decision::Deny)
        return refuse_session(core, s, judged.verdict.reason, judged.verdict.answer);
    if (session.name == kNoIndex) return refuse_session(core, s, Reason::NameTableFull);
    allow(core, s, judged);
}

}  // namespace

policy::Verdict decide(const Generation& generation, const FourTuple& client,
                       std::string_view name, policy::AppProtocol protocol) {
    return generation.policy.match({client.src, name, client.dst_port, protocol});
}

void count_passed(Core& core, Decision decision) {
    (decision == Decision::WouldDeny ? core.counters.verdicts_would_deny
                                     : core.counters.verdicts_allow)
        .add(1);
}

bool deny_at_once(Core& core, const Packet& packet, const ClientStart& start) {
    const FourTuple client = packet.view.four_tuple();
    const Octets stream = packet.view.payload();
    if (speaks_http(core, client.dst_port, stream[0])) return false;
    const Judged judged = judge_stream(core, client, stream.first(std::min<std::size_t>(
                                                         stream.size(), core.settings().hello_bytes)));
    if (judged.result.status == HelloStatus::NeedMore) return false;
    if (judged.verdict.decision != Decision::Deny) return false;
    const Answer answer = fitting(judged.verdict.answer, stream);
    if (answer != Answer::Drop) answer_stateless(core, packet, start, answer);
    log_refusal(core, {.client = client,
                       .reason = judged.verdict.reason,
                       .rule = judged.verdict.rule,
                       .name = judged.hello.name.view(),
                       .bytes_received = packet.view.payload_length(),
                       .ech = judged.hello.ech});
    bury(core, client,
         {.irs = start.irs,
          .iss = start.iss,
          .rcv_nxt = start.irs + 1 + packet.view.payload_length(),
          .answer = late_answer(answer),
          .timestamps = start.options.timestamps});
    core.counters.verdicts_deny.add(1);
    core.drop(packet, judged.verdict.reason);
    return true;
}

void judge(Core& core, SessionIndex s) {
    const Setup& setup = core.store.setups[core.store.sessions[s].setup];
    if (setup.stage == Stage::SecondHold) return judge_second_hello(core, s);
    if (setup.stage != Stage::Undecided || setup.hold.contiguous() == 0)
        return acknowledge_more(core, s);
    judge_first(core, s);
}

bool is_undecided(const Core& core, SessionIndex s) {
    if (!core.store.sessions.is_taken(s)) return false;
    const SetupIndex setup = core.store.sessions[s].setup;
    if (setup == kNoIndex) return false;
    const Stage stage = core.store.setups[setup].stage;
    return stage == Stage::Undecided || stage == Stage::SecondHold;
}

void refuse_session(Core& core, SessionIndex s, Reason reason) {
    refuse_session(core, s, reason, core.generation->policy.default_answer());
}

void refuse_session(Core& core, SessionIndex s, Reason reason, Answer answer) {
    Session& session = core.store.sessions[s];
    const Setup& setup = core.store.setups[session.setup];
    session.decision = Decision::Deny;
    core.counters.verdicts_deny.add(1);
    // Behind a HelloRetryRequest both legs are open already; there is nothing polite left to say.
    if (setup.stage == Stage::SecondHold) return abort_session(core, s, reason);
    const Octets stream = held_stream(core, setup);
    const Answer fit = fitting(answer, stream);
    if (fit != Answer::Drop) answer_held(core, s, fit, stream);
    session.late_answer = late_answer(fit);
    end_session(core, s, reason, EndedBy::Gate);
}

}  // namespace sallyport::dp

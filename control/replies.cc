// SPDX-License-Identifier: Apache-2.0
#include "control/replies.h"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "control/port_watch.h"
#include "control/route_table.h"
#include "control/text.h"
#include "control/version.h"

namespace sallyport::ctl {
namespace {

using std::chrono::system_clock;

constexpr auto kWorkerTimeout = std::chrono::milliseconds(1000);

struct CounterInfo {
    std::string_view name, kind, help;
};
constexpr std::array kCounterInfos{
#define SP_COUNTER(name, help) CounterInfo{#name, "counter", help},
#define SP_GAUGE(name, help) CounterInfo{#name, "gauge", help},
#include "dataplane/counters.def"
#undef SP_COUNTER
#undef SP_GAUGE
};

double seconds(std::chrono::nanoseconds d) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(d).count();
    return static_cast<double>(ms) / 1000.0;
}

std::uint64_t counter_of(const dp::WorkerStatus& worker, std::string_view name) {
    const auto found = std::ranges::find(worker.counters, name, &dp::NamedValue::name);
    return found == worker.counters.end() ? 0 : found->value;
}

std::uint64_t total(const std::vector<dp::WorkerStatus>& workers, std::string_view name) {
    std::uint64_t sum = 0;
    for (const auto& worker : workers) sum += counter_of(worker, name);
    return sum;
}

std::uint64_t total(const std::vector<dp::WorkerStatus>& workers, std::size_t reason) {
    std::uint64_t sum = 0;
    for (const auto& worker : workers)
        if (reason < worker.reasons.size()) sum += worker.reasons[reason];
    return sum;
}

Json parameter_json(const Parameter& p) {
    return Json{{"name", p.name},
                {"least", p.least},
                {"most", p.most},
                {"default", p.otherwise},
                {"help", p.help}};
}

Json route_json(const Route& r) {
    Json parameters = Json::array();
    for (const Parameter& p : r.parameters) parameters.push_back(parameter_json(p));
    Json reply = Json::array();
    for (const ReplyField& f : r.reply)
        reply.push_back(Json{{"key", f.key}, {"type", text(f.type)}, {"help", f.help}});
    Json body = Json::array();
    for (const BodyField& f : r.body)
        body.push_back(Json{{"key", f.name},
                            {"type", text(f.type)},
                            {"required", f.required},
                            {"help", f.help}});
    return Json{{"method", r.method},   {"path", r.path}, {"role", text(r.role)},
                {"command", r.command}, {"help", r.help}, {"parameters", parameters},
                {"reply", reply},       {"rows", r.rows},
                {"body", body}};
}

std::string conditions_text(const cfg::ObjectStatus& object) {
    std::string out;
    for (const cfg::Condition& c : object.conditions) {
        out += (out.empty() ? "" : " ") + c.type + (c.status ? "=True" : "=False");
        if (!c.status) out += '(' + c.reason + ')';
    }
    return out;
}

std::string object_line(const cfg::ObjectStatus& object) {
    return object.kind + ' ' + object.name_space + '/' + object.name + ' ' +
           conditions_text(object);
}

Json objects_text(const cfg::Model& model) {
    Json lines = Json::array();
    for (const cfg::ObjectStatus& object : model.objects) lines.push_back(object_line(object));
    return lines;
}

Json object_json(const cfg::Model& model, const cfg::ObjectStatus& object) {
    Json conditions = Json::array();
    for (const cfg::Condition& c : object.conditions)
        conditions.push_back(Json{{"type", c.type},
                                  {"status", c.status ? "True" : "False"},
                                  {"reason", c.reason},
                                  {"message", c.message}});
    std::string at;
    if (object.mark.file < model.files.size())
        at = model.files[object.mark.file] + ':' + std::to_string(object.mark.line);
    return Json{{"kind", object.kind},
                {"api_version", object.api_version},
                {"namespace", object.name_space},
                {"name", object.name},
                {"state", conditions_text(object)},
                {"conditions", conditions},
                {"rules", object.rules},
                {"at", at}};
}

std::string config_state(const Running& running) {
    return running.confirm_by ? "on_trial" : running.stale.empty() ? "confirmed" : "stale";
}

std::string config_note(const Running& running) {
    return running.confirm_by ? "makes way at " + time_text(*running.confirm_by) +
                                    " unless it is confirmed: sallyctl config confirm"
                              : running.stale;
}

Json objects_json(const cfg::Model& model) {
    Json rows = Json::array();
    for (const cfg::ObjectStatus& object : model.objects) rows.push_back(object_json(model, object));
    return rows;
}

Json health_reasons(const ApiContext& context, const Running& running, std::uint64_t log_lost) {
    Json reasons = Json::array();
    if (!running.stale.empty())
        reasons.push_back("the configuration is not that of its files: " + running.stale);
    for (const auto& port : context.dataplane->ports()) {
        if (!port.link_up) reasons.push_back("the link of port " + port.name + " is down");
        for (const auto& duplicate : port.duplicates)
            reasons.push_back("port " + port.name + ": " + text(duplicate));
    }
    if (context.dataplane->workers().empty()) reasons.push_back("no worker is running");
    if (log_lost > 0) reasons.push_back("access log lines were lost");
    return reasons;
}

double busy_percent(const dp::WorkerStatus& w) {
    if (w.total_cycles == 0) return 0.0;
    const double share = static_cast<double>(w.busy_cycles) / static_cast<double>(w.total_cycles);
    return static_cast<double>(static_cast<int>(share * 1000.0 + 0.5)) / 10.0;
}

Json worker_json(const dp::WorkerStatus& w) {
    Json counters = Json::object();
    for (const auto& c : w.counters) counters[c.name] = c.value;
    Json reasons = Json::object();
    const std::size_t known = std::min(w.reasons.size(), dp::kReasonCount);
    for (std::size_t i = 1; i < known; ++i)
        if (w.reasons[i] != 0) reasons[std::string(dp::kReasons[i].text)] = w.reasons[i];
    return Json{{"worker", w.index},
                {"lcore", w.lcore},
                {"busy_percent", busy_percent(w)},
                {"busy_cycles", w.busy_cycles},
                {"total_cycles", w.total_cycles},
                {"polls", w.polls},
                {"empty_polls", w.empty_polls},
                {"naps", w.naps},
                {"rx_packets", counter_of(w, "rx_packets")},
                {"tx_packets", counter_of(w, "tx_packets")},
                {"sessions_active", counter_of(w, "sessions_active")},
                {"counters", counters},
                {"reasons", reasons}};
}

Json port_json(const dp::PortStatus& p) {
    Json duplicates = Json::array();
    for (const auto& duplicate : p.duplicates) duplicates.push_back(text(duplicate));
    return Json{{"port", p.name},
                {"link_up", p.link_up},
                {"link_losses", p.link_losses},
                {"device", p.device},
                {"driver", p.driver},
                {"mac", p.mac},
                {"vlan", p.vlan},
                {"mtu_bytes", p.mtu},
                {"addresses", p.addresses},
                {"duplicates", duplicates},
                {"rx_queues", p.rx_queues},
                {"tx_queues", p.tx_queues},
                {"rx_packets", p.rx_packets},
                {"rx_bytes", p.rx_bytes},
                {"rx_missed", p.rx_missed},
                {"rx_errors", p.rx_errors},
                {"tx_packets", p.tx_packets},
                {"tx_bytes", p.tx_bytes},
                {"tx_errors", p.tx_errors}};
}

// A session that is still held has no verdict, whatever its record is prepared to say.
std::string_view verdict_text(const dp::SessionRow& row) {
    if (row.state == dp::SessionState::Hold) return "undecided";
    switch (row.record.decision) {
        case dp::policy::Decision::Allow: return "allow";
        case dp::policy::Decision::Deny: return "deny";
        case dp::policy::Decision::WouldDeny: return "would_deny";
    }
    __builtin_unreachable();
}

std::string_view protocol_text(dp::RecordProtocol protocol) {
    switch (protocol) {
        case dp::RecordProtocol::Tcp: return "tcp";
        case dp::RecordProtocol::Udp: return "udp";
        case dp::RecordProtocol::Icmp: return "icmp";
    }
    __builtin_unreachable();
}

std::string rule_text(const dp::SessionRow& row, const RuleBook& rules) {
    const bool undecided = row.state == dp::SessionState::Hold;
    return undecided ? "-" : rules.find(row.record.rule, row.record.generation)->name;
}

Json session_json(const dp::SessionRow& row, const RuleBook& rules, const LogContext& clock) {
    const dp::AccessRecord& r = row.record;
    const auto endpoint = [&](const IpAddr& a, Port p) {
        return r.has_server ? endpoint_text(a, p) : std::string();
    };
    return Json{{"session_id", session_id_text(r.session_id)},
                {"state", dp::text(row.state)},
                {"client", endpoint_text(r.client.src, r.client.src_port)},
                {"destination", endpoint_text(r.client.dst, r.client.dst_port)},
                {"protocol", protocol_text(r.protocol)},
                {"name", std::string(r.name())},
                {"verdict", verdict_text(row)},
                {"rule", rule_text(row, rules)},
                {"reason", dp::text(r.reason)},
                {"egress", endpoint(r.server.src, r.server.src_port)},
                {"server", endpoint(r.server.dst, r.server.dst_port)},
                {"bytes_received", r.bytes_received},
                {"bytes_sent", r.bytes_sent},
                {"started", time_text(clock.wall(r.start))},
                {"age_seconds", seconds(r.duration)},
                {"idle_seconds", seconds(row.idle)},
                {"worker", row.worker},
                {"generation", r.generation}};
}

}  // namespace

Json list_reply() {
    Json rows = Json::array();
    for (const Route& r : routes()) rows.push_back(route_json(r));
    return Json{{"routes", rows}};
}

Json status_reply(const ApiContext& context) {
    const auto workers = context.dataplane->workers();
    const auto memory = context.dataplane->memory();
    const AccessLogCounts log = context.log_counts();
    const std::uint64_t lost = log.lost + total(workers, "log_records_lost");
    const Running running = context.reload->running();
    const Json reasons = health_reasons(context, running, lost);
    const DaemonFacts& facts = context.facts;
    return Json{{"health", reasons.empty() ? "healthy" : "degraded"},
                {"health_reasons", reasons},
                {"version", version()},
                {"api", kApiVersion},
                {"gateway", facts.gateway},
                {"config", running.documents},
                {"generation", running.generation->id},
                {"config_state", config_state(running)},
                {"config_note", config_note(running)},
                {"config_applied", time_text(running.applied)},
                {"config_age_seconds", seconds(system_clock::now() - running.applied)},
                {"config_last_change", running.last_result},
                {"config_last_change_failed", running.last_failed},
                {"policy_bytes", running.generation->policy.memory_bytes()},
                {"policy_patterns", running.generation->policy.pattern_count()},
                {"policy_next_change",
                 running.next_change ? time_text(*running.next_change) : ""},
                {"objects", objects_text(*running.model)},
                {"object_conditions", objects_json(*running.model)},
                {"pid", ::getpid()},
                {"started", time_text(facts.started)},
                {"uptime_seconds", seconds(system_clock::now() - facts.started)},
                {"workers", workers.size()},
                {"sessions_active", total(workers, "sessions_active")},
                {"session_slots_used", total(workers, "session_slots_used")},
                {"session_slots_total", facts.session_slots},
                {"mbufs_free", memory.mbufs_free},
                {"mbufs_total", memory.mbufs_total},
                {"hugepages", memory.hugepages},
                {"log_records_written", log.written},
                {"log_records_lost", lost},
                {"warnings", facts.warnings}};
}

Json workers_reply(const ApiContext& context) {
    Json rows = Json::array();
    for (const auto& w : context.dataplane->workers()) rows.push_back(worker_json(w));
    return Json{{"workers", rows}};
}

Json ports_reply(const ApiContext& context) {
    Json rows = Json::array();
    for (const auto& p : context.dataplane->ports()) rows.push_back(port_json(p));
    return Json{{"ports", rows}};
}

namespace {

// What the resolver counts, which no worker does.
void add_resolver_counters(const ResolverCounts& c, Json& rows) {
    const auto add = [&](const char* name, const char* kind, std::uint64_t value, const char* help) {
        rows.push_back(Json{{"name", name}, {"kind", kind}, {"value", value}, {"help", help}});
    };
    add("resolver_questions", "counter", c.questions, "Questions of workers.");
    add("resolver_known", "counter", c.known, "Questions answered without asking DNS.");
    add("resolver_lookups", "counter", c.lookups, "Names that DNS was asked for.");
    add("resolver_found", "counter", c.found, "Look-ups that brought addresses.");
    add("resolver_not_found", "counter", c.not_found, "Look-ups of names without addresses.");
    add("resolver_failed", "counter", c.failed, "Look-ups that no DNS server answered usefully.");
    add("resolver_stale", "counter", c.stale, "Earlier answers given because DNS was late or down.");
    add("resolver_refused", "counter", c.refused, "Questions beyond the look-ups that may be under way.");
    add("resolver_lost", "counter", c.lost, "Answers that a worker did not take in time.");
    add("resolver_in_flight", "gauge", c.in_flight, "Look-ups under way.");
    add("resolver_names", "gauge", c.names, "Names whose answer is remembered.");
}

}  // namespace

Json counters_reply(const ApiContext& context) {
    const auto workers = context.dataplane->workers();
    Json rows = Json::array();
    for (const CounterInfo& c : kCounterInfos)
        rows.push_back(Json{{"name", c.name},
                            {"kind", c.kind},
                            {"value", total(workers, c.name)},
                            {"help", c.help}});
    add_resolver_counters(context.resolver_counts(), rows);
    for (std::size_t i = 1; i < dp::kReasonCount; ++i)
        rows.push_back(Json{{"name", dp::kReasons[i].text},
                            {"kind", "reason"},
                            {"value", total(workers, i)},
                            {"help", dp::kReasons[i].help}});
    return Json{{"counters", rows}};
}

Json objects_reply(const ApiContext& context) {
    return Json{{"objects", objects_json(*context.reload->running().model)}};
}

Reply sessions_reply(const ApiContext& context, std::size_t limit) {
    const auto sessions = context.dataplane->sessions(limit, kWorkerTimeout);
    if (!sessions)
        return error_reply(503, "worker_silent", "a worker did not answer within a second",
                           "ask again; when it stays so, look at sallyctl workers");
    const LogContext clock = log_context(*context.dataplane, *context.rules);
    Json rows = Json::array();
    for (const auto& row : *sessions) rows.push_back(session_json(row, *context.rules, clock));
    return {200, Json{{"sessions", rows}}, {}};
}

}  // namespace sallyport::ctl

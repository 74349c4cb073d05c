// SPDX-License-Identifier: Apache-2.0
#include "control/route_table.h"

#include <algorithm>

namespace sallyport::ctl {
namespace {

using enum JsonType;

constexpr ReplyField kListReply[] = {
    {"method", Text, "METHOD", "HTTP method."},
    {"path", Text, "PATH", "Path on the control socket."},
    {"role", Text, "ROLE", "Who may call it."},
    {"command", Text, "COMMAND", "The same as a command of sallyctl."},
    {"help", Text, "HELP", "What it answers."},
    {"parameters", List, "", "Numbers in the query string: name, least, most, default, help."},
    {"reply", List, "", "Keys of the reply: key, type, help."},
    {"rows", Text, "", "The key whose array holds the rows; empty when the reply is one object."},
    {"body", List, "", "Keys of the JSON object that the request carries: key, type, required, help."},
};

constexpr ReplyField kStatusReply[] = {
    {"health", Text, "health", "healthy or degraded."},
    {"health_reasons", List, "because", "Why it is degraded."},
    {"version", Text, "version", "Version of the daemon."},
    {"api", Number, "", "Number of the control API."},
    {"gateway", Text, "gateway", "gateway.name of the configuration."},
    {"config", List, "config", "The configuration files."},
    {"generation", Number, "generation", "The configuration that is in force."},
    {"config_state", Text, "config_state",
     "confirmed; on_trial until it is confirmed; stale: not what the files say."},
    {"config_note", Text, "config_note", "Until when, or why."},
    {"config_applied", Text, "", "When it came into force."},
    {"config_age_seconds", Number, "config_age_seconds", "Since then."},
    {"config_last_change", Text, "config_last_change",
     "What became of the last change that was tried."},
    {"config_last_change_failed", Bool, "", "Whether it was refused."},
    {"policy_bytes", Number, "policy_bytes", "Memory of the compiled policy."},
    {"policy_patterns", Number, "policy_patterns", "Different names and wildcards of its rules."},
    {"policy_next_change", Text, "policy_next_change",
     "When other rules hold by expiry or schedule; empty: never."},
    {"objects", List, "object", "Istio, Gateway API and NetworkPolicy objects with conditions."},
    {"object_conditions", List, "", "The same with type, status, reason and message of each condition."},
    {"pid", Number, "pid", "Process id of the daemon."},
    {"started", Text, "started", "When the daemon started."},
    {"uptime_seconds", Number, "uptime_seconds", "Since then."},
    {"workers", Number, "workers", "Packet workers."},
    {"sessions_active", Number, "sessions_active", "Sessions that are not over."},
    {"session_slots_used", Number, "session_slots_used",
     "Session records in use, ended ones that are still kept included."},
    {"session_slots_total", Number, "session_slots_total", "memory.sessions."},
    {"mbufs_free", Number, "mbufs_free", "Packet buffers that are free."},
    {"mbufs_total", Number, "mbufs_total", "Packet buffers in all."},
    {"hugepages", Bool, "hugepages", "Whether packet memory lies in hugepages."},
    {"log_records_written", Number, "log_records_written", "Access log lines written."},
    {"log_records_lost", Number, "log_records_lost",
     "Access log lines lost: not written, or the writer was behind."},
    {"warnings", List, "warnings", "What the start warned of."},
};

constexpr ReplyField kWorkerReply[] = {
    {"worker", Number, "WORKER", "Index of the worker."},
    {"lcore", Number, "LCORE", "The logical core that it runs on."},
    {"busy_percent", Number, "BUSY%", "Share of its cycles that did work, since the start."},
    {"busy_cycles", Number, "", "Cycles that did work."},
    {"total_cycles", Number, "", "Cycles in all."},
    {"polls", Number, "POLLS", "Looks at the receive queues."},
    {"empty_polls", Number, "EMPTY_POLLS", "Of them without a packet."},
    {"naps", Number, "NAPS", "Sleeps after empty polls."},
    {"rx_packets", Number, "RX", "Frames received."},
    {"tx_packets", Number, "TX", "Frames sent."},
    {"sessions_active", Number, "SESSIONS", "Sessions that it owns and that are not over."},
    {"counters", Object, "", "All its counters by name."},
    {"reasons", Object, "", "Its denials, ends and drops by reason; those that are not zero."},
};

constexpr ReplyField kPortReply[] = {
    {"port", Text, "PORT", "inside or outside."},
    {"link_up", Bool, "LINK", "Whether the link is up."},
    {"link_losses", Number, "", "How often it was lost since the start."},
    {"device", Text, "DEVICE", "The DPDK device."},
    {"driver", Text, "DRIVER", "Its driver."},
    {"mac", Text, "MAC", "Its hardware address."},
    {"vlan", Number, "VLAN", "Of its frames; 0: they have no tag."},
    {"mtu_bytes", Number, "MTU", "Largest IP packet."},
    {"addresses", List, "ADDRESSES", "The gate's addresses on it."},
    {"duplicates", List, "DUPLICATES",
     "Of them, those that another station was heard to have within ten minutes, and its hardware address."},
    {"rx_queues", Number, "RXQ", "Receive queues."},
    {"tx_queues", Number, "TXQ", "Transmit queues."},
    {"rx_packets", Number, "RX", "Frames received."},
    {"rx_bytes", Number, "", "Bytes received."},
    {"rx_missed", Number, "RX_MISSED", "Frames lost because a queue was full."},
    {"rx_errors", Number, "RX_ERRORS", "Frames that the device refused."},
    {"tx_packets", Number, "TX", "Frames sent."},
    {"tx_bytes", Number, "", "Bytes sent."},
    {"tx_errors", Number, "TX_ERRORS", "Frames that the device could not send."},
};

constexpr ReplyField kSessionReply[] = {
    {"session_id", Text, "SESSION", "Id of the session."},
    {"state", Text, "STATE", "hold, connecting, joining, spliced, relayed, translated, closing or closed."},
    {"client", Text, "CLIENT", "Address and port of the client."},
    {"destination", Text, "DESTINATION", "Where the client wanted to go."},
    {"protocol", Text, "", "tcp, udp or icmp."},
    {"name", Text, "NAME", "The name that it asked for; empty when none is known."},
    {"verdict", Text, "VERDICT", "undecided, allow, deny or would_deny."},
    {"rule", Text, "RULE", "The rule that decided."},
    {"reason", Text, "", "Why it was denied or how it ended; - when neither."},
    {"egress", Text, "EGRESS", "Address and port that the server sees; empty before a server leg."},
    {"server", Text, "", "Address and port dialled; empty before a server leg."},
    {"bytes_received", Number, "FROM_CLIENT", "Payload bytes from the client."},
    {"bytes_sent", Number, "TO_CLIENT", "Payload bytes to the client."},
    {"started", Text, "", "First payload byte."},
    {"age_seconds", Number, "AGE_S", "Since then."},
    {"idle_seconds", Number, "IDLE_S", "Since the last packet."},
    {"worker", Number, "WORKER", "The worker that owns it."},
    {"generation", Number, "", "The configuration that decided."},
};

constexpr Parameter kSessionParameters[] = {
    {"limit", 1, 10000, 100, "At most so many sessions."},
};

constexpr ReplyField kCounterReply[] = {
    {"name", Text, "NAME", "Name of the counter, or text of the reason."},
    {"kind", Text, "KIND",
     "counter (only grows), gauge (a present number) or reason (only grows)."},
    {"value", Number, "VALUE", "Sum over the workers."},
    {"help", Text, "HELP", "What it counts."},
};

constexpr ReplyField kObjectReply[] = {
    {"kind", Text, "KIND", "Kind of the object."},
    {"api_version", Text, "", "Its apiVersion."},
    {"namespace", Text, "NAMESPACE", "Its namespace."},
    {"name", Text, "NAME", "Its name."},
    {"state", Text, "CONDITIONS", "The conditions in short: Type=True, Type=False(Reason)."},
    {"conditions", List, "", "type, status, reason and message of each."},
    {"rules", List, "RULES", "The rules that it makes."},
    {"at", Text, "AT", "File and line."},
};

constexpr ReplyField kExplainReply[] = {
    {"explanation", Object, "",
     "question, verdict, reason, rule and its place, how it matched, the nearest rule of a denial, "
     "binding, addresses, egress, limits."},
    {"generation", Number, "", "The configuration that was asked."},
};

constexpr TextParameter kExplainTexts[] = {
    {"source", "Address of the client."},
    {"sni", "Server name of its ClientHello; or"},
    {"host", "Host of its request; or none of them:"},
    {"address", "Where its packets go."},
    {"port", "Destination port; default: 443 with sni, 80 with host."},
    {"protocol", "tcp (default), udp or icmp."},
};

constexpr ReplyField kSuggestReply[] = {
    {"suggestions", List, "", "rule, count, first, last and reasons of each, the most frequent first."},
    {"yaml", Text, "", "The same as rules of the native form."},
    {"istio", Text, "", "The same as objects of Istio."},
    {"no_rule_helps", Object, "", "What no rule could allow, by reason."},
    {"left_out", Number, "", "What found no room."},
};

constexpr Parameter kSuggestParameters[] = {
    {"wildcard_above", 1, 100000, 5, "Names below one domain before a wildcard is suggested."},
};

constexpr ReplyField kConfigReply[] = {
    {"generation", Number, "", "Its number since the start of the daemon."},
    {"files", List, "", "The files that it was read from."},
    {"yaml", Text, "", "Every key, defaults included, in the native form."},
};

constexpr ReplyField kHistoryReply[] = {
    {"number", Number, "NUMBER", "For sallyctl config rollback NUMBER."},
    {"applied", Text, "APPLIED", "When it came into force."},
    {"files", List, "FILES", "The files that it was read from."},
};

constexpr ReplyField kDiffReply[] = {
    {"differences", List, "",
     "kind (added, removed, changed), path, before, after and needs_restart of each."},
    {"sessions", Number, "", "Live sessions that have been allowed."},
    {"sessions_no_longer_allowed", Number, "", "Of them, those that it would not allow."},
    {"by_rule", Object, "", "Of these, how many each rule had allowed."},
    {"findings", List, "", "Warnings."},
};

constexpr ReplyField kChangeReply[] = {
    {"generation", Number, "", "What is in force now."},
    {"changed", Bool, "", "false: it was in force already."},
    {"differences", List, "", "As of /v1/config/diff."},
    {"rechecked", Bool, "", "Whether sessions that are no longer allowed are being ended."},
    {"confirm_by", Text, "", "When it makes way by itself; empty: it is not on trial."},
    {"number", Number, "", "Under which it is kept on disk; 0: it is not."},
    {"read_seconds", Number, "", "How long reading and checking took."},
    {"compile_seconds", Number, "", "How long compiling took."},
    {"publish_seconds", Number, "", "How long it took from there until every worker had it."},
    {"degraded", List, "", "What failed beside it."},
    {"findings", List, "", "Warnings."},
};

constexpr BodyField kDiffBody[] = {
    {"paths", List, true, "Absolute paths of files and directories, which the daemon reads."},
};

constexpr BodyField kApplyBody[] = {
    {"paths", List, true, "Absolute paths of files and directories, which the daemon reads."},
    {"sessions", Text, false, "keep or recheck; default: policy.on_reload of the configuration."},
    {"confirm_within_seconds", Number, false, "1 to 86400: on trial, unless confirmed until then."},
};

constexpr BodyField kRollbackBody[] = {
    {"number", Number, false, "Of the history; default: the one before the present."},
};

constexpr Route kRoutes[] = {
    {RouteId::List,
     "GET",
     "/v1",
     Role::View,
     "routes",
     "What can be asked.",
     {},
     "routes",
     kListReply},
    {RouteId::Status,
     "GET",
     "/v1/status",
     Role::View,
     "status",
     "Is it healthy, and since when?",
     {},
     "",
     kStatusReply},
    {RouteId::Workers,
     "GET",
     "/v1/workers",
     Role::View,
     "workers",
     "How busy is each packet worker?",
     {},
     "workers",
     kWorkerReply},
    {RouteId::Ports,
     "GET",
     "/v1/ports",
     Role::View,
     "ports",
     "Links, addresses and traffic.",
     {},
     "ports",
     kPortReply},
    {RouteId::Sessions, "GET", "/v1/sessions", Role::View, "sessions", "Who is going where?",
     kSessionParameters, "sessions", kSessionReply},
    {RouteId::Counters,
     "GET",
     "/v1/counters",
     Role::View,
     "counters",
     "What was counted, every reason by its name included.",
     {},
     "counters",
     kCounterReply},
    {RouteId::Objects,
     "GET",
     "/v1/objects",
     Role::View,
     "objects",
     "What became of the Istio and Gateway API objects.",
     {},
     "objects",
     kObjectReply},
    {RouteId::Explain,
     "GET",
     "/v1/explain",
     Role::View,
     "",
     "Would a client be let through, and which rule says so?",
     {},
     "",
     kExplainReply,
     {},
     kExplainTexts},
    {RouteId::Suggest, "GET", "/v1/suggest", Role::View, "",
     "Which rules would allow what was denied since the start?", kSuggestParameters, "",
     kSuggestReply},
    {RouteId::Config,
     "GET",
     "/v1/config",
     Role::View,
     "",
     "What is in force?",
     {},
     "",
     kConfigReply},
    {RouteId::ConfigHistory,
     "GET",
     "/v1/config/history",
     Role::View,
     "config history",
     "The last good configurations, newest first.",
     {},
     "generations",
     kHistoryReply},
    {RouteId::ConfigDiff,
     "POST",
     "/v1/config/diff",
     Role::View,
     "",
     "What would another configuration change?",
     {},
     "",
     kDiffReply,
     kDiffBody},
    {RouteId::ConfigApply,
     "POST",
     "/v1/config/apply",
     Role::Admin,
     "",
     "Puts a configuration into force, all or nothing.",
     {},
     "",
     kChangeReply,
     kApplyBody},
    {RouteId::ConfigConfirm,
     "POST",
     "/v1/config/confirm",
     Role::Admin,
     "",
     "Ends the trial: the configuration stays.",
     {},
     "",
     kChangeReply},
    {RouteId::ConfigRollback,
     "POST",
     "/v1/config/rollback",
     Role::Admin,
     "",
     "Puts an earlier configuration into force again.",
     {},
     "",
     kChangeReply,
     kRollbackBody},
};

constexpr bool in_id_order() {
    for (std::size_t i = 0; i < std::size(kRoutes); ++i)
        if (static_cast<std::size_t>(kRoutes[i].id) != i) return false;
    return true;
}
static_assert(in_id_order(), "route(id) takes the id as an index");

}  // namespace

std::string_view text(Role role) {
    switch (role) {
        case Role::View: return "view";
        case Role::Operate: return "operate";
        case Role::Admin: return "admin";
    }
    __builtin_unreachable();
}

std::string_view text(JsonType type) {
    switch (type) {
        case JsonType::Text: return "string";
        case JsonType::Number: return "number";
        case JsonType::Bool: return "boolean";
        case JsonType::List: return "array";
        case JsonType::Object: return "object";
    }
    __builtin_unreachable();
}

std::span<const Route> routes() {
    return kRoutes;
}

const Route& route(RouteId id) {
    return kRoutes[static_cast<std::size_t>(id)];
}

const Route* find_command(std::string_view command) {
    const auto* found = std::ranges::find(kRoutes, command, &Route::command);
    return command.empty() || found == std::end(kRoutes) ? nullptr : found;
}

}  // namespace sallyport::ctl

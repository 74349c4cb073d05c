// SPDX-License-Identifier: Apache-2.0
#include "control/access_line.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "control/text.h"

namespace sallyport::ctl {
namespace {

using dp::AccessRecord;
using dp::Reason;
using dp::policy::Decision;

// How a session went, as far as the flags and the two reason fields tell it.
enum class Ending : std::uint8_t {
    Normal,         // both sides closed
    Denied,         // the policy or the protocol checks said no
    ConnectFailed,  // the server leg never came about
    Exhausted,      // a resource of the gate was used up
    ClientLeft,     // the client ended it before there was a verdict
    Terminated,     // it was joined, and something ended it before its time
};

// These are failures of the server leg however far it had come.
constexpr Reason kConnectFailures[] = {
    Reason::UpstreamRefused,     Reason::UpstreamTimeout, Reason::UpstreamSetupTimeout,
    Reason::UpstreamUnreachable, Reason::UpstreamNoSack,  Reason::UpstreamNoTimestamps,
    Reason::UpstreamProtocol,    Reason::NoRoute,
};
constexpr Reason kExhausted[] = {
    Reason::PortsExhausted, Reason::SessionTableFull, Reason::SourceShareFull,   Reason::HoldFull,
    Reason::FlowTableFull,  Reason::EmbryoTableFull,  Reason::NeighborTableFull, Reason::NoBuffer,
};
// Denials that can also meet a session that had been allowed.
constexpr Reason kLateDenials[] = {Reason::SecondHelloMismatch, Reason::ConflictingOverlap};
// Ends that are nobody's refusal, even where no verdict had been reached.
constexpr Reason kClientLeft[] = {Reason::ClientClosed, Reason::ClientReset};

bool is_one_of(Reason reason, std::span<const Reason> list) {
    return std::ranges::find(list, reason) != list.end();
}

Ending ending_of(const AccessRecord& r) {
    const bool undenied = r.decision != Decision::Deny;
    if (is_one_of(r.reason, kConnectFailures)) return Ending::ConnectFailed;
    if (is_one_of(r.reason, kExhausted)) return Ending::Exhausted;
    if (is_one_of(r.reason, kLateDenials)) return Ending::Denied;
    if (!r.has_server && is_one_of(r.reason, kClientLeft)) return Ending::ClientLeft;
    if (r.reason == Reason::Shutdown) return Ending::Terminated;
    if (!undenied) return Ending::Denied;
    return r.reason == Reason::None || r.reason == Reason::Closed ? Ending::Normal
                                                                  : Ending::Terminated;
}

// Envoy documents UF, UO and NR for TCP. DC on a line without HTTP is an extension of ours: a
// client that went away before it was judged was neither denied (NR) nor served (-). Exhausted
// tables of the gate share UO with exhausted egress ports; the details say which.
std::string_view flags(Ending ending) {
    switch (ending) {
        case Ending::Normal: return "-";
        case Ending::Denied: return "NR";
        case Ending::ConnectFailed: return "UF";
        case Ending::Exhausted: return "UO";
        case Ending::ClientLeft: return "DC";
        case Ending::Terminated: return "-";
    }
    __builtin_unreachable();
}

// RESPONSE_CODE_DETAILS: why it was refused or failed.
std::string_view details(const AccessRecord& r, Ending ending) {
    if (ending == Ending::Normal || ending == Ending::Terminated) return "-";
    return dp::text(r.reason);
}

// CONNECTION_TERMINATION_DETAILS: what cut a session short that had not been refused.
std::string_view termination(const AccessRecord& r, Ending ending) {
    return ending == Ending::Terminated ? dp::text(r.reason) : "-";
}

std::string upstream_cluster(const AccessRecord& r) {
    if (!r.has_server || r.name_length == 0) return "-";
    return "outbound|" + std::to_string(r.server.dst_port.number) + "||" + log_token(r.name());
}

// A session that ended before its verdict took no route, not even the default one.
std::string route_name(const AccessRecord& r, Ending ending, const RuleNames& rules) {
    const bool undecided = r.rule == dp::policy::kDefaultRule && ending != Ending::Denied;
    return undecided ? "-" : log_token(rules.name(r.rule));
}

std::string addresses(const AccessRecord& r) {
    const std::string host = r.has_server ? endpoint_text(r.server.dst, r.server.dst_port) : "-";
    const std::string local = r.has_server ? endpoint_text(r.server.src, r.server.src_port) : "-";
    return '"' + host + "\" " + upstream_cluster(r) + ' ' + local + ' ' +
           endpoint_text(r.client.dst, r.client.dst_port) + ' ' +
           endpoint_text(r.client.src, r.client.src_port);
}

}  // namespace

LogContext log_context(const dp::Dataplane& dataplane, const RuleNames& rules) {
    using std::chrono::system_clock;
    const auto since_origin =
        std::chrono::duration_cast<system_clock::duration>(dataplane.now().time_since_epoch());
    return {rules, system_clock::now() - since_origin};
}

std::string format_istio(const AccessRecord& r, const LogContext& context) {
    const Ending ending = ending_of(r);
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(r.duration).count();
    std::string line;
    line.reserve(384);
    line.append("[").append(time_text(context.wall(r.start))).append("] \"- - -\" 0 ");
    line.append(flags(ending)).append(" ").append(details(r, ending)).append(" ");
    line.append(termination(r, ending)).append(" \"-\" ");
    line.append(std::to_string(r.bytes_received)).append(" ");
    line.append(std::to_string(r.bytes_sent)).append(" ").append(std::to_string(ms));
    line.append(" - \"-\" \"-\" \"-\" \"-\" ").append(addresses(r)).append(" ");
    line.append(log_token(r.name())).append(" ");
    line.append(route_name(r, ending, context.rules)).append("\n");
    return line;
}

}  // namespace sallyport::ctl

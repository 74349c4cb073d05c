// SPDX-License-Identifier: Apache-2.0
#include "control/access_ending.h"

#include <algorithm>
#include <span>

namespace sallyport::ctl {
namespace {

using dp::AccessRecord;
using dp::Reason;
using dp::policy::Decision;

// These are failures of the server leg however far it had come.
constexpr Reason kConnectFailures[] = {
    Reason::UpstreamRefused,     Reason::UpstreamTimeout, Reason::UpstreamSetupTimeout,
    Reason::UpstreamUnreachable, Reason::NoRoute,
};
constexpr Reason kExhausted[] = {
    Reason::PortsExhausted,  Reason::SessionTableFull,  Reason::SetupTableFull,
    Reason::SourceShareFull, Reason::NameTableFull,     Reason::RequestTableFull,
    Reason::RelayFull,       Reason::HoldFull,          Reason::FlowTableFull,
    Reason::EmbryoTableFull, Reason::NeighborTableFull, Reason::NoBuffer,
    Reason::ConnectionLimit, Reason::NameCacheFull,     Reason::LimitTableFull,
};
constexpr Reason kResolveFailures[] = {Reason::DnsFailed, Reason::DnsTimeout};
constexpr Reason kRateLimits[] = {Reason::RateLimit, Reason::DnsLimited};
// Requests that are wrong by themselves, whatever the policy says. A well-formed request that the
// gate does not relay (CONNECT, an upgrade, an address for a name) is a denial instead, and so is a
// head that never ended, like a hello that never did.
constexpr Reason kMalformed[] = {
    Reason::HttpAmbiguous, Reason::HostInvalid, Reason::NoHost,
    Reason::MethodUnknown, Reason::HttpVersion, Reason::RequestHeadTooLarge,
};
// Denials that can also meet a session that had been allowed.
constexpr Reason kLateDenials[] = {Reason::SecondHelloMismatch, Reason::ConflictingOverlap};
// Ends that are nobody's refusal, even where no verdict had been reached.
constexpr Reason kClientLeft[] = {Reason::ClientClosed, Reason::ClientReset};
constexpr Reason kUpstreamLeft[] = {Reason::UpstreamClosed, Reason::UpstreamReset};

bool is_one_of(Reason reason, std::span<const Reason> list) {
    return std::ranges::find(list, reason) != list.end();
}

// Where a request and a session differ: a request ends with its response, so what a side does ahead
// of that is a failure, while a joined session that a side resets has merely ended.
Ending ending_of_peers(const AccessRecord& r) {
    if (is_one_of(r.reason, kClientLeft))
        return r.http || !r.has_server ? Ending::ClientLeft : Ending::Terminated;
    if (r.reason == Reason::UpstreamProtocol)
        return r.http ? Ending::UpstreamMalformed : Ending::ConnectFailed;
    return r.http ? Ending::UpstreamLeft : Ending::Terminated;
}

bool is_cut_short(Ending ending) {
    return ending == Ending::Terminated || ending == Ending::OverBudget ||
           ending == Ending::DurationOver;
}

}  // namespace

Ending ending_of(const AccessRecord& r) {
    if (is_one_of(r.reason, kConnectFailures)) return Ending::ConnectFailed;
    if (is_one_of(r.reason, kExhausted)) return Ending::Exhausted;
    if (is_one_of(r.reason, kResolveFailures)) return Ending::ResolveFailed;
    if (is_one_of(r.reason, kRateLimits)) return Ending::RateLimited;
    if (r.reason == Reason::NoFamily) return Ending::NoUsableAddress;
    if (r.reason == Reason::BudgetExceeded) return Ending::OverBudget;
    if (r.reason == Reason::MaxDuration) return Ending::DurationOver;
    if (is_one_of(r.reason, kMalformed)) return Ending::Malformed;
    if (is_one_of(r.reason, kLateDenials)) return Ending::Denied;
    const bool by_a_peer = is_one_of(r.reason, kClientLeft) || is_one_of(r.reason, kUpstreamLeft) ||
                           r.reason == Reason::UpstreamProtocol;
    if (by_a_peer) return ending_of_peers(r);
    if (r.reason == Reason::Shutdown) return Ending::Terminated;
    if (r.decision == Decision::Deny) return Ending::Denied;
    return r.reason == Reason::None || r.reason == Reason::Closed ? Ending::Normal
                                                                  : Ending::Terminated;
}

// Envoy documents UF, UH, UO, NR and DT for TCP as well. DC, DPE, DF and RL on a line without HTTP
// are an extension of ours: a client that went away before it was judged was neither denied (NR) nor
// served (-), an HTTP client whose first head is broken has no request to be logged, and names are
// resolved and rates are limited for every protocol. Exhausted tables of the gate share UO with
// exhausted egress ports and with limits on connections; the details say which.
std::string_view response_flag(Ending ending) {
    switch (ending) {
        case Ending::Normal: return "-";
        case Ending::Denied: return "NR";
        case Ending::Malformed: return "DPE";
        case Ending::ConnectFailed: return "UF";
        case Ending::ResolveFailed: return "DF";
        case Ending::NoUsableAddress: return "UH";
        case Ending::Exhausted: return "UO";
        case Ending::RateLimited:
        case Ending::OverBudget: return "RL";
        case Ending::DurationOver: return "DT";
        case Ending::ClientLeft: return "DC";
        case Ending::UpstreamLeft: return "UC";
        case Ending::UpstreamMalformed: return "UPE";
        case Ending::Terminated: return "-";
    }
    __builtin_unreachable();
}

std::string response_details(const AccessRecord& r, Ending ending) {
    if (ending != Ending::Normal && !is_cut_short(ending)) return std::string(dp::text(r.reason));
    if (r.decision == Decision::WouldDeny)
        return "would_deny:" + std::string(dp::text(r.would_deny));
    const bool answered_by_server = r.http && !r.http->own_answer && r.http->code != 0;
    return answered_by_server ? "via_upstream" : "-";
}

std::string_view termination_details(const AccessRecord& r, Ending ending) {
    return is_cut_short(ending) ? dp::text(r.reason) : "-";
}

}  // namespace sallyport::ctl

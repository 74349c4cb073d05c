// SPDX-License-Identifier: Apache-2.0
#include "control/live_sessions.h"

#include <algorithm>

namespace sallyport::ctl {
namespace {

using dp::policy::Decision;

constexpr auto kWorkerTimeout = std::chrono::milliseconds(1000);

bool is_decided(const dp::SessionRow& row) {
    return row.state != dp::SessionState::Hold && row.state != dp::SessionState::Closed &&
           row.record.decision != Decision::Deny;
}

dp::policy::FlowProtocol flow_protocol(dp::RecordProtocol protocol) {
    switch (protocol) {
        case dp::RecordProtocol::Tcp: return dp::policy::FlowProtocol::Tcp;
        case dp::RecordProtocol::Udp: return dp::policy::FlowProtocol::Udp;
        case dp::RecordProtocol::Icmp: return dp::policy::FlowProtocol::Icmp;
    }
    __builtin_unreachable();
}

bool is_allowed(const dp::policy::PolicyTable& policy, const dp::SessionRow& row) {
    const dp::AccessRecord& r = row.record;
    if (r.translated) {
        const Port port = r.protocol == dp::RecordProtocol::Icmp ? Port{0} : r.client.dst_port;
        return policy.match_flow({r.client.src, r.client.dst, port, flow_protocol(r.protocol)})
                   .decision != Decision::Deny;
    }
    const auto protocol =
        row.http ? dp::policy::AppProtocol::Http : dp::policy::AppProtocol::Tls;
    return policy.match({r.client.src, r.name(), r.client.dst_port, protocol}).decision !=
           Decision::Deny;
}

}  // namespace

std::optional<LiveImpact> impact_of(const dp::Generation& generation, dp::Dataplane& dataplane,
                                    const RuleBook& book) {
    LiveImpact impact;
    const bool whole = dataplane.visit_sessions(
        [&](const dp::SessionRow& row) {
            if (!is_decided(row)) return;
            ++impact.sessions;
            if (is_allowed(generation.policy, row)) return;
            ++impact.no_longer_allowed;
            ++impact.by_rule[book.find(row.record.rule, row.record.generation)->name];
        },
        kWorkerTimeout);
    return whole ? std::optional(std::move(impact)) : std::nullopt;
}

std::optional<std::uint64_t> oldest_generation(dp::Dataplane& dataplane, std::uint64_t otherwise) {
    std::uint64_t oldest = otherwise;
    const bool whole = dataplane.visit_sessions(
        [&](const dp::SessionRow& row) { oldest = std::min(oldest, row.record.generation); },
        kWorkerTimeout);
    return whole ? std::optional(oldest) : std::nullopt;
}

}  // namespace sallyport::ctl

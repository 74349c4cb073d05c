// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/rule_terms.h"

#include "dataplane/policy/range_list.h"

namespace sallyport::dp::policy {
namespace {

Destination destination_of(cfg::Destination destination) {
    switch (destination) {
        case cfg::Destination::Verified: return Destination::Verified;
        case cfg::Destination::Resolved: return Destination::Resolved;
        case cfg::Destination::Static: return Destination::Static;
        case cfg::Destination::Original: return Destination::Original;
    }
    __builtin_unreachable();
}

OnMismatch on_mismatch_of(cfg::OnMismatch on_mismatch) {
    return on_mismatch == cfg::OnMismatch::Redirect ? OnMismatch::Redirect : OnMismatch::Deny;
}

CrossFamily cross_family_of(cfg::CrossFamily cross_family) {
    switch (cross_family) {
        case cfg::CrossFamily::Relay: return CrossFamily::Relay;
        case cfg::CrossFamily::Always: return CrossFamily::Always;
        case cfg::CrossFamily::Deny: return CrossFamily::Deny;
    }
    __builtin_unreachable();
}

Balance balance_of(cfg::Balance balance) {
    return balance == cfg::Balance::RoundRobin ? Balance::RoundRobin : Balance::LeastLoaded;
}

Upstream upstream_of(const cfg::Rule& rule, const cfg::Upstream& u) {
    Upstream out;
    out.destination = destination_of(u.destination);
    out.on_mismatch = on_mismatch_of(u.on_mismatch);
    out.cross_family = cross_family_of(u.cross_family);
    out.balance = balance_of(u.balance);
    out.port = u.port;
    out.weight = u.weight;
    out.max_connections = u.max_connections;
    out.resolve = u.resolve;
    for (const cfg::Endpoint& e : u.endpoints)
        out.endpoints.push_back({e.address, e.port, e.weight});
    out.networks = joined(ranges_of(u.networks.empty() ? rule.networks : u.networks));
    const auto zero = std::chrono::milliseconds(0);
    out.connect_timeout = u.connect_timeout.value_or(zero);
    out.idle_timeout = u.idle_timeout.value_or(zero);
    out.max_duration = u.max_duration.value_or(zero);
    if (u.keepalive)
        out.keepalive = {u.keepalive->time, u.keepalive->interval, u.keepalive->probes};
    return out;
}

Quota quota_of(const cfg::Quota& q) {
    return {q.max_connections, q.new_per_second, q.bytes_per_second, q.bytes};
}

}  // namespace

Terms terms_of(const cfg::Rule& rule, RuleId id) {
    Terms out{.of_rule = id,
              .upstreams = {},
              .total_weight = 0,
              .rule = quota_of(rule.limits.rule),
              .source = quota_of(rule.limits.source)};
    if (rule.split.empty()) out.upstreams.push_back(upstream_of(rule, rule.upstream));
    for (const cfg::Upstream& u : rule.split) out.upstreams.push_back(upstream_of(rule, u));
    for (const Upstream& u : out.upstreams) out.total_weight += u.weight;
    return out;
}

}  // namespace sallyport::dp::policy

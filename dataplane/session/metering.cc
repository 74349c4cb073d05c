// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/metering.h"

#include <algorithm>

#include "dataplane/session/ending.h"
#include "dataplane/session/relay_legs.h"

namespace sallyport::dp {
namespace {

// What waits is let go in parts: not smaller than two segments, and not sooner than in parts of so
// long, or a fast rate would cost a turn for every segment.
constexpr std::uint64_t kPart = 2 * 1460;
constexpr Duration kPartTime = std::chrono::milliseconds(10);

// What the budget paid for is delivered; the rest of what was judged stays here.
void end_spent(Relay& relay, Reason reason) {
    for (RelayWay* way : {&relay.to_server, &relay.to_client})
        way->judged = std::min(way->judged, way->metered);
    relay.end_by(RelayEnd::Spent, reason);
}

void meter_way(Core& core, SessionIndex s, RelayWay& way) {
    const LimitHold& hold = core.store.sessions[s].limits;
    Limits& limits = core.store.limits;
    Relay& relay = relay_of(core, s);
    if (!hold.any()) way.metered = way.judged;
    while (way.metered < way.judged) {
        const std::uint64_t at_once = limits.allowance(hold, *core.generation, kPart, core.now);
        const std::uint64_t octets = std::min(way.judged - way.metered, at_once);
        const Reason reason = limits.take(hold, *core.generation, octets, core.now);
        if (reason == Reason::OverRate) {
            const Instant ready = limits.ready_at(hold, *core.generation);
            relay.rate_deadline = std::max(ready, core.now) + kPartTime;
            return core.counters.count(reason);
        }
        if (reason != Reason::None) return end_spent(relay, reason);
        way.metered += octets;
    }
}

}  // namespace

Reason take_limits(Core& core, SessionIndex s, const policy::Verdict& verdict) {
    Session& session = core.store.sessions[s];
    Limits& limits = core.store.limits;
    if (limits.is_of(session.limits, core.generation->policy.terms(verdict).of_rule))
        return Reason::None;
    limits.close(session.limits);
    return limits.open(session.limits, *core.generation, verdict, session.source, core.now);
}

Reason take_upstream(Core& core, SessionIndex s, const policy::Verdict& verdict,
                     const policy::Upstream& upstream) {
    if (upstream.max_connections == 0) return Reason::None;
    Session& session = core.store.sessions[s];
    return core.store.upstream_use.open(verdict.rule, session.upstream,
                                        core.share_of(upstream.max_connections),
                                        session.upstream_use);
}

void give_back_limits(Core& core, SessionIndex s) {
    core.store.limits.close(core.store.sessions[s].limits);
    give_back_upstream(core, s);
}

void give_back_upstream(Core& core, SessionIndex s) {
    core.store.upstream_use.close(core.store.sessions[s].upstream_use);
}

Reason meter(Core& core, SessionIndex s, std::uint64_t octets) {
    const LimitHold& hold = core.store.sessions[s].limits;
    if (octets == 0 || !hold.any()) return Reason::None;
    return core.store.limits.take(hold, *core.generation, octets, core.now);
}

void meter_relay(Core& core, SessionIndex s) {
    Relay& relay = relay_of(core, s);
    relay.rate_deadline = kNever;
    if (relay.server_open) meter_way(core, s, relay.to_server);
    meter_way(core, s, relay.to_client);
}

bool keeps_back(Core& core, SessionIndex s, const Packet& packet, std::uint64_t octets) {
    const Reason reason = meter(core, s, octets);
    if (reason == Reason::None) return false;
    if (reason != Reason::BudgetExceeded) return core.drop(packet, reason), true;
    core.free(packet);
    abort_session(core, s, reason);
    return true;
}

}  // namespace sallyport::dp

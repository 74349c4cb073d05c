// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/metering.h"

#include "dataplane/session/ending.h"

namespace sallyport::dp {

Reason take_limits(Core& core, SessionIndex s, const policy::Verdict& verdict,
                   const policy::Upstream& upstream) {
    Session& session = core.store.sessions[s];
    Limits& limits = core.store.limits;
    const Reason reason =
        limits.open(session.limits, *core.generation, verdict, session.source, core.now);
    if (reason != Reason::None || upstream.max_connections == 0) return reason;
    const Reason full =
        core.store.upstream_use.open(verdict.rule, session.upstream,
                                     core.share_of(upstream.max_connections), session.upstream_use);
    if (full != Reason::None) limits.close(session.limits);
    return full;
}

void give_back_limits(Core& core, SessionIndex s) {
    Session& session = core.store.sessions[s];
    core.store.limits.close(session.limits);
    core.store.upstream_use.close(session.upstream_use);
}

Reason meter(Core& core, SessionIndex s, std::uint64_t octets) {
    const LimitHold& hold = core.store.sessions[s].limits;
    if (octets == 0 || !hold.any()) return Reason::None;
    return core.store.limits.take(hold, *core.generation, octets, core.now);
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

// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/server_search.h"

#include "dataplane/policy/vetting.h"
#include "dataplane/session/binding.h"
#include "dataplane/session/metering.h"
#include "dataplane/session/records.h"
#include "dataplane/session/relay_legs.h"
#include "dataplane/session/server_leg.h"
#include "dataplane/session/verdicts.h"
#include "dataplane/session/waiting.h"

namespace sallyport::dp {
namespace {

using policy::Decision;

// What set-up needs of the generation that decided.
void adopt_verdict(Core& core, SessionIndex s, const policy::Verdict& verdict) {
    Session& session = core.store.sessions[s];
    Setup& setup = core.store.setups[session.setup];
    session.rule = verdict.rule;
    session.decision = verdict.decision;
    session.generation = core.generation->id;
    session.would_deny = verdict.decision == Decision::WouldDeny ? verdict.reason : Reason::None;
    setup.answer = verdict.answer;
    setup.generation = core.generation->id;
    setup.egress_set = verdict.egress;
    setup.allow_private = verdict.allow_private;
}

// Chosen once: a session that waited for an answer goes on to the upstream whose name it was.
const policy::Upstream& upstream_for(Core& core, SessionIndex s, const policy::Verdict& verdict,
                                     const policy::Terms& terms) {
    Session& session = core.store.sessions[s];
    Setup& setup = core.store.setups[session.setup];
    if (!setup.shared_out || session.upstream >= terms.upstreams.size())
        session.upstream = share_out(core, verdict.rule, terms);
    setup.shared_out = true;
    return terms.upstreams[session.upstream];
}

// What the session keeps of its upstream.
void adopt_upstream(Core& core, SessionIndex s, const policy::Upstream& upstream) {
    Session& session = core.store.sessions[s];
    core.store.setups[session.setup].connect_timeout = upstream.connect_timeout;
    session.idle_timeout = upstream.idle_timeout;
    session.keepalive =
        upstream.keepalive.probes != 0 ? upstream.keepalive : core.settings().keepalive;
    session.ends_at =
        upstream.max_duration != Duration{} ? core.now + upstream.max_duration : kNever;
}

// The name has no address: nobody's refusal.
bool is_failure(Reason reason) {
    return reason == Reason::DnsFailed || reason == Reason::NoFamily;
}

}  // namespace

policy::Verdict present_verdict(const Core& core, SessionIndex s) {
    const SessionStore& store = core.store;
    std::array<char, kNameMax> name;
    const RelayIndex relay = store.sessions[s].relay;
    const bool http = relay != kNoIndex && store.relays[relay].kind == RelayKind::Http;
    const auto protocol = http ? policy::AppProtocol::Http : policy::AppProtocol::Tls;
    return decide(*core.generation, store.client(s),
                  name_of(store, s, name), protocol);
}

Reason vet_server(const Core& core, const Setup& setup, const IpAddr& address) {
    const Settings& settings = core.settings();
    return policy::vet_destination(address, {settings.own, settings.inside},
                                   setup.allow_private ? policy::PrivateAddresses::Allow
                                                       : policy::PrivateAddresses::Refuse);
}

void seek_server(Core& core, SessionIndex s, const policy::Verdict& verdict) {
    Session& session = core.store.sessions[s];
    Setup& setup = core.store.setups[session.setup];
    if (verdict.rule != session.rule) setup.shared_out = false;
    adopt_verdict(core, s, verdict);
    if (verdict.decision == Decision::Deny) return refuse_server(core, s, verdict.reason);
    const policy::Terms& terms = core.generation->policy.terms(verdict);
    const policy::Upstream& upstream = upstream_for(core, s, verdict, terms);
    std::array<char, kNameMax> name;
    const Binding binding =
        bind(core, {.client = core.store.client(s),
                    .since = session.start,
                    .name = name_of(core.store, s, name),
                    .rule = verdict.rule,
                    .egress = verdict.egress,
                    .upstream = upstream});
    if (is_failure(binding.refused)) return fail_leg(core, s, binding.refused);
    if (binding.refused != Reason::None) return refuse_server(core, s, binding.refused);
    if (const Reason full = take_limits(core, s, verdict); full != Reason::None)
        return refuse_server(core, s, full);
    if (binding.awaits != kNoIndex) return wait_for_answer(core, s, binding.awaits);
    if (const Reason full = take_upstream(core, s, verdict, upstream); full != Reason::None)
        return refuse_server(core, s, full);
    adopt_upstream(core, s, upstream);
    session.redirected = binding.redirected;
    if (binding.redirected) core.counters.sessions_redirected.add(1);
    setup.candidates = binding.candidates;
    open_server_leg(core, s);
}

bool renew_verdict(Core& core, SessionIndex s) {
    if (core.store.setups[core.store.sessions[s].setup].generation == core.generation->id)
        return true;
    const policy::Verdict verdict = present_verdict(core, s);
    adopt_verdict(core, s, verdict);
    if (verdict.decision != Decision::Deny) return true;
    refuse_server(core, s, verdict.reason);
    return false;
}

void refuse_server(Core& core, SessionIndex s, Reason reason) {
    const policy::Answer answer = core.store.setups[core.store.sessions[s].setup].answer;
    if (core.store.sessions[s].relay != kNoIndex)
        return relay_leg_refused(core, s, reason, answer);
    refuse_session(core, s, reason, answer);
}

}  // namespace sallyport::dp

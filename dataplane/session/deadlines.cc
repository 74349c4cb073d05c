// SPDX-License-Identifier: Apache-2.0
// What time alone does to a session.
#include <algorithm>

#include "dataplane/session/ending.h"
#include "dataplane/session/held_ack.h"
#include "dataplane/session/keepalive.h"
#include "dataplane/session/relay_legs.h"
#include "dataplane/session/relay_turn.h"
#include "dataplane/session/server_leg.h"
#include "dataplane/session/silence.h"
#include "dataplane/session/translated.h"
#include "dataplane/session/verdicts.h"
#include "dataplane/session/waiting.h"

namespace sallyport::dp {
namespace {

bool is_transitory(const Core& core, SessionIndex s) {
    if (const RelayIndex r = core.store.sessions[s].relay; r != kNoIndex)
        return core.store.relays[r].first_close != EndedBy::Gate;
    return core.store.sessions[s].reset || core.store.flow(s, Direction::ToServer).fin_sent ||
           core.store.flow(s, Direction::ToClient).fin_sent;
}

Duration idle_limit(const Core& core, SessionIndex s) {
    if (is_transitory(core, s)) return core.settings().transitory_timeout;
    const Duration own = core.store.sessions[s].idle_timeout;
    return own != Duration{} ? own : core.settings().idle_timeout;
}

// A relay of which one side has closed must get on: a peer that only keeps acknowledging nothing
// new is not activity.
Instant idle_due(const Core& core, SessionIndex s) {
    const RelayIndex relay = core.store.sessions[s].relay;
    if (relay != kNoIndex && is_transitory(core, s))
        return core.store.relays[relay].progress_at + core.settings().transitory_timeout;
    return core.now + idle_limit(core, s) - silence_of(core.store, s, core.now);
}

// When the session, or the server leg of an HTTP relay, has lasted for long enough. Requests that are
// under way are answered first.
Instant lasting_due(const Core& core, SessionIndex s) {
    const Session& session = core.store.sessions[s];
    if (session.relay == kNoIndex) return session.ends_at;
    const Relay& relay = core.store.relays[session.relay];
    const bool busy =
        relay.kind == RelayKind::Http && (!relay.server_open || relay.http.outstanding > 0 ||
                                          relay.http.leg_deadline != kNever);
    return busy ? kNever : session.ends_at;
}

Instant stage_due(const Core& core, SessionIndex s) {
    const Setup& setup = core.store.setups[core.store.sessions[s].setup];
    switch (setup.stage) {
        case Stage::Undecided:
        case Stage::SecondHold: return setup.hello_deadline;
        case Stage::Resolving: return std::min(setup.resolve_deadline, setup.ask_again_at);
        case Stage::Connecting:
        case Stage::Delivering:
            return std::min({setup.leg.deadline(), setup.connect_deadline, setup.setup_deadline});
        case Stage::AwaitingServer:
            return std::min({setup.leg.deadline(), idle_due(core, s), lasting_due(core, s)});
    }
    __builtin_unreachable();
}

Instant setup_due(const Core& core, SessionIndex s) {
    const Setup& setup = core.store.setups[core.store.sessions[s].setup];
    return std::min(stage_due(core, s), setup.acknowledge_at);
}

Instant due(const Core& core, SessionIndex s) {
    const Session& session = core.store.sessions[s];
    if (session.state == SessionState::Closed) return session.closed_until;
    if (session.translated && !is_established(core, s))
        return std::min(session.ends_at,
                        core.now + flow_lifetime(core, s) -
                            silence_of(core.store, s, Direction::ToServer, core.now));
    const Instant idle =
        std::min({idle_due(core, s), lasting_due(core, s), keepalive_due(core, s)});
    const Instant setup = session.setup != kNoIndex ? setup_due(core, s) : kNever;
    if (session.relay != kNoIndex) return std::min({relay_due(core, s), setup, idle});
    return session.setup != kNoIndex ? setup : idle;
}

void abort_idle(Core& core, SessionIndex s) {
    abort_session(core, s,
                  is_transitory(core, s) ? Reason::TransitoryTimeout : Reason::IdleTimeout);
}

void on_setup_deadline(Core& core, SessionIndex s) {
    Setup& setup = core.store.setups[core.store.sessions[s].setup];
    const Instant now = core.now;
    if (now >= setup.acknowledge_at) {
        acknowledge_held(core, s);
        return rearm(core, s);
    }
    switch (setup.stage) {
        case Stage::Undecided:
        case Stage::SecondHold:
            return refuse_session(core, s, Reason::ClientHelloTimeout);
        case Stage::Resolving: return on_resolve_deadline(core, s);
        case Stage::Connecting:
        case Stage::Delivering:
            if (now >= setup.setup_deadline) return fail_leg(core, s, Reason::UpstreamSetupTimeout);
            if (now >= setup.connect_deadline) return on_connect_deadline(core, s);
            if (now >= setup.leg.deadline()) return retransmit(core, s);
            return rearm(core, s);
        case Stage::AwaitingServer:
            if (now >= setup.leg.deadline()) return retransmit(core, s);
            return abort_idle(core, s);
    }
}

void on_relay_session_deadline(Core& core, SessionIndex s) {
    if (idle_due(core, s) <= core.now) return abort_idle(core, s);
    if (core.store.sessions[s].setup != kNoIndex && setup_due(core, s) <= core.now)
        on_setup_deadline(core, s);
    on_relay_deadline(core, s);
    rearm(core, s);
}

void on_lasted(Core& core, SessionIndex s) {
    const RelayIndex relay = core.store.sessions[s].relay;
    if (relay == kNoIndex || core.store.relays[relay].kind != RelayKind::Http)
        return abort_session(core, s, Reason::MaxDuration);
    retire_http_leg(core, s);
}

}  // namespace

// Not in the past: what is due already has its turn in the next round, so that no session can keep
// the wheel to itself.
void rearm(Core& core, SessionIndex s) {
    keep_silences(core.store, s, core.now);
    core.store.wheel.arm(s, std::max(due(core, s), core.now));
}

void on_deadline(Core& core, SessionIndex s) {
    // The wheel fires early when the deadline lies beyond its horizon or has moved since.
    if (due(core, s) > core.now) return rearm(core, s);
    const Session& session = core.store.sessions[s];
    if (session.state == SessionState::Closed)
        return end_session(core, s, Reason::Closed, session.ended_by);
    if (session.translated && !is_established(core, s))
        return end_session(core, s,
                           session.ends_at <= core.now ? Reason::MaxDuration : Reason::FlowExpired,
                           EndedBy::Gate);
    if (lasting_due(core, s) <= core.now) return on_lasted(core, s);
    if (keepalive_due(core, s) <= core.now) return on_keepalive_deadline(core, s);
    if (session.relay != kNoIndex) return on_relay_session_deadline(core, s);
    if (session.setup != kNoIndex) return on_setup_deadline(core, s);
    // RFC 5382 lets a NAT forget in silence; a reset tells both ends at once (RFC 7857 section 3).
    if (session.reset) return end_session(core, s, session.reason, session.ended_by);
    if (is_transitory(core, s)) return end_session(core, s, Reason::TransitoryTimeout, EndedBy::Gate);
    abort_session(core, s, Reason::IdleTimeout);
}

}  // namespace sallyport::dp

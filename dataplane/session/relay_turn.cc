// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/relay_turn.h"

#include <algorithm>

#include "dataplane/session/ending.h"
#include "dataplane/session/metering.h"
#include "dataplane/session/relay_legs.h"
#include "dataplane/session/relay_room.h"

namespace sallyport::dp {
namespace {

using tcp::TcpState;

// How long a close may take of which only one side is left (RFC 9112 section 9.6 has no number).
constexpr Duration kLinger = std::chrono::seconds(5);

bool server_is_over(const Relay& relay) {
    return !relay.server_open || is_over(relay.server.state());
}

void inspect(Core& core, SessionIndex s) {
    switch (relay_of(core, s).kind) {
        case RelayKind::Http: return inspect_http(core, s);
        case RelayKind::Tls: return inspect_tls(core, s);
    }
}

void note_first_close(Relay& relay) {
    if (relay.first_close != EndedBy::Gate) return;
    if (relay.client.peer_finished())
        relay.first_close = EndedBy::Client;
    else if (relay.server_open && relay.server.peer_finished())
        relay.first_close = EndedBy::Server;
}

void note_progress(Relay& relay, Instant now) {
    const std::uint64_t server =
        relay.server_open ? relay.server.acked() + relay.server.received() : 0;
    const std::uint64_t progress = server + relay.client.acked() + relay.client.received();
    if (progress == relay.progress) return;
    relay.progress = progress;
    relay.progress_at = now;
}

// A connection that gave up waiting for its peer.
void note_timeouts(Relay& relay, Instant now) {
    const auto gave_up = [&](tcp::Connection& leg) {
        return leg.state() != TcpState::Closed && !leg.on_deadline(now);
    };
    if (gave_up(relay.client)) relay.end_by(RelayEnd::Abort, Reason::ClientTimeout);
    if (relay.server_open && gave_up(relay.server))
        relay.end_by(RelayEnd::Abort, relay.server.was_silent() ? Reason::KeepaliveTimeout
                                                                : Reason::UpstreamTimeout);
}

bool has_all(const tcp::Connection& leg, const RelayWay& way) {
    return leg.state() == TcpState::Closed || leg.acked() == way.judged;
}

bool is_delivered(const Relay& relay) {
    const bool to_client = has_all(relay.client, relay.to_client);
    if (relay.end != RelayEnd::Spent || !relay.server_open) return to_client;
    return to_client && has_all(relay.server, relay.to_server);
}

EndedBy culprit(const Relay& relay) {
    return relay.end_reason == Reason::ClientReset     ? EndedBy::Client
           : relay.end_reason == Reason::UpstreamReset ? EndedBy::Server
                                                       : EndedBy::Gate;
}

// True: the session has ended.
bool settle_end(Core& core, SessionIndex s) {
    Relay& relay = relay_of(core, s);
    const bool delivers = relay.end == RelayEnd::Delivered || relay.end == RelayEnd::Spent;
    if (delivers && is_delivered(relay)) relay.end = RelayEnd::Abort;
    const bool now =
        relay.end == RelayEnd::Abort || (relay.end == RelayEnd::Silence && is_delivered(relay));
    if (!now) return false;
    if (relay.end == RelayEnd::Abort) reset_client_leg(core, s);
    const Reason reason = relay.end_reason;
    const EndedBy by = culprit(relay);
    reset_server_leg(core, s);
    end_session(core, s, reason, by);
    return true;
}

// A client that closes hands its close on when all that it sent has gone; likewise the server. What
// was cut short ends with a reset.
void hand_on_closes(Relay& relay) {
    if (relay.end == RelayEnd::Spent) return;
    if (relay.to_server.closed && relay.server_open && !relay.server.is_finishing())
        relay.server.finish(relay.to_server.judged);
    if (relay.to_client.closed && !relay.client.is_finishing())
        relay.client.finish(relay.to_client.judged);
}

void on_judge_deadline(Core& core, SessionIndex s) {
    Relay& relay = relay_of(core, s);
    relay.judge_deadline = kNever;
    if (relay.kind == RelayKind::Http) return on_http_head_deadline(core, s);
    refuse_tls(core, s, Reason::ClientHelloTimeout);
}

// Both legs are done: the record is written, the session stays a while for late packets.
bool settle_closed(Core& core, SessionIndex s) {
    Relay& relay = relay_of(core, s);
    const bool both = is_over(relay.client.state()) && server_is_over(relay);
    if (!both) return false;
    core.store.sessions[s].ended_by = relay.first_close;
    relay.to_server.queue.clear(core.store.relay_chunks);
    relay.to_client.queue.clear(core.store.relay_chunks);
    make_room(core, s);
    close_session(core, s);
    return true;
}

// One side is through with everything, the other does not finish.
void settle_linger(Core& core, SessionIndex s) {
    Relay& relay = relay_of(core, s);
    // What one side was promised is delivered first, as long as the other acknowledges.
    const bool uploads = !server_is_over(relay) && relay.server.acked() < relay.to_server.judged;
    const bool half = (is_over(relay.client.state()) && !uploads) ||
                      (relay.client.fin_acked() && server_is_over(relay));
    if (!half)
        relay.linger_deadline = kNever;
    else if (relay.linger_deadline == kNever)
        relay.linger_deadline = core.now + kLinger;
}

bool has_room(const Outbox& outbox) {
    return outbox.stock.size() > kStockReserve && has_room_for_lines(outbox);
}

void turn(Core& core, SessionIndex s) {
    if (core.store.sessions[s].state == SessionState::Closed) {
        send_legs(core, s);  // a late FIN is acknowledged again
        return;
    }
    Relay& relay = relay_of(core, s);
    make_room(core, s);
    note_first_close(relay);
    note_progress(relay, core.now);
    inspect(core, s);
    hand_on_closes(relay);
    meter_relay(core, s);
    if (settle_end(core, s)) return;
    make_room(core, s);
    if (send_legs(core, s)) due_now(core, s);
    if (settle_closed(core, s)) return;
    settle_linger(core, s);
    rearm(core, s);
}

}  // namespace

Instant relay_due(const Core& core, SessionIndex s) {
    const Relay& relay = core.store.relays[core.store.sessions[s].relay];
    const Instant server = relay.server_open ? relay.server.deadline() : kNever;
    return std::min({relay.client.deadline(), server, relay.linger_deadline, relay.judge_deadline,
                     relay.rate_deadline, relay.http.leg_deadline});
}

void on_relay_deadline(Core& core, SessionIndex s) {
    Relay& relay = relay_of(core, s);
    note_timeouts(relay, core.now);
    if (core.now >= relay.judge_deadline) on_judge_deadline(core, s);
    if (core.now >= relay.http.leg_deadline) drop_server_leg(core, s);
    if (core.now >= relay.linger_deadline) {
        relay.linger_deadline = kNever;
        relay.end_by(RelayEnd::Abort, Reason::Closed);
    }
    due_now(core, s);
}

void due_now(Core& core, SessionIndex s) {
    core.store.due_relays.push_back(core.store.sessions[s].relay);
}

void pump_relays(Core& core) {
    for (std::uint32_t left = core.store.due_relays.size(); left > 0; --left) {
        const RelayIndex relay = core.store.due_relays.front();
        if (relay == kNoIndex || !has_room(core.outbox)) return;
        core.store.due_relays.erase(relay);
        turn(core, core.store.relays[relay].session);
    }
}

}  // namespace sallyport::dp

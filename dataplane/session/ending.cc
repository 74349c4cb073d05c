// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/ending.h"

#include "dataplane/session/binding.h"
#include "dataplane/session/late.h"
#include "dataplane/session/metering.h"
#include "dataplane/session/own_segment.h"
#include "dataplane/session/records.h"
#include "dataplane/session/relay_legs.h"
#include "dataplane/session/translated.h"
#include "dataplane/session/waiting.h"

namespace sallyport::dp {
namespace {

constexpr Duration kClosedKept = std::chrono::seconds(10);

// One line a session; of HTTP one for each request, and one for the session only when it had none.
// The reason is counted as often as it is written, and once when it is not.
void write_lines(Core& core, SessionIndex s) {
    const Session& session = core.store.sessions[s];
    HttpLines lines{.written = false, .owed = true};
    if (is_http(core.store, s)) lines = close_http_requests(core, s, session.reason);
    if (lines.owed) core.outbox.log(record_of(core.store, s, core.now));
    if (lines.owed || !lines.written) core.counters.count(session.reason);
}

// One past the client's last octet that arrived in order.
SeqNum received(Core& core, SessionIndex s) {
    const Session& session = core.store.sessions[s];
    if (session.relay != kNoIndex)
        return session.irs + 1 + static_cast<std::uint32_t>(relay_of(core, s).client.received());
    if (session.setup == kNoIndex) return core.store.flow(s, Direction::ToServer).high;
    const Setup& setup = core.store.setups[session.setup];
    return setup.base + setup.hold.contiguous();
}

// The cookie was made before the first payload came, so it is dead one life after that.
void bury_session(Core& core, SessionIndex s) {
    const Session& session = core.store.sessions[s];
    if (session.translated || core.now - session.start >= tcp::kCookieLife) return;
    bury(core, core.store.client(s),
         {.irs = session.irs,
          .iss = session.iss,
          .rcv_nxt = received(core, s),
          .answer = session.late_answer,
          .timestamps = session.timestamps});
}

// What the server leg said last: what RFC 6191 needs before its port is used again.
struct LastNumbers {
    SeqNum snd_nxt;
    TsVal ts_val;
    bool timestamps = false;
};
LastNumbers last_numbers(Core& core, SessionIndex s) {
    const Session& session = core.store.sessions[s];
    if (session.relay != kNoIndex && relay_of(core, s).server_open) {
        const tcp::Connection& server = relay_of(core, s).server;
        const SeqNum behind_fin = server.sender().seq(server.sent()) + 1;
        return {behind_fin, server.sender().ts_val(core.now), server.uses_timestamps()};
    }
    if (session.setup != kNoIndex && core.store.setups[session.setup].stage == Stage::Connecting) {
        const Setup& setup = core.store.setups[session.setup];
        return {setup.leg.snd_nxt(), setup.leg.ts_start(), setup.options.timestamps};
    }
    const FlowRecord& flow = core.store.flow(s, Direction::ToServer);
    return {flow.there(flow.high), flow.ts_last + flow.ts_val_delta, flow.timestamps};
}

void release(Core& core, SessionIndex s) {
    SessionStore& store = core.store;
    Session& session = store.sessions[s];
    release_server_flow(core, s, session.ended_by);
    give_back_limits(core, s);
    if (session.relay != kNoIndex) release_relay(core, s);
    if (session.setup != kNoIndex) release_setup(core, s);
    store.wheel.cancel(s);
    store.table(session.protocol).erase(SessionStore::record_number(s, Direction::ToServer));
    if (session.translated) --store.translated;
    core.neighbors.release(store.flow(s, Direction::ToClient).neighbor);
    store.names.release(session.name);
    store.shares.gave_back(Resource::Sessions, session.source);
    store.sessions.give_back(s);
}

void reset_client(Core& core, SessionIndex s) {
    Session& session = core.store.sessions[s];
    session.late_answer = tcp::LateAnswer::Reset;  // this one may get lost
    if (session.relay != kNoIndex) return reset_client_leg(core, s);
    const FlowRecord& to_client = core.store.flow(s, Direction::ToClient);
    wire::TcpFields fields;
    if (session.setup != kNoIndex &&
        (session.state == SessionState::Hold || session.state == SessionState::Connecting)) {
        const Setup& setup = core.store.setups[session.setup];
        fields = {.tuple = core.store.client(s).reversed(),
                  .seq = session.iss + 1,
                  .ack = setup.base + setup.hold.contiguous(),
                  .window = setup.client_window};
    } else {
        fields = from_record(core, s, Direction::ToClient);
    }
    fields.flags = wire::kRst | wire::kAck;
    core.counters.resets_sent.add(1);
    send_segment(core, fields, {}, kInsidePort, to_client.neighbor);
}

}  // namespace

void reset_server(Core& core, SessionIndex s) {
    if (core.store.sessions[s].relay != kNoIndex) return reset_server_leg(core, s);
    const FlowRecord& to_server = core.store.flow(s, Direction::ToServer);
    wire::TcpFields fields = from_record(core, s, Direction::ToServer);
    const Session& session = core.store.sessions[s];
    // What the server has acknowledged is what it expects next; a reset counts only there (RFC 5961).
    fields.seq = to_server.there(to_server.floor);
    if (session.setup != kNoIndex) fields.seq = core.store.setups[session.setup].leg.snd_una();
    fields.flags = wire::kRst | wire::kAck;
    core.counters.resets_sent.add(1);
    send_segment(core, fields, {}, kOutsidePort, to_server.neighbor);
}

void end_session(Core& core, SessionIndex s, Reason reason, EndedBy by) {
    Session& session = core.store.sessions[s];
    if (session.state == SessionState::Closed) {
        core.store.closed.erase(s);
    } else {
        session.reason = reason;
        session.ended_by = by;
        write_lines(core, s);
    }
    bury_session(core, s);
    release(core, s);
}

void abort_session(Core& core, SessionIndex s, Reason reason) {
    const Session& session = core.store.sessions[s];
    // A flow has nobody to tell before its handshake, and UDP and ICMP never have.
    if (session.translated && !is_established(core, s))
        return end_session(core, s, reason, EndedBy::Gate);
    reset_client(core, s);
    const bool established = session.state != SessionState::Hold && session.state != SessionState::Connecting;
    if (session.has_server && established) reset_server(core, s);
    end_session(core, s, reason, EndedBy::Gate);
}

void stop_session(Core& core, SessionIndex s) {
    if (core.store.sessions[s].state != SessionState::Closed)
        return abort_session(core, s, Reason::Shutdown);
    end_session(core, s, Reason::Closed, core.store.sessions[s].ended_by);
}

void close_session(Core& core, SessionIndex s) {
    Session& session = core.store.sessions[s];
    session.reason = Reason::Closed;
    if (is_http(core.store, s) && relay_of(core, s).http.line_owed != Reason::None)
        session.reason = relay_of(core, s).http.line_owed;
    write_lines(core, s);
    session.state = SessionState::Closed;
    session.closed_until = core.now + kClosedKept;
    core.store.closed.push_back(s);
    rearm(core, s);
}

void recycle_oldest_closed(Core& core) {
    if (const SessionIndex oldest = core.store.closed.front(); oldest != kNoIndex)
        end_session(core, oldest, Reason::Closed, EndedBy::Gate);
}

void release_hold(Core& core, SessionIndex s) {
    const Session& session = core.store.sessions[s];
    Hold& hold = core.store.setups[session.setup].hold;
    if (const std::uint32_t held = hold.chunks_held(); held > 0)
        core.store.shares.gave_back(Resource::HoldChunks, session.source, held);
    hold.release(core.store.chunks);
}

void release_setup(Core& core, SessionIndex s) {
    Session& session = core.store.sessions[s];
    stop_waiting(core, s);
    release_hold(core, s);
    core.store.shares.gave_back(Resource::Setups, session.source);
    core.store.setups.give_back(session.setup);
    session.setup = kNoIndex;
}

namespace {

void rest_port(Core& core, SessionIndex s, EndedBy by) {
    const FourTuple back = core.store.server(s).reversed();
    const Duration duration = by == EndedBy::Client ? kRestAfterClient : kRestAfterServer;
    const LastNumbers last = last_numbers(core, s);
    const RestingPort rest{.deadline = tcp::coarse(core.now + duration),
                           .snd_nxt = last.snd_nxt,
                           .ts_last = last.ts_val,
                           .timestamps = last.timestamps};
    if (!core.store.resting.add(back, rest)) core.store.resting.replace_oldest(back, rest);
}

}  // namespace

void release_server_flow(Core& core, SessionIndex s, EndedBy by) {
    SessionStore& store = core.store;
    Session& session = store.sessions[s];
    if (!session.has_server) return;
    if (session.protocol == RecordProtocol::Tcp) rest_port(core, s, by);
    store.table(session.protocol).erase(SessionStore::record_number(s, Direction::ToClient));
    if (!session.translated) store.load.closed(server_hash(core, server_of(store, s)));
    core.neighbors.release(store.flow(s, Direction::ToServer).neighbor);
    session.has_server = false;
}

}  // namespace sallyport::dp

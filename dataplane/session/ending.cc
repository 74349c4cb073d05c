// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/ending.h"

#include "dataplane/session/late.h"
#include "dataplane/session/own_segment.h"
#include "dataplane/session/records.h"

namespace sallyport::dp {
namespace {

constexpr Duration kClosedKept = std::chrono::seconds(10);

void write_record(Core& core, SessionIndex s) { core.outbox.log(record_of(core.store, s, core.now)); }

// The cookie was made before the first payload came, so it is dead one life after that.
void bury_session(Core& core, SessionIndex s) {
    const Session& session = core.store.sessions[s];
    if (core.now - session.start >= tcp::kCookieLife) return;
    const FlowRecord4& flow = core.store.flow(s, Direction::ToServer);
    const SeqNum received = session.setup == kNoIndex
                                ? flow.high
                                : core.store.setups[session.setup].base +
                                      core.store.setups[session.setup].hold.contiguous();
    bury(core, {.key = flow.key,
                .irs = session.irs,
                .iss = session.iss,
                .rcv_nxt = received,
                .answer = session.late_answer,
                .timestamps = session.timestamps});
}

void unlink_closed(SessionStore& store, SessionIndex s) {
    const Session& session = store.sessions[s];
    --store.closed;
    (session.previous_closed == kNoIndex ? store.closed_first
                                         : store.sessions[session.previous_closed].next_closed) =
        session.next_closed;
    (session.next_closed == kNoIndex ? store.closed_last
                                     : store.sessions[session.next_closed].previous_closed) =
        session.previous_closed;
}

void link_closed(SessionStore& store, SessionIndex s) {
    Session& session = store.sessions[s];
    ++store.closed;
    session.previous_closed = store.closed_last;
    session.next_closed = kNoIndex;
    (store.closed_last == kNoIndex ? store.closed_first
                                   : store.sessions[store.closed_last].next_closed) = s;
    store.closed_last = s;
}

void release(Core& core, SessionIndex s) {
    SessionStore& store = core.store;
    Session& session = store.sessions[s];
    release_server_flow(core, s, session.ended_by);
    if (session.setup != kNoIndex) release_setup(core, s);
    store.wheel.cancel(s);
    store.flows.erase(SessionStore::record_number(s, Direction::ToServer));
    core.neighbors.release(store.flow(s, Direction::ToClient).neighbor);
    store.names.release(session.name);
    store.shares.gave_back(Resource::Sessions, session.source);
    store.sessions.give_back(s);
}

void reset_client(Core& core, SessionIndex s) {
    const Session& session = core.store.sessions[s];
    const FlowRecord4& to_client = core.store.flow(s, Direction::ToClient);
    wire::TcpFields fields;
    if (session.setup != kNoIndex &&
        (session.state == SessionState::Hold || session.state == SessionState::Connecting)) {
        const Setup& setup = core.store.setups[session.setup];
        fields = {.tuple = four_tuple(core.store.flow(s, Direction::ToServer).key).reversed(),
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
    const FlowRecord4& to_server = core.store.flow(s, Direction::ToServer);
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
        unlink_closed(core.store, s);
    } else {
        session.reason = reason;
        session.ended_by = by;
        core.counters.count(reason);
        write_record(core, s);
    }
    bury_session(core, s);
    release(core, s);
}

void abort_session(Core& core, SessionIndex s, Reason reason) {
    const Session& session = core.store.sessions[s];
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
    core.counters.count(Reason::Closed);
    write_record(core, s);
    session.state = SessionState::Closed;
    session.closed_until = core.now + kClosedKept;
    link_closed(core.store, s);
    rearm(core, s);
}

void recycle_oldest_closed(Core& core) {
    if (core.store.closed_first != kNoIndex)
        end_session(core, core.store.closed_first, Reason::Closed, EndedBy::Gate);
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
    release_hold(core, s);
    core.store.shares.gave_back(Resource::Setups, session.source);
    core.store.setups.give_back(session.setup);
    session.setup = kNoIndex;
}

void release_server_flow(Core& core, SessionIndex s, EndedBy by) {
    SessionStore& store = core.store;
    Session& session = store.sessions[s];
    if (!session.has_server) return;
    const FlowRecord4& from_server = store.flow(s, Direction::ToClient);
    const FlowRecord4& to_server = store.flow(s, Direction::ToServer);
    const std::uint64_t hash = core.flow_hash(from_server.key);
    RestingPort4* rest = store.resting.place(hash);
    if (rest == nullptr) rest = &store.resting.oldest(hash);
    const Duration duration = by == EndedBy::Client ? kRestAfterClient : kRestAfterServer;
    *rest = {.key = from_server.key,
             .deadline = tcp::coarse(core.now + duration),
             .snd_nxt = to_server.there(to_server.high),
             .ts_last = to_server.ts_last + to_server.ts_val_delta,
             .timestamps = to_server.timestamps};
    store.flows.erase(SessionStore::record_number(s, Direction::ToClient));
    core.neighbors.release(to_server.neighbor);
    session.has_server = false;
}

}  // namespace sallyport::dp

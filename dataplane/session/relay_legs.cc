// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/relay_legs.h"

#include <algorithm>

#include "dataplane/session/ending.h"
#include "dataplane/session/metering.h"
#include "dataplane/session/own_segment.h"
#include "dataplane/session/relay_room.h"
#include "dataplane/session/relay_turn.h"
#include "dataplane/session/server_leg.h"

namespace sallyport::dp {
namespace {

constexpr int kSegmentsPerTurn = 32;
constexpr std::uint8_t kQuickAcks = 16;  // as Linux

constexpr std::uint8_t shift_or_none(std::uint8_t shift) {
    return shift == tcp::kNoWindowScale ? std::uint8_t{0} : shift;
}

tcp::KeepaliveTimes keepalive_of(const policy::Keepalive& k) {
    return {k.time, k.interval, k.probes};
}

tcp::ConnectionStart client_start(const Core& core, SessionIndex s) {
    const Session& session = core.store.sessions[s];
    const Setup& setup = core.store.setups[session.setup];
    const std::uint8_t shift = shift_or_none(setup.options.window_shift);
    const bool scaled = setup.options.window_shift != tcp::kNoWindowScale;
    const std::uint32_t held = setup.hold.contiguous();
    return {.iss = session.iss,
            .irs = session.irs,
            .snd_mss = std::min(setup.options.mss(), mss_of(core, kInsidePort, core.store.client(s).src.family())),
            .snd_shift = shift,
            .rcv_shift = scaled ? kGateWindowShift : std::uint8_t{0},
            .sack = setup.options.sack,
            .timestamps = setup.options.timestamps,
            .ts_recent = setup.ts_recent,
            .ts_sent = setup.ts_sent,
            .snd_wnd = static_cast<std::uint32_t>(setup.client_window) << shift,
            .received = held,
            .offered = setup.hold.limit() - held,
            .owes_ack = true,
            .quick_acks = kQuickAcks,
            .user_timeout = core.settings().user_timeout,
            .keepalive = keepalive_of(core.settings().keepalive)};
}

// `from`: the offset in to_server of the first octet for this server.
tcp::ConnectionStart server_start(const Core& core, const Relay& relay, const Setup& setup,
                                  std::uint64_t from) {
    const tcp::ActiveOpen& leg = setup.leg;
    // An answer to an option that was not offered does not count (RFC 7323 section 2.2).
    const bool scaled = setup.options.window_shift != tcp::kNoWindowScale &&
                        leg.window_shift() != tcp::kNoWindowScale;
    return {.iss = leg.iss(),
            .irs = leg.irs(),
            .snd_mss = leg.mss(),
            .snd_shift = scaled ? leg.window_shift() : std::uint8_t{0},
            .rcv_shift = scaled ? setup.options.window_shift : std::uint8_t{0},
            .sack = setup.options.sack && leg.sack(),
            .timestamps = setup.options.timestamps && leg.timestamps(),
            .ts_recent = leg.ts_recent(),
            .ts_sent = leg.ts_start(),
            .round_trip = leg.round_trip(),
            .snd_wnd = leg.syn_window(),
            .send_from = from,
            .receive_from = relay.to_client.queue.end(),
            .offered = kSynWindow,
            .quick_acks = kQuickAcks,
            .user_timeout = core.settings().user_timeout,
            .keepalive = keepalive_of(core.store.sessions[relay.session].keepalive)};
}

// Copies [begin, end) of hold to the same offsets of the queue.
bool move_held(Core& core, const Hold& hold, tcp::Range range, tcp::ByteQueue& queue) {
    const std::span<std::uint8_t> octets{core.scratch.data(), range.end - range.begin};
    hold.read(core.store.chunks, range.begin, octets);
    return octets.empty() || queue.write(core.store.relay_chunks, range.begin, octets);
}

bool move_hold(Core& core, const Hold& hold, tcp::ByteQueue& queue) {
    bool room = move_held(core, hold, {0, hold.contiguous()}, queue);
    for (const tcp::Range& range : hold.arrived().ahead())
        room = room && move_held(core, hold, range, queue);
    if (!room)
        queue.clear(core.store.relay_chunks);
    else
        queue.extend(hold.contiguous());
    return room;
}

struct Leg {
    tcp::Connection& connection;
    RelayWay& in;
    const RelayWay& out;
    PortIndex port;
    FourTuple tuple;
    NeighborIndex neighbor;
};

Leg leg_of(Core& core, SessionIndex s, Direction to) {
    Relay& relay = relay_of(core, s);
    const FlowRecord& to_server = core.store.flow(s, Direction::ToServer);
    if (to == Direction::ToServer)
        return {relay.server,
                relay.to_client,
                relay.to_server,
                kOutsidePort,
                core.store.server(s),
                to_server.neighbor};
    return {relay.client,
            relay.to_server,
            relay.to_client,
            kInsidePort,
            core.store.client(s).reversed(),
            core.store.flow(s, Direction::ToClient).neighbor};
}

void send_reset(Core& core, const Leg& leg) {
    wire::TcpFields fields = leg.connection.abort(core.now);
    fields.tuple = leg.tuple;
    core.counters.resets_sent.add(1);
    send_segment(core, fields, {}, leg.port, leg.neighbor);
}

bool send_leg(Core& core, const Leg& leg) {
    const std::uint64_t may_go = std::min(leg.out.judged, leg.out.metered);
    tcp::Outgoing out;
    for (int i = 0; i < kSegmentsPerTurn; ++i) {
        if (core.outbox.stock.size() <= kStockReserve) return true;
        if (!leg.connection.next_segment(may_go, core.now, out)) return false;
        SP_ASSERT(out.length <= core.scratch.size());
        const std::span<std::uint8_t> payload{core.scratch.data(), out.length};
        leg.out.queue.read(core.store.relay_chunks, out.offset, payload);
        out.fields.tuple = leg.tuple;
        send_segment(core, out.fields, payload, leg.port, leg.neighbor);
    }
    return true;
}

// Reports of loss, and every so many segments, do not wait for the rest of the burst.
void acknowledge(Core& core, const Leg& leg) {
    tcp::Outgoing out;
    if (core.outbox.stock.size() <= kStockReserve || !leg.connection.next_ack(core.now, out)) return;
    out.fields.tuple = leg.tuple;
    send_segment(core, out.fields, {}, leg.port, leg.neighbor);
}

// Whether a packet may bring payload: the pool and the source's share of it decide.
bool may_take_payload(Core& core, SessionIndex s) {
    const tcp::ChunkPool& pool = core.store.relay_chunks;
    return core.store.shares.may_take(Resource::RelayChunks, core.store.sessions[s].source,
                                      pool.in_use(), pool.capacity());
}

// The segment has done its work; what is left is to count what was wrong with it.
void dispose(Core& core, const Packet& packet, tcp::Input result) {
    switch (result) {
        case tcp::Input::Accepted:
        case tcp::Input::Reset:
        case tcp::Input::Conflict: return core.free(packet);
        case tcp::Input::NoBuffer: return core.drop(packet, Reason::RelayFull);
        case tcp::Input::PawsRejected: return core.drop(packet, Reason::PawsRejected);
        case tcp::Input::OutsideWindow: return core.drop(packet, Reason::OutsideWindow);
        case tcp::Input::BadAck: return core.drop(packet, Reason::BadAck);
        case tcp::Input::BadFlags: return core.drop(packet, Reason::TcpFlagsInvalid);
    }
    __builtin_unreachable();
}

// What the client had sent before a reset of the server is still its own; a reset of the client
// ends all at once.
void note_ends(Relay& relay, Direction from, tcp::Input result) {
    const bool client = from == Direction::ToServer;
    if (result == tcp::Input::Conflict)
        return relay.end_by(RelayEnd::Abort,
                            client ? Reason::ConflictingOverlap : Reason::UpstreamProtocol);
    if (result != tcp::Input::Reset) return;
    if (relay.first_close == EndedBy::Gate)
        relay.first_close = client ? EndedBy::Client : EndedBy::Server;
    if (client)
        relay.end_by(RelayEnd::Abort, Reason::ClientReset);
    else
        relay.server_reset = true;
}

// Of a leg that did not come about.
void forget_leg(Core& core, SessionIndex s) {
    release_server_flow(core, s, EndedBy::Server);
    give_back_upstream(core, s);
    if (core.store.sessions[s].setup != kNoIndex) release_setup(core, s);
    due_now(core, s);
}

}  // namespace

Relay& relay_of(Core& core, SessionIndex s) {
    return core.store.relays[core.store.sessions[s].relay];
}

bool begin_relay(Core& core, SessionIndex s, RelayKind kind) {
    Session& session = core.store.sessions[s];
    const RelayIndex index = core.store.relays.take();
    SP_ASSERT(index != kNoIndex);  // there is one for each session
    Relay& relay = core.store.relays[index];
    relay = Relay{};
    relay.session = s;
    relay.kind = kind;
    const Setup& setup = core.store.setups[session.setup];
    if (!move_hold(core, setup.hold, relay.to_server.queue)) {
        core.store.relays.give_back(index);
        return false;
    }
    relay.client.open(client_start(core, s), core.now);
    for (const tcp::Range& range : setup.hold.arrived().ahead())
        relay.client.note_ahead(range.begin, range.end);
    session.relay = index;
    session.state = SessionState::Relayed;
    core.counters.sessions_relayed.add(1);
    due_now(core, s);
    return true;
}

void note_client_fin(Core& core, SessionIndex s) {
    Relay& relay = relay_of(core, s);
    relay.client.note_fin(relay.to_server.queue.end());
    due_now(core, s);
}

void relay_leg_opened(Core& core, SessionIndex s) {
    Relay& relay = relay_of(core, s);
    const Setup& setup = core.store.setups[core.store.sessions[s].setup];
    const bool http = relay.kind == RelayKind::Http;
    const std::uint64_t from = http ? relay.http.request_from : 0;
    relay.server.open(server_start(core, relay, setup, from), core.now);
    relay.to_server.metered = std::max(relay.to_server.metered, from);
    relay.server_open = true;
    release_setup(core, s);
    if (http) on_http_leg_open(core, s);
    due_now(core, s);
}

void relay_leg_failed(Core& core, SessionIndex s, Reason reason) {
    on_http_leg_failed(core, s, reason);
    forget_leg(core, s);
}

void relay_leg_refused(Core& core, SessionIndex s, Reason reason, policy::Answer answer) {
    on_http_leg_refused(core, s, reason, answer);
    forget_leg(core, s);
}

void on_relay(Core& core, SessionIndex s, Direction from, Packet& packet) {
    if (!packet.view.transport_checksum_ok()) return core.drop(packet, Reason::TcpChecksum);
    const wire::TcpOptions options = wire::parse_options(packet.view.tcp_options());
    if (options.md5) return core.drop(packet, Reason::TcpMd5);
    if (packet.view.payload_length() > 0 && !may_take_payload(core, s))
        return core.drop(packet, Reason::RelayFull);
    const Leg leg = leg_of(core, s, opposite(from));
    Relay& relay = relay_of(core, s);
    if (leg.connection.state() == tcp::TcpState::Closed)
        return core.drop(packet, Reason::NoSession);
    // Its queue is closed: there is no place, and nobody, for what the server still says.
    const bool unwanted = relay.to_client.closed && !relay.server.peer_finished();
    if (from == Direction::ToClient && unwanted && packet.view.payload_length() > 0) {
        drop_server_leg(core, s);
        return core.drop(packet, Reason::NoSession);
    }
    // The answer to a probe is no sign of life of the session.
    const bool answers = leg.connection.is_probing() && packet.view.sequence_length() == 0;
    const tcp::Segment segment{packet.view.tcp(), options, packet.view.payload()};
    const tcp::Input result =
        leg.connection.on_segment(segment, leg.in.queue, core.store.relay_chunks, core.now);
    if (!answers) core.store.flow(s, from).last_seen = core.seconds();
    note_ends(relay, from, result);
    acknowledge(core, leg);
    dispose(core, packet, result);
    due_now(core, s);
}

bool send_legs(Core& core, SessionIndex s) {
    const Relay& relay = relay_of(core, s);
    bool more = relay.server_open && send_leg(core, leg_of(core, s, Direction::ToServer));
    return send_leg(core, leg_of(core, s, Direction::ToClient)) || more;
}

void reset_server_leg(Core& core, SessionIndex s) {
    const Relay& relay = relay_of(core, s);
    if (relay.server_open && !is_over(relay.server.state()))
        send_reset(core, leg_of(core, s, Direction::ToServer));
}

void drop_server_leg(Core& core, SessionIndex s) {
    Relay& relay = relay_of(core, s);
    if (!relay.server_open) return;
    reset_server_leg(core, s);
    release_server_flow(core, s,
                        relay.first_close == EndedBy::Server ? EndedBy::Server : EndedBy::Client);
    give_back_upstream(core, s);
    relay.server_open = relay.server_reset = false;
    relay.http.leg_deadline = kNever;
    core.store.sessions[s].ends_at = kNever;
    // Another server may take its place.
    if (!relay.client.peer_finished()) relay.first_close = EndedBy::Gate;
    // What it said beyond what was judged is nobody's answer.
    relay.to_client.queue.truncate(core.store.relay_chunks, relay.to_client.judged);
}

void reset_client_leg(Core& core, SessionIndex s) {
    const Leg leg = leg_of(core, s, Direction::ToClient);
    if (leg.connection.state() == tcp::TcpState::Closed) return;
    core.store.sessions[s].late_answer = tcp::LateAnswer::Reset;  // this one may get lost
    send_reset(core, leg);
}

void release_relay(Core& core, SessionIndex s) {
    Session& session = core.store.sessions[s];
    release_room(core, s);
    core.store.due_relays.erase(session.relay);
    core.store.relays.give_back(session.relay);
    session.relay = kNoIndex;
}

}  // namespace sallyport::dp

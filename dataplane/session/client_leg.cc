// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/client_leg.h"

#include <algorithm>

#include "dataplane/session/ending.h"
#include "dataplane/session/held_ack.h"
#include "dataplane/session/joining.h"
#include "dataplane/session/own_segment.h"
#include "dataplane/session/records.h"
#include "dataplane/session/relay_legs.h"
#include "dataplane/session/splice.h"
#include "dataplane/session/verdicts.h"

namespace sallyport::dp {
namespace {

// The refusal of a session that there is no room for.
void refuse_for_room(Core& core, const Packet& packet, Reason reason) {
    log_refusal(core, {.client = packet.view.four_tuple(), .reason = reason});
    if (core.generation->policy.default_answer() != policy::Answer::Drop) reply_reset(core, packet);
    core.drop(packet, reason);
}

Reason room_for(Core& core, SourceHash source) {
    SessionStore& store = core.store;
    if (store.sessions.in_use() == store.sessions.capacity()) recycle_oldest_closed(core);
    if (store.sessions.in_use() == store.sessions.capacity()) return Reason::SessionTableFull;
    if (store.setups.in_use() == store.setups.capacity()) return Reason::SetupTableFull;
    const bool fair =
        store.shares.may_take(Resource::Sessions, source, store.sessions.in_use(),
                              store.sessions.capacity()) &&
        store.shares.may_take(Resource::Setups, source, store.setups.in_use(),
                              store.setups.capacity());
    return fair ? Reason::None : Reason::SourceShareFull;
}

void fill_session(Core& core, SessionIndex s, const Packet& packet, const ClientStart& start) {
    Session& session = core.store.sessions[s];
    session = Session{};
    session.id = next_session_id(core);
    session.generation = core.generation->id;
    session.start = core.now;
    session.source = core.source_hash(packet.view.four_tuple().src);
    session.irs = start.irs;
    session.iss = start.iss;
    session.timestamps = start.options.timestamps;
    session.setup = core.store.setups.take();
    Setup& setup = core.store.setups[session.setup];
    setup = Setup{};
    setup.session = s;
    setup.options = start.options;
    setup.base = start.irs + 1;
    setup.ts_recent = start.ts_recent;
    setup.hello_deadline = core.now + core.settings().hello_timeout;
    setup.hold.start(std::min(core.settings().hello_bytes, kHoldBytesMax));
    if (start.options.timestamps) {
        const wire::TcpOptions options = wire::parse_options(packet.view.tcp_options());
        // What the client echoes is the last value that it had from us.
        if (options.timestamps) setup.ts_sent = options.timestamps->ecr;
    }
}

// The record of the client's direction; its other half is filled when the server leg is joined.
void fill_record(Core& core, SessionIndex s, const Packet& packet) {
    FlowRecord& flow = core.store.flow(s, Direction::ToServer);
    flow = core.store.flow(s, Direction::ToClient) = FlowRecord{};
    flow.last_seen = core.seconds();
    core.store.set_client(s, packet.view.four_tuple());
}

// kNoIndex when there was no room; the client has been refused then.
SessionIndex open_session(Core& core, const Packet& packet, const ClientStart& start) {
    const FourTuple tuple = packet.view.four_tuple();
    const SourceHash source = core.source_hash(tuple.src);
    Reason reason = room_for(core, source);
    const auto hop = core.settings().ports[kInsidePort].next_hop(tuple.src);
    if (reason == Reason::None && !hop) reason = Reason::NoRoute;
    if (reason != Reason::None) return refuse_for_room(core, packet, reason), kNoIndex;
    const NeighborIndex neighbor = core.neighbors.acquire(kInsidePort, *hop, core.now);
    if (neighbor == kNoNeighbor)
        return refuse_for_room(core, packet, Reason::NeighborTableFull), kNoIndex;

    const SessionIndex s = core.store.sessions.take();
    fill_session(core, s, packet, start);
    fill_record(core, s, packet);
    core.store.flow(s, Direction::ToClient).neighbor = neighbor;
    if (!core.store.flows.insert(SessionStore::record_number(s, Direction::ToServer))) {
        core.neighbors.release(neighbor);
        core.store.setups.give_back(core.store.sessions[s].setup);
        core.store.sessions.give_back(s);
        return refuse_for_room(core, packet, Reason::FlowTableFull), kNoIndex;
    }
    core.store.shares.took(Resource::Sessions, source);
    core.store.shares.took(Resource::Setups, source);
    return s;
}

// RFC 7323 section 5.3, R1. A reset is exempt.
bool is_too_old(const Setup& setup, const wire::TcpHeader& tcp, const wire::TcpOptions& options) {
    return setup.options.timestamps && options.timestamps && !tcp.has(wire::kRst) &&
           before(options.timestamps->val, setup.ts_recent);
}

void update_ts_recent(Setup& setup, SeqNum next, const Packet& packet,
                      const wire::TcpOptions& options) {
    // RFC 7323 section 4.3: only from a segment that covers what was last acknowledged.
    if (options.timestamps && !before(next, packet.view.tcp().seq_num()) &&
        !before(options.timestamps->val, setup.ts_recent))
        setup.ts_recent = options.timestamps->val;
}

void drop_and_acknowledge(Core& core, SessionIndex s, const Packet& packet, Reason reason) {
    core.drop(packet, reason);
    if (!core.store.sessions[s].challenges.take(core.now)) return core.counters.count(Reason::RateLimited);
    acknowledge_held(core, s);
}

struct Window {
    SeqNum next;
    std::uint32_t octets = 0;
};

// RFC 5961 section 3.2: exact, in the window, outside.
void on_reset_held(Core& core, SessionIndex s, const Packet& packet, Window window) {
    const SeqNum seq = packet.view.tcp().seq_num();
    if (!seq.in_window(window.next, std::max(window.octets, 1U)))
        return core.drop(packet, Reason::OutsideWindow);
    if (seq != window.next) return drop_and_acknowledge(core, s, packet, Reason::OutsideWindow);
    core.free(packet);
    if (core.store.sessions[s].state == SessionState::Joining) reset_server(core, s);
    end_session(core, s, Reason::ClientReset, EndedBy::Client);
}

// The FIN stays unacknowledged: once the session is joined the client sends it again and it is
// spliced; a relay takes it along. Before the name is complete it ends the session.
bool closes_here(const Setup& setup, const Packet& packet) {
    const SeqNum end = packet.view.tcp().seq_num() + packet.view.payload_length();
    return packet.view.tcp().has(wire::kFin) &&
           end == setup.base + setup.hold.contiguous();
}

}  // namespace

std::uint16_t window_field(std::uint32_t octets, const tcp::ClientOptions& options) {
    const bool scaled = options.window_shift != tcp::kNoWindowScale;
    return rescale_window(octets, scaled ? kGateWindowShift : 0);
}

std::uint16_t first_window(const Core& core, const tcp::ClientOptions& options) {
    return window_field(core.settings().hello_bytes, options);
}

void begin_session(Core& core, Packet& packet, const ClientStart& start) {
    if (packet.view.tcp().seq_num() == start.irs + 1 && deny_at_once(core, packet, start)) return;
    const SessionIndex s = open_session(core, packet, start);
    if (s == kNoIndex) return;
    rearm(core, s);
    on_client_held(core, s, packet);
}

void on_client_held(Core& core, SessionIndex s, Packet& packet) {
    if (!packet.view.transport_checksum_ok()) return core.drop(packet, Reason::TcpChecksum);
    Setup& setup = core.store.setups[core.store.sessions[s].setup];
    const wire::TcpHeader& tcp = packet.view.tcp();
    const wire::TcpOptions options = wire::parse_options(packet.view.tcp_options());
    const SeqNum next = setup.base + setup.hold.contiguous();
    const std::uint32_t window = setup.hold.limit() - setup.hold.contiguous();

    if (options.md5) return core.drop(packet, Reason::TcpMd5);
    if (is_too_old(setup, tcp, options)) return drop_and_acknowledge(core, s, packet, Reason::PawsRejected);
    if (tcp.has(wire::kRst)) return on_reset_held(core, s, packet, {next, window});
    // RFC 5961 section 4.2: a SYN in a synchronized state is challenged.
    if (tcp.has(wire::kSyn)) return drop_and_acknowledge(core, s, packet, Reason::OutsideWindow);
    if (!tcp.has(wire::kAck)) return core.drop(packet, Reason::TcpFlagsInvalid);
    if (setup.stage != Stage::SecondHold && tcp.ack_num() != core.store.sessions[s].iss + 1)
        return drop_and_acknowledge(core, s, packet, Reason::BadAck);

    setup.client_window = tcp.window.host();
    update_ts_recent(setup, next, packet, options);
    if (setup.stage == Stage::SecondHold) note_held_segment(core, s, packet);
    core.store.flow(s, Direction::ToServer).last_seen = core.seconds();
    const bool probe = packet.view.payload_length() == 0 && !tcp.has(wire::kFin);
    if (probe) {
        if (before(tcp.seq_num(), next)) acknowledge_held(core, s);  // keep-alive
        return core.free(packet);
    }
    if (!before(tcp.seq_num(), next + std::max(window, 1U)))
        return drop_and_acknowledge(core, s, packet, Reason::OutsideWindow);
    if (!take_payload(core, s, packet)) return core.free(packet);
    const bool closed = closes_here(setup, packet);
    core.free(packet);
    judge(core, s);
    if (!closed) return;
    if (is_undecided(core, s)) return refuse_session(core, s, Reason::ClientClosed);
    const bool relayed = core.store.sessions.is_taken(s) &&
                         core.store.sessions[s].state == SessionState::Relayed;
    if (relayed) note_client_fin(core, s);
}

bool take_payload(Core& core, SessionIndex s, const Packet& packet) {
    Session& session = core.store.sessions[s];
    Setup& setup = core.store.setups[session.setup];
    Octets octets = packet.view.payload();
    SeqNum at = packet.view.tcp().seq_num();
    if (before(at, setup.base)) {
        const auto early = static_cast<std::uint32_t>(distance(at, setup.base));
        octets = octets.subspan(std::min<std::size_t>(early, octets.size()));
        at = setup.base;
    }
    const auto offset = static_cast<std::uint32_t>(distance(setup.base, at));
    if (octets.empty() || offset >= setup.hold.limit()) return true;
    if (offset + octets.size() <= setup.hold.contiguous()) note_repeated(core, s, at, octets.size());
    octets = octets.first(std::min<std::size_t>(octets.size(), setup.hold.limit() - offset));

    const std::uint32_t needed =
        setup.hold.chunks_needed(offset, static_cast<std::uint32_t>(octets.size()));
    HoldPool& chunks = core.store.chunks;
    if (needed > 0 && !core.store.shares.may_take(Resource::HoldChunks, session.source,
                                                  chunks.in_use(), chunks.capacity())) {
        core.counters.count(Reason::HoldFull);
        return true;
    }
    const std::uint32_t before_add = setup.hold.chunks_held();
    const HoldResult result = setup.hold.add(chunks, offset, octets);
    core.store.shares.took(Resource::HoldChunks, session.source,
                           setup.hold.chunks_held() - before_add);
    if (result == HoldResult::NoRoom) core.counters.count(Reason::HoldUnfit);
    if (result != HoldResult::Conflict) return true;
    refuse_session(core, s, Reason::ConflictingOverlap);
    return false;
}

}  // namespace sallyport::dp

// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/server_leg.h"

#include <algorithm>

#include "dataplane/session/binding.h"
#include "dataplane/session/egress_port.h"
#include "dataplane/session/ending.h"
#include "dataplane/session/joining.h"
#include "dataplane/session/own_segment.h"
#include "dataplane/session/relay_legs.h"
#include "dataplane/session/server_search.h"
#include "dataplane/session/verdicts.h"
#include "tcpstack/tcp/isn.h"

namespace sallyport::dp {
namespace {

using tcp::SynSentResult;

constexpr std::uint8_t kPortTriesMax = 4;

// Takes port and next hop; the session is reachable from outside afterwards.
Reason take_server_flow(Core& core, SessionIndex s, const Endpoint& server) {
    Session& session = core.store.sessions[s];
    FlowRecord& to_server = core.store.flow(s, Direction::ToServer);
    FlowRecord& from_server = core.store.flow(s, Direction::ToClient);
    const Setup& setup = core.store.setups[session.setup];
    const auto hop = core.settings().ports[kOutsidePort].next_hop(server.address);
    if (!hop || !has_way_out(core.settings(), setup.egress_set, server.address))
        return Reason::NoRoute;
    const EgressSet& egress = core.settings().egress[setup.egress_set];
    FourTuple back{server.address, {}, server.port, {}};
    if (!choose_egress_port(core, egress, session.source,
                            {RecordProtocol::Tcp, setup.options.timestamps}, back))
        return Reason::PortsExhausted;
    core.store.set_server(s, back.reversed());
    const NeighborIndex neighbor = core.neighbors.acquire(kOutsidePort, *hop, core.now);
    if (neighbor == kNoNeighbor) return Reason::NeighborTableFull;
    if (!core.store.flows.insert(SessionStore::record_number(s, Direction::ToClient))) {
        core.neighbors.release(neighbor);
        return Reason::FlowTableFull;
    }
    to_server.neighbor = neighbor;
    from_server.last_seen = core.seconds();
    session.has_server = true;
    core.store.load.opened(server_hash(core, server));
    count_steering(core, back);
    return Reason::None;
}

void send_syn(Core& core, SessionIndex s) {
    const Setup& setup = core.store.setups[core.store.sessions[s].setup];
    const FlowRecord& to_server = core.store.flow(s, Direction::ToServer);
    const FourTuple ours = core.store.server(s);
    const Family family = ours.src.family();
    const std::uint16_t room =
        std::min(mss_of(core, kOutsidePort, family), mss_of(core, kInsidePort, family));
    wire::TcpFields syn{.tuple = ours,
                        .seq = setup.leg.iss(),
                        .ack = {},
                        .flags = wire::kSyn,
                        .window = kSynWindow};
    syn.options.mss = std::min(setup.options.mss(), room);
    syn.options.sack_permitted = setup.options.sack;
    // The client's own shift, so that its window fields need no change.
    if (setup.options.window_shift != tcp::kNoWindowScale)
        syn.options.window_shift = setup.options.window_shift;
    if (setup.options.timestamps)
        syn.options.timestamps = wire::Timestamps{setup.leg.ts_start(), TsVal{}};
    send_segment(core, syn, {}, kOutsidePort, to_server.neighbor);
}

void connect(Core& core, SessionIndex s) {
    Setup& setup = core.store.setups[core.store.sessions[s].setup];
    const FourTuple ours = core.store.server(s);
    const SeqNum iss = tcp::initial_sequence(core.config.secrets.isn, ours, core.now);
    const TsVal clock =
        tcp::timestamp_clock(core.config.secrets.timestamp, ours.src, ours.dst, core.now);
    const Duration timeout = setup.connect_timeout != Duration{} ? setup.connect_timeout
                                                                 : core.settings().connect_timeout;
    setup.connect_deadline = core.now + timeout;
    const std::uint16_t mss = mss_of(core, kOutsidePort, ours.src.family());
    setup.leg.start({.iss = iss, .ts_val = clock, .mss = mss}, core.now);
    if (!setup.dialled) {
        setup.dialled = true;
        core.counters.sessions_opened.add(1);
        count_passed(core, core.store.sessions[s].decision);
    }
    send_syn(core, s);
    rearm(core, s);
}

// What an address is, in contrast to what it did.
bool is_vetted_away(Reason reason) {
    return reason == Reason::DstReserved || reason == Reason::DstOwn ||
           reason == Reason::DstInside || reason == Reason::DstNotPublic;
}

void give_up(Core& core, SessionIndex s) {
    const Reason failure = core.store.setups[core.store.sessions[s].setup].failure;
    if (is_vetted_away(failure)) return refuse_server(core, s, failure);
    fail_leg(core, s, failure);
}

// Dials the present candidate, or the first behind it that can be dialled.
void dial(Core& core, SessionIndex s) {
    if (!renew_verdict(core, s)) return;
    Setup& setup = core.store.setups[core.store.sessions[s].setup];
    for (; const Endpoint* server = setup.candidates.present(); setup.candidates.skip()) {
        Reason reason = vet_server(core, setup, server->address);
        if (reason == Reason::None) reason = take_server_flow(core, s, *server);
        if (reason == Reason::None) return connect(core, s);
        if (setup.failure == Reason::None || !is_vetted_away(reason)) setup.failure = reason;
    }
    give_up(core, s);
}

// The present candidate did not become a server.
void try_next_address(Core& core, SessionIndex s, Reason reason) {
    Setup& setup = core.store.setups[core.store.sessions[s].setup];
    setup.failure = reason;
    core.store.health.failed(server_hash(core, *setup.candidates.present()), core.now);
    core.counters.addresses_failed.add(1);
    if (!setup.candidates.has_next()) return fail_leg(core, s, reason);
    setup.candidates.skip();
    setup.port_tries = 0;
    release_server_flow(core, s, EndedBy::Server);
    dial(core, s);
}

// The server (or something in its place) remembers this port: RFC 9293 section 3.10.7.3 wants a
// reset; another port may be free of the past.
void try_next_port(Core& core, SessionIndex s, const Packet& cause) {
    Setup& setup = core.store.setups[core.store.sessions[s].setup];
    const wire::TcpFields reset{.tuple = cause.view.four_tuple().reversed(),
                                .seq = cause.view.tcp().ack_num(),
                                .ack = {},
                                .flags = wire::kRst};
    const NeighborIndex neighbor = core.store.flow(s, Direction::ToServer).neighbor;
    core.counters.resets_sent.add(1);
    send_segment(core, reset, {}, kOutsidePort, neighbor);
    core.drop(cause, Reason::BadAck);
    if (++setup.port_tries == kPortTriesMax)
        return try_next_address(core, s, Reason::UpstreamTimeout);
    release_server_flow(core, s, EndedBy::Server);
    dial(core, s);
}

Octets read_held(Core& core, const Setup& setup, SeqNum first, std::uint32_t octets) {
    const std::span<std::uint8_t> out{core.stream.data(), octets};
    setup.hold.read(core.store.chunks, static_cast<std::uint32_t>(distance(setup.base, first)), out);
    return out;
}

}  // namespace

void fail_leg(Core& core, SessionIndex s, Reason reason) {
    const Setup& setup = core.store.setups[core.store.sessions[s].setup];
    if (!setup.dialled) count_passed(core, core.store.sessions[s].decision);
    if (core.store.sessions[s].relay != kNoIndex) return relay_leg_failed(core, s, reason);
    abort_session(core, s, reason);
}

void open_server_leg(Core& core, SessionIndex s) {
    Session& session = core.store.sessions[s];
    Setup& setup = core.store.setups[session.setup];
    setup.stage = Stage::Connecting;
    if (session.relay == kNoIndex) session.state = SessionState::Connecting;
    setup.setup_deadline = core.now + core.settings().setup_timeout;
    dial(core, s);
}

void on_server_connecting(Core& core, SessionIndex s, Packet& packet) {
    if (!packet.view.transport_checksum_ok()) return core.drop(packet, Reason::TcpChecksum);
    Setup& setup = core.store.setups[core.store.sessions[s].setup];
    const wire::TcpHeader& tcp = packet.view.tcp();
    wire::TcpOptions options = wire::parse_options(packet.view.tcp_options());
    if (!options.mss) options.mss = mss_without_option(packet.view.source().family());
    switch (setup.leg.on_syn_sent(tcp, options, core.now)) {
        case SynSentResult::Ignored: return core.drop(packet, Reason::NoSession);
        case SynSentResult::BadAck: return try_next_port(core, s, packet);
        case SynSentResult::Refused:
            core.free(packet);
            return try_next_address(core, s, Reason::UpstreamRefused);
        case SynSentResult::Established: break;
    }
    core.free(packet);
    setup.connect_deadline = kNever;
    core.store.health.answered(server_hash(core, *setup.candidates.present()));
    if (core.store.sessions[s].relay != kNoIndex) return relay_leg_opened(core, s);
    join(core, s);
}

void deliver(Core& core, SessionIndex s) {
    Setup& setup = core.store.setups[core.store.sessions[s].setup];
    const FlowRecord& to_server = core.store.flow(s, Direction::ToServer);
    while (const std::uint32_t octets = setup.leg.may_send()) {
        wire::TcpFields fields = from_record(core, s, Direction::ToServer);
        fields.seq = setup.leg.snd_nxt();
        const Octets held = read_held(core, setup, fields.seq - to_server.seq_delta, octets);
        setup.leg.on_sent(octets, core.now);
        if (setup.leg.snd_nxt() == setup.leg.end()) fields.flags |= wire::kPsh;
        send_segment(core, fields, held, kOutsidePort, to_server.neighbor);
    }
    setup.leg.keep_timer(core.now);
    rearm(core, s);
}

void retransmit(Core& core, SessionIndex s) {
    Setup& setup = core.store.setups[core.store.sessions[s].setup];
    const bool connecting = setup.stage == Stage::Connecting;
    if (connecting && core.neighbors.failed(core.store.flow(s, Direction::ToServer).neighbor))
        return try_next_address(core, s, Reason::UpstreamUnreachable);
    setup.leg.on_timeout(core.now);
    if (connecting) {
        send_syn(core, s);
        return rearm(core, s);
    }
    deliver(core, s);
}

void on_server_unreachable(Core& core, SessionIndex s) {
    try_next_address(core, s, Reason::UpstreamUnreachable);
}

void on_connect_deadline(Core& core, SessionIndex s) {
    const NeighborIndex neighbor = core.store.flow(s, Direction::ToServer).neighbor;
    try_next_address(
        core, s,
        core.neighbors.resolved(neighbor) ? Reason::UpstreamTimeout : Reason::UpstreamUnreachable);
}

}  // namespace sallyport::dp

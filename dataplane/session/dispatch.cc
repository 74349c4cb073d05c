// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/dispatch.h"

#include <cstring>

#include "dataplane/icmp_echo.h"
#include "dataplane/session/client_leg.h"
#include "dataplane/session/ending.h"
#include "dataplane/session/joining.h"
#include "dataplane/session/listener.h"
#include "dataplane/session/relay_legs.h"
#include "dataplane/session/server_leg.h"
#include "dataplane/session/splice.h"

namespace sallyport::dp {
namespace {

bool is_open(const wire::TcpHeader& tcp) { return tcp.has(wire::kSyn) && !tcp.has(wire::kAck); }

// A closed session is only kept for stragglers: a client that opens anew on its ports goes on.
bool makes_way(Core& core, SessionIndex s, const Packet& packet) {
    const Session& session = core.store.sessions[s];
    if (session.state != SessionState::Closed || !is_open(packet.view.tcp())) return false;
    if (packet.view.tcp().seq_num() == session.irs || !packet.view.transport_checksum_ok()) return false;
    end_session(core, s, Reason::Closed, session.ended_by);
    return true;
}

// A relay that has closed answers stragglers, and nothing else.
void on_relay_packet(Core& core, SessionIndex s, Direction to, Packet& packet) {
    const Session& session = core.store.sessions[s];
    if (to == Direction::ToServer && is_open(packet.view.tcp()) && makes_way(core, s, packet))
        return on_syn(core, packet);
    if (to == Direction::ToClient && session.setup != kNoIndex)
        return on_server_connecting(core, s, packet);
    on_relay(core, s, to, packet);
}

}  // namespace

void on_spliced(Core& core, std::uint32_t record, Packet& packet) {
    const SessionIndex s = SessionStore::session_of(record);
    const Direction to = SessionStore::direction_of(record);
    if (packet.view.tcp().has(wire::kSyn) && to == Direction::ToServer && makes_way(core, s, packet))
        return on_syn(core, packet);
    splice_packet(core, s, to, packet);
}

void on_setup(Core& core, std::uint32_t record, Packet& packet) {
    const SessionIndex s = SessionStore::session_of(record);
    const bool from_client = SessionStore::direction_of(record) == Direction::ToServer;
    if (core.store.sessions[s].relay != kNoIndex)
        return on_relay_packet(core, s, SessionStore::direction_of(record), packet);
    if (core.store.sessions[s].setup == kNoIndex) return on_spliced(core, record, packet);
    switch (core.store.setups[core.store.sessions[s].setup].stage) {
        case Stage::Undecided:
        case Stage::Resolving: return on_client_held(core, s, packet);
        case Stage::Connecting:
            return from_client ? on_client_held(core, s, packet)
                               : on_server_connecting(core, s, packet);
        case Stage::Delivering:
        case Stage::AwaitingServer:
        case Stage::SecondHold:
            return from_client ? on_client_joining(core, s, packet)
                               : on_server_joining(core, s, packet);
    }
}

void on_sessionless(Core& core, Packet& packet) {
    return is_open(packet.view.tcp()) ? on_syn(core, packet) : on_stray(core, packet);
}

void on_neighbor(Core& core, Packet& packet, bool handed_over) {
    const PortNetworks& networks = core.settings().ports[packet.frame.port];
    if (handed_over)
        return core.neighbors.learn_only(packet.frame, packet.view, networks, core.now, core.outbox);
    // Each worker has its own cache: the others learn from copies.
    for (WorkerIndex w = 0; w < core.config.worker_count; ++w) {
        Frame copy;
        if (w == core.config.worker || !core.outbox.take_empty(copy)) continue;
        copy.port = packet.frame.port;
        copy.length = std::min(packet.frame.length, copy.capacity);
        std::memcpy(copy.data, packet.frame.data, copy.length);
        core.outbox.hand_over(copy, w);
    }
    if (packet.view.kind() == wire::PacketKind::Arp)
        return core.neighbors.on_arp(packet.frame, packet.view, networks, core.now, core.outbox);
    core.neighbors.on_discovery(packet.frame, packet.view, networks, core.now, core.outbox);
}

void answer_ping(Core& core, Packet& packet) {
    if (!core.limits.echoes.take(core.now)) return core.drop(packet, Reason::RateLimited);
    if (!turn_into_echo_reply(packet.frame, packet.view))
        return core.drop(packet, Reason::IcmpDenied);
    core.outbox.send(packet.frame, packet.frame.port);
}

}  // namespace sallyport::dp

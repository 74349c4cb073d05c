// SPDX-License-Identifier: Apache-2.0
// How a flow of a layer-4 rule begins, or why it does not.
#include "dataplane/policy/admission.h"
#include "dataplane/session/egress_port.h"
#include "dataplane/session/ending.h"
#include "dataplane/session/forwarding.h"
#include "dataplane/session/listener.h"
#include "dataplane/session/metering.h"
#include "dataplane/session/own_icmp.h"
#include "dataplane/session/own_segment.h"
#include "dataplane/session/records.h"
#include "dataplane/session/translated.h"

namespace sallyport::dp {
namespace {

using policy::Decision;
using policy::FlowProtocol;

FlowProtocol flow_protocol(RecordProtocol protocol) {
    switch (protocol) {
        case RecordProtocol::Tcp: return FlowProtocol::Tcp;
        case RecordProtocol::Udp: return FlowProtocol::Udp;
        case RecordProtocol::Icmp: return FlowProtocol::Icmp;
    }
    __builtin_unreachable();
}

bool is_quic(const FourTuple& client, RecordProtocol protocol) {
    constexpr std::uint16_t kHttps = 443;
    return protocol == RecordProtocol::Udp && client.dst_port.number == kHttps;
}

// That no rule has the port is said by the protocol's own reason.
Reason told(Reason reason, RecordProtocol protocol) {
    if (reason != Reason::PortNotAllowed) return reason;
    return protocol == RecordProtocol::Icmp ? Reason::IcmpDenied : Reason::UdpDenied;
}

// Where there is no way, a router says so, whatever the policy answers. A TCP client gets what the policy
// answers a SYN with. Of others those are told whom the policy allows and there is no room for (RFC 5508
// REQ-8), and browsers, which fall back to TCP at once then; the rest is left in the dark.
void tell_client(Core& core, const Packet& packet, const policy::Verdict& verdict,
                 RecordProtocol protocol) {
    const bool no_way = verdict.reason == Reason::NoRoute;
    const bool answers = core.generation->policy.default_answer() != policy::Answer::Drop;
    if (protocol == RecordProtocol::Tcp) {
        if (no_way || answers) reply_reset(core, packet);
        return;
    }
    if (no_way) return report_no_route(core, packet);
    const bool allowed = verdict.decision != Decision::Deny;
    if ((allowed && answers) || is_quic(packet.view.four_tuple(), protocol)) report_prohibited(core, packet);
}

void refuse_flow(Core& core, const Packet& packet, const policy::Verdict& verdict,
                 RecordProtocol protocol) {
    const FourTuple client = packet.view.four_tuple();
    const Reason reason = told(verdict.reason, protocol);
    if (core.limits.flow_records.take(core.now))
        log_refusal(core, {.client = client,
                           .reason = reason,
                           .rule = verdict.rule,
                           .bytes_received = packet.view.datagram_payload_length(),
                           .protocol = protocol});
    else
        core.counters.count(Reason::RateLimited);
    tell_client(core, packet, verdict, protocol);
    core.drop(packet, reason);
}

Reason room_for_flow(Core& core, SourceHash source) {
    SessionStore& store = core.store;
    if (store.sessions.in_use() == store.sessions.capacity()) recycle_oldest_closed(core);
    if (store.sessions.in_use() == store.sessions.capacity()) return Reason::SessionTableFull;
    return store.shares.may_take(Resource::Sessions, source, store.sessions.in_use(),
                                 store.sessions.capacity())
               ? Reason::None
               : Reason::SourceShareFull;
}

// The stations to which a flow's packets go.
struct Hops {
    NeighborIndex client = kNoNeighbor, server = kNoNeighbor;
};

Reason acquire_hops(Core& core, const FourTuple& client, Hops& hops) {
    const auto to_client = core.settings().ports[kInsidePort].next_hop(client.src);
    const auto to_server = core.settings().ports[kOutsidePort].next_hop(client.dst);
    if (!to_client || !to_server) return Reason::NoRoute;
    hops.client = core.neighbors.acquire(kInsidePort, *to_client, core.now);
    if (hops.client == kNoNeighbor) return Reason::NeighborTableFull;
    hops.server = core.neighbors.acquire(kOutsidePort, *to_server, core.now);
    return hops.server == kNoNeighbor ? Reason::NeighborTableFull : Reason::None;
}

void release_hops(Core& core, const Hops& hops) {
    if (hops.client != kNoNeighbor) core.neighbors.release(hops.client);
    if (hops.server != kNoNeighbor) core.neighbors.release(hops.server);
}

void fill_session(Core& core, SessionIndex s, const Packet& packet,
                  const policy::Verdict& verdict) {
    Session& session = core.store.sessions[s];
    session = Session{};
    session.id = next_session_id(core);
    session.generation = core.generation->id;
    session.start = core.now;
    session.source = core.source_hash(packet.view.four_tuple().src);
    session.rule = verdict.rule;
    session.state = SessionState::Translated;
    session.decision = verdict.decision;
    if (verdict.decision == Decision::WouldDeny) session.would_deny = verdict.reason;
    session.protocol = protocol_of(packet.view);
    session.translated = true;
    session.has_server = true;
    // Payload is counted from the octet behind these.
    session.irs = session.server_irs = SeqNum{} - 1;
    if (session.protocol == RecordProtocol::Tcp) session.irs = packet.view.tcp().seq_num();
}

void fill_records(Core& core, SessionIndex s, const FourTuple& client, const FourTuple& back,
                  const Hops& hops) {
    FlowRecord& to_server = core.store.flow(s, Direction::ToServer);
    FlowRecord& to_client = core.store.flow(s, Direction::ToClient);
    to_server = to_client = FlowRecord{};
    core.store.set_client(s, client);
    core.store.set_server(s, back.reversed());
    to_server.neighbor = hops.server;
    to_client.neighbor = hops.client;
    for (FlowRecord* flow : {&to_server, &to_client}) {
        flow->stage = FlowStage::Translate;
        flow->last_seen = core.seconds();
    }
    to_server.floor = to_server.high = core.store.sessions[s].irs + 1;
    if (core.store.sessions[s].protocol == RecordProtocol::Tcp)
        to_server.floor = core.store.sessions[s].irs;  // the SYN is not acknowledged yet
}

// Of a layer-4 rule there is one upstream, which is where the client wants to go.
Reason apply_terms(Core& core, SessionIndex s, const policy::Verdict& verdict) {
    Session& session = core.store.sessions[s];
    const policy::Upstream& upstream = core.generation->policy.terms(verdict).upstreams.front();
    session.idle_timeout = upstream.idle_timeout;
    if (upstream.max_duration != Duration{}) session.ends_at = core.now + upstream.max_duration;
    const Reason full = take_limits(core, s, verdict);
    return full != Reason::None ? full : take_upstream(core, s, verdict, upstream);
}

// Both directions or neither.
bool insert_records(Core& core, SessionIndex s) {
    FlowTables& table = core.store.table(core.store.sessions[s].protocol);
    if (!table.insert(SessionStore::record_number(s, Direction::ToServer))) return false;
    if (table.insert(SessionStore::record_number(s, Direction::ToClient))) return true;
    table.erase(SessionStore::record_number(s, Direction::ToServer));
    return false;
}

Reason make_flow(Core& core, const Packet& packet, const policy::Verdict& verdict,
                 SessionIndex& s) {
    const FourTuple client = packet.view.four_tuple();
    const SourceHash source = core.source_hash(client.src);
    if (!has_way_out(core.settings(), verdict.egress, client.dst)) return Reason::NoRoute;
    if (const Reason full = room_for_flow(core, source); full != Reason::None) return full;
    Hops hops;
    Reason reason = acquire_hops(core, client, hops);
    FourTuple back{client.dst, {}, client.dst_port, {}};
    const EgressSet& egress = core.settings().egress[verdict.egress];
    if (reason == Reason::None &&
        !choose_egress_port(core, egress, source, {protocol_of(packet.view), false}, back))
        reason = Reason::PortsExhausted;
    if (reason != Reason::None) return release_hops(core, hops), reason;
    s = core.store.sessions.take();
    fill_session(core, s, packet, verdict);
    fill_records(core, s, client, back, hops);
    reason = apply_terms(core, s, verdict);
    if (reason == Reason::None && !insert_records(core, s)) reason = Reason::FlowTableFull;
    if (reason != Reason::None) {
        give_back_limits(core, s);
        core.store.sessions.give_back(s);
        return release_hops(core, hops), reason;
    }
    core.store.shares.took(Resource::Sessions, source);
    ++core.store.translated;
    count_steering(core, back);
    return Reason::None;
}

}  // namespace

RecordProtocol protocol_of(const wire::PacketView& packet) {
    switch (packet.kind()) {
        case wire::PacketKind::Udp: return RecordProtocol::Udp;
        case wire::PacketKind::Icmp: return RecordProtocol::Icmp;
        case wire::PacketKind::Tcp:
        case wire::PacketKind::Fragment:
        case wire::PacketKind::NeighborDiscovery:
        case wire::PacketKind::Arp: return RecordProtocol::Tcp;
    }
    __builtin_unreachable();
}

policy::Verdict decide_flow(const Core& core, const FourTuple& client, RecordProtocol protocol) {
    return policy::match_flow(*core.generation,
                              {client.src, client.dst, client.dst_port, flow_protocol(protocol)});
}

void on_unknown_flow(Core& core, Packet& packet) {
    const RecordProtocol protocol = protocol_of(packet.view);
    const policy::Verdict verdict = decide_flow(core, packet.view.four_tuple(), protocol);
    if (verdict.decision == Decision::Deny) return refuse_flow(core, packet, verdict, protocol);
    open_flow(core, packet, verdict);
}

void open_flow(Core& core, Packet& packet, const policy::Verdict& verdict) {
    if (!may_forward(core, packet, kOutsidePort)) return;
    SessionIndex s = kNoIndex;
    if (const Reason reason = make_flow(core, packet, verdict, s); reason != Reason::None) {
        policy::Verdict full = verdict;
        full.reason = reason;
        return refuse_flow(core, packet, full, protocol_of(packet.view));
    }
    core.counters.flows_opened.add(1);
    if (verdict.decision == Decision::WouldDeny) core.counters.verdicts_would_deny.add(1);
    rearm(core, s);
    on_translated(core, SessionStore::record_number(s, Direction::ToServer), packet);
}

}  // namespace sallyport::dp

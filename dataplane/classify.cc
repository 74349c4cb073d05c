// SPDX-License-Identifier: Apache-2.0
#include "dataplane/classify.h"

#include <algorithm>
#include <memory>

#include "dataplane/icmp_quote.h"
#include "dataplane/ownership.h"
#include "dataplane/session/gathering.h"
#include "dataplane/session/translated.h"

namespace sallyport::dp {
namespace {

void drop(Routed& r, Reason why) {
    r.way = Way::Drop;
    r.why = why;
}

bool is_own(const PortNetworks& networks, const IpAddr& address) {
    return std::find(networks.addresses.begin(), networks.addresses.end(), address) !=
           networks.addresses.end();
}

bool is_of_neighbors(const wire::PacketView& view) {
    return view.kind() == wire::PacketKind::Arp ||
           view.kind() == wire::PacketKind::NeighborDiscovery;
}

// A frame for somebody else, or an IP packet that was broadcast (RFC 1812 section 5.3.4).
Reason check_mac(const Core& core, const Packet& p) {
    const wire::MacAddr& dst = p.view.ethernet().dst;
    if (dst.is_multicast()) return is_of_neighbors(p.view) ? Reason::None : Reason::BroadcastIp;
    return dst == core.config.macs[p.frame.port] ? Reason::None : Reason::NotOurMac;
}

bool asks_gate(const Core& core, const Packet& p) {
    return p.view.is_echo_request() &&
           is_own(core.settings().ports[p.frame.port], p.view.destination());
}

FourTuple tuple_of(const Routed& r) {
    return r.packet.view.is_v6() ? four_tuple(r.key.v6) : four_tuple(r.key.v4);
}

// Sets the key, from which the flow is found, and its hash.
void set_key(const Core& core, Routed& r, const FlowKey4& key) {
    std::construct_at(&r.key.v4, key);
    r.hash = core.flow_hash(key);
}
void set_key(const Core& core, Routed& r, const FlowKey6& key) {
    std::construct_at(&r.key.v6, key);
    r.hash = core.flow_hash(key);
}

void hand_over_unless_mine(const Core& core, Routed& r, WorkerIndex owner, Way mine) {
    r.owner = owner;
    r.way = owner == core.config.worker ? mine : Way::Handover;
}

void find_owner(const Core& core, Routed& r) {
    if (r.packet.frame.port == kInsidePort)
        return hand_over_unless_mine(core, r, inside_owner(tuple_of(r), core.config, r.hash), Way::Listen);
    const auto owner =
        outside_owner(tuple_of(r), core.settings(), core.config.worker_count);
    if (!owner) return drop(r, Reason::NoSession);
    hand_over_unless_mine(core, r, *owner, Way::Listen);
}

// Of ICMP, what a flow can have: an error about one of its packets, which goes the way of the answers
// to that packet; or an echo, which only the client asks and only the server answers.
void classify_icmp(const Core& core, Routed& r) {
    const wire::PacketView& view = r.packet.view;
    if (is_passable_error(view)) {
        const auto quote = read_quote(view);
        if (!quote) return drop(r, Reason::IcmpUnmatched);
        const FourTuple tuple = quote->key.reversed();
        view.is_v6() ? set_key(core, r, flow_key6(tuple)) : set_key(core, r, flow_key4(tuple));
        r.protocol = quote->protocol;
        return;
    }
    const bool inside = r.packet.frame.port == kInsidePort;
    const bool fits = inside ? view.is_echo_request() : view.is_echo_reply();
    if (asks_gate(core, r.packet)) r.way = Way::Echo;
    else if (!fits || view.icmp().code != 0) drop(r, Reason::IcmpDenied);
}

// Fragments have no ports: the worker that gathers them is found by what they have. Those from
// outside that are for no public address would only take room.
void classify_fragment(const Core& core, Routed& r, bool handed_over) {
    if (r.packet.frame.port == kOutsidePort &&
        !is_public(r.packet.view.destination(), core.settings()))
        return drop(r, Reason::NoSession);
    if (core.settings().fragments == Fragments::Drop) return drop(r, Reason::FragmentRefused);
    const WorkerIndex owner = handed_over ? core.config.worker : gatherer(core, r.packet);
    hand_over_unless_mine(core, r, owner, Way::Fragment);
}

// From the transport header to the owner of the flow.
void classify_transport(const Core& core, Routed& r, bool handed_over) {
    r.way = Way::Listen;
    r.protocol = protocol_of(r.packet.view);
    const wire::PacketView& view = r.packet.view;
    view.is_v6() ? set_key(core, r, view.flow_key6()) : set_key(core, r, view.flow_key4());
    if (view.kind() == wire::PacketKind::Icmp) classify_icmp(core, r);
    if (r.way != Way::Listen) return;
    if (!handed_over) find_owner(core, r);
    if (r.way == Way::Listen) core.store.table(r.protocol).of(view.is_v6()).prefetch(r.hash);
}

// Of no flow that is known: from inside it may begin one.
void classify_unknown(Routed& r) {
    const wire::PacketView& view = r.packet.view;
    const bool tcp = view.kind() == wire::PacketKind::Tcp;
    if (is_passable_error(view)) return drop(r, Reason::IcmpUnmatched);
    if (r.packet.frame.port == kInsidePort) {
        r.way = tcp ? Way::Listen : Way::Open;
        return;
    }
    const bool syn = tcp && view.tcp().has(wire::kSyn) && !view.tcp().has(wire::kAck);
    drop(r, syn ? Reason::UnsolicitedSyn : Reason::NoSession);
}

// What still is in fragments can be translated; nothing else takes it.
bool takes(Way way, const Packet& packet) {
    return packet.later.empty() || way == Way::Translate || way == Way::Open ||
           way == Way::Handover || way == Way::Drop;
}

}  // namespace

void classify_headers(const Core& core, Routed& r, bool handed_over) {
    Packet& p = r.packet;
    if (const wire::ParseError e = wire::parse(p.frame.bytes(), p.view); e != wire::ParseError::None)
        return drop(r, reason_of(e));
    p.frame.length = wire::drop_extension_headers(p.frame.bytes(), p.view);
    if (const Reason why = check_mac(core, p); why != Reason::None) return drop(r, why);
    if (is_of_neighbors(p.view)) {
        r.way = Way::Neighbor;
        return;
    }
    const PortNetworks& networks = core.settings().ports[p.frame.port];
    if (p.frame.port == kInsidePort && !networks.is_source(p.view.source()))
        return drop(r, Reason::SpoofedSource);
    if (p.view.kind() == wire::PacketKind::Fragment) return classify_fragment(core, r, handed_over);
    classify_transport(core, r, handed_over);
}

void classify_flow(const Core& core, Routed& r) {
    const bool v6 = r.packet.view.is_v6();
    const FlowTable& table = core.store.table(r.protocol).of(v6);
    r.record = v6 ? table.find(r.key.v6, r.hash) : table.find(r.key.v4, r.hash);
    if (r.record == kNoIndex) return classify_unknown(r);
    if (is_passable_error(r.packet.view)) {
        r.way = Way::IcmpError;
        return;
    }
    switch (core.store.records[r.record].stage) {
        case FlowStage::Splice:
        case FlowStage::Metered: r.way = Way::Splice; return;
        case FlowStage::Stack: r.way = Way::Session; return;
        case FlowStage::Translate: r.way = Way::Translate; return;
    }
}

void classify_gathered(const Core& core, Routed& r) {
    classify_transport(core, r, false);
    if (r.way == Way::Listen) classify_flow(core, r);
    if (!takes(r.way, r.packet)) drop(r, Reason::IpFragment);
}

}  // namespace sallyport::dp

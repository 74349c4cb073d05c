// SPDX-License-Identifier: Apache-2.0
#include "dataplane/classify.h"

#include <algorithm>

#include "dataplane/ownership.h"
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

// A frame for somebody else, or an IP packet that was broadcast (RFC 1812 section 5.3.4).
Reason check_mac(const Core& core, const Packet& p) {
    const wire::MacAddr& dst = p.view.ethernet().dst;
    if (dst.is_multicast())
        return p.view.kind() == wire::PacketKind::Arp ? Reason::None : Reason::BroadcastIp;
    return dst == core.config.macs[p.frame.port] ? Reason::None : Reason::NotOurMac;
}

// ICMP that belongs to no flow: echo to the gate itself, and nothing else. Of echo, only the client
// asks and only the server answers.
bool is_of_a_flow(const PortNetworks& networks, Routed& r) {
    const wire::PacketView& view = r.packet.view;
    const bool inside = r.packet.frame.port == kInsidePort;
    const std::uint8_t type = view.icmp().type;
    const bool asks = type == wire::kIcmpEchoRequest;
    if (asks && is_own(networks, view.ipv4().dst)) {
        r.way = Way::Echo;
        return false;
    }
    const bool fits = inside ? asks : type == wire::kIcmpEchoReply;
    if (!fits || view.icmp().code != 0) drop(r, Reason::IcmpDenied);
    return fits && view.icmp().code == 0;
}

void find_owner(const Core& core, Routed& r) {
    if (r.packet.frame.port == kInsidePort) {
        r.owner = inside_owner(r.key, core.config, r.hash);
    } else {
        const auto owner = outside_owner(r.packet.view.four_tuple(), core.settings(),
                                         core.config.worker_count);
        if (!owner) return drop(r, Reason::NoSession);
        r.owner = *owner;
    }
    r.way = r.owner == core.config.worker ? Way::Listen : Way::Handover;
}

}  // namespace

void classify_headers(const Core& core, Routed& r, bool handed_over) {
    Packet& p = r.packet;
    if (const wire::ParseError e = wire::parse(p.frame.bytes(), p.view); e != wire::ParseError::None)
        return drop(r, reason_of(e));
    if (const Reason why = check_mac(core, p); why != Reason::None) return drop(r, why);
    if (p.view.kind() == wire::PacketKind::Arp) {
        r.way = Way::Neighbor;
        return;
    }
    const PortNetworks& networks = core.settings().ports[p.frame.port];
    if (p.frame.port == kInsidePort && !networks.is_source(p.view.ipv4().src))
        return drop(r, Reason::SpoofedSource);
    if (p.view.kind() == wire::PacketKind::Icmp && !is_of_a_flow(networks, r)) return;
    r.key = p.view.flow_key4();
    r.hash = core.flow_hash(r.key);
    r.way = Way::Listen;
    if (!handed_over) find_owner(core, r);
    if (r.way == Way::Listen) core.store.table(protocol_of(p.view)).prefetch(r.hash);
}

void classify_flow(const Core& core, Routed& r) {
    r.record = core.store.table(protocol_of(r.packet.view)).find(r.key, r.hash);
    if (r.record != kNoIndex) {
        switch (core.store.record(r.record).stage) {
            case FlowStage::Splice: r.way = Way::Splice; return;
            case FlowStage::Stack: r.way = Way::Session; return;
            case FlowStage::Translate: r.way = Way::Translate; return;
        }
    }
    const bool tcp = r.packet.view.kind() == wire::PacketKind::Tcp;
    if (r.packet.frame.port == kInsidePort) {
        if (!tcp) r.way = Way::Open;
        return;  // else Way::Listen
    }
    const bool syn = tcp && r.packet.view.tcp().has(wire::kSyn) && !r.packet.view.tcp().has(wire::kAck);
    drop(r, syn ? Reason::UnsolicitedSyn : Reason::NoSession);
}

}  // namespace sallyport::dp

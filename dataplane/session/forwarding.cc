// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/forwarding.h"

#include "dataplane/nat/translate.h"
#include "dataplane/session/own_icmp.h"
#include "dataplane/session/tracking.h"

namespace sallyport::dp {
namespace {

std::size_t octets_of(const wire::PacketView& view) {
    return std::size_t{view.length()} - view.l3_offset();
}

bool has_dont_fragment(const wire::PacketView& view) {
    return (view.ipv4().flags_fragment.host() & wire::kIpv4DontFragment) != 0;
}

}  // namespace

bool may_forward(Core& core, const Packet& packet, PortIndex out) {
    if (packet.view.ipv4().ttl <= 1) {
        report(core, packet, {wire::kIcmpTimeExceeded, 0, 0});
        core.drop(packet, Reason::TtlExpired);
        return false;
    }
    const std::uint16_t mtu = core.settings().ports[out].mtu;
    if (octets_of(packet.view) <= mtu) return true;
    if (has_dont_fragment(packet.view))
        report(core, packet, {wire::kIcmpUnreachable, wire::kIcmpFragmentationNeeded, mtu});
    core.drop(packet, Reason::ExceedsMtu);
    return false;
}

void forward_translated(Core& core, SessionIndex s, Direction to, Packet& packet) {
    const FlowRecord4& flow = core.store.flow(s, to);
    translate_headers(flow, packet.view);
    wire::Ipv4Header& ip = packet.view.ipv4();
    // RFC 6864 section 4.3: several hosts share one address now, so identifications that somebody
    // may need for reassembly are given anew.
    if (!has_dont_fragment(packet.view)) replace_id(ip, core.ids.next(core.flow_hash(FlowKey4{ip.src, ip.dst, 0, 0})));
    packet.frame.port = port_towards(to);
    packet.frame.length = packet.view.length();
    core.neighbors.send(packet.frame, flow.neighbor, core.now, core.outbox);
}

}  // namespace sallyport::dp

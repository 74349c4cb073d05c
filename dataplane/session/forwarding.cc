// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/forwarding.h"

#include "dataplane/cut_to_mtu.h"
#include "dataplane/nat/translate.h"
#include "dataplane/session/own_icmp.h"
#include "dataplane/session/tracking.h"

namespace sallyport::dp {
namespace {

// Of IPv6 every packet has it.
bool has_dont_fragment(const wire::PacketView& view) {
    return view.is_v6() || (view.ipv4().flags_fragment.host() & wire::kIpv4DontFragment) != 0;
}

}  // namespace

void send_on(Core& core, const FlowRecord& flow, Frame frame, const wire::PacketView& view,
             PortIndex out) {
    frame.port = out;
    frame.length = view.length();
    const std::uint16_t mtu = core.settings().ports[out].mtu;
    if (view.ip_length() <= mtu)
        return core.neighbors.send(frame, flow.neighbor, core.now, core.outbox);
    Cuts cuts;
    if (has_dont_fragment(view) || !cut_to_mtu(frame, view.l3_offset(), mtu, core.outbox, cuts))
        return core.outbox.drop(frame, Reason::ExceedsMtu);
    core.counters.datagrams_cut.add(1);
    for (const Frame& cut : cuts) core.neighbors.send(cut, flow.neighbor, core.now, core.outbox);
}

bool outlives_hop(Core& core, const Packet& packet) {
    if (packet.view.hop_limit() > 1) return true;
    report(core, packet, {wire::kIcmpTimeExceeded, 0, 0});
    core.drop(packet, Reason::TtlExpired);
    return false;
}

bool suits_mtu(Core& core, const Packet& packet, PortIndex out) {
    const std::uint16_t mtu = core.settings().ports[out].mtu;
    if (packet.view.ip_length() <= mtu || !has_dont_fragment(packet.view)) return true;
    report(core, packet, {wire::kIcmpUnreachable, wire::kIcmpFragmentationNeeded, mtu});
    core.drop(packet, Reason::ExceedsMtu);
    return false;
}

bool is_atomic(const Packet& packet) {
    return has_dont_fragment(packet.view) && packet.later.empty();
}

void forward_translated(Core& core, SessionIndex s, Direction to, Packet& packet) {
    const FlowRecord& flow = core.store.flow(s, to);
    const PortIndex out = port_towards(to);
    const bool atomic = is_atomic(packet);
    const FlowLines lines = core.store.lines(s, to);
    translate_headers(lines, packet.view);
    std::uint16_t id = 0;
    if (!atomic) {
        wire::Ipv4Header& ip = packet.view.ipv4();
        id = core.ids.next(core.flow_hash(FlowKey4{ip.src, ip.dst, 0, 0}));
        replace_id(ip, id);
    }
    send_on(core, flow, packet.frame, packet.view, out);
    for (const Frame& fragment : packet.later) {
        wire::PacketView view;
        const wire::ParseError error = wire::parse(fragment.bytes(), view);
        SP_ASSERT(error == wire::ParseError::None);
        translate_later_fragment(lines, view);
        replace_id(view.ipv4(), id);
        send_on(core, flow, fragment, view, out);
    }
}

}  // namespace sallyport::dp

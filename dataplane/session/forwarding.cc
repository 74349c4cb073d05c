// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/forwarding.h"

#include <algorithm>

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

// The octets of the longest IP packet that the datagram is in.
std::size_t longest_piece(const Packet& packet) {
    std::size_t most = packet.view.ip_length();
    for (const Frame& fragment : packet.later)
        most = std::max(most, std::size_t{fragment.length} - packet.view.l3_offset());
    return most;
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
    report_expired(core, packet);
    core.drop(packet, Reason::TtlExpired);
    return false;
}

bool suits_mtu(Core& core, const Packet& packet, PortIndex out) {
    const std::uint16_t mtu = core.settings().ports[out].mtu;
    if (!has_dont_fragment(packet.view) || longest_piece(packet) <= mtu) return true;
    report_too_big(core, packet, mtu);
    core.drop(packet, Reason::ExceedsMtu);
    return false;
}

bool is_atomic(const Packet& packet) {
    return has_dont_fragment(packet.view) && packet.later.empty();
}

std::uint32_t give_id(Core& core, const wire::PacketView& view) {
    const std::uint64_t pair = view.is_v6() ? core.flow_hash(FlowKey6{view.ipv6().src, view.ipv6().dst, 0, 0})
                                            : core.flow_hash(FlowKey4{view.ipv4().src, view.ipv4().dst, 0, 0});
    const std::uint32_t id = core.ids.next(pair);
    // Of IPv6 it has 32 bits; the upper ones differ between pairs, and nobody knows them beforehand.
    return view.is_v6() ? static_cast<std::uint32_t>(pair >> 32) << 16 | id : id;
}

void set_id(const wire::PacketView& view, std::uint32_t id) {
    if (view.is_v6()) return view.fragment_header().id.set(id);
    replace_id(view.ipv4(), static_cast<std::uint16_t>(id));
}

void forward_translated(Core& core, SessionIndex s, Direction to, Packet& packet) {
    const FlowRecord& flow = core.store.flow(s, to);
    const PortIndex out = port_towards(to);
    const bool atomic = is_atomic(packet);
    const FlowLines lines = core.store.lines(s, to);
    translate_headers(lines, packet.view);
    const std::uint32_t id = atomic ? 0 : give_id(core, packet.view);
    if (!atomic) set_id(packet.view, id);
    send_on(core, flow, packet.frame, packet.view, out);
    for (const Frame& fragment : packet.later) {
        wire::PacketView view;
        const wire::ParseError error = wire::parse(fragment.bytes(), view);
        SP_ASSERT(error == wire::ParseError::None);
        translate_later_fragment(lines, view);
        set_id(view, id);
        send_on(core, flow, fragment, view, out);
    }
}

}  // namespace sallyport::dp

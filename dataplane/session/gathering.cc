// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/gathering.h"

namespace sallyport::dp {
namespace {

DatagramKey key_of(const Packet& p) {
    const wire::Ipv4Header& ip = p.view.ipv4();
    return {.src = ip.src, .dst = ip.dst, .id = ip.id.host(), .protocol = ip.protocol,
            .port = p.frame.port};
}

Fragment fragment_of(const Packet& p) {
    return {.key = key_of(p),
            .frame = p.frame,
            .payload_at = p.view.payload_offset(),
            .offset = p.view.fragment_offset(),
            .length = p.view.payload_length(),
            .last = !p.view.more_fragments()};
}

// A fragment that was parsed before.
wire::PacketView view_of(const Frame& frame) {
    wire::PacketView view;
    const wire::ParseError error = wire::parse(frame.bytes(), view);
    SP_ASSERT(error == wire::ParseError::None);
    return view;
}

// RFC 1858, RFC 3128: a TCP header that is cut in two fools who looks at fragments. Nobody looks here,
// but no honest host sends it either. The other headers have eight octets, which every cut leaves whole.
bool hides_header(const Packet& p) {
    const wire::PacketView& view = p.view;
    if (view.ipv4().protocol != wire::kProtocolTcp) return false;
    if (view.fragment_offset() != 0) return view.fragment_offset() < sizeof(wire::TcpHeader);
    const auto octets = view.payload();
    if (octets.size() < sizeof(wire::TcpHeader)) return true;
    return reinterpret_cast<const wire::TcpHeader*>(octets.data())->header_length() > octets.size();
}

// The whole datagram as one packet.
Reason assemble(Packet& packet, const FragmentStore::Frames& frames) {
    const wire::PacketView last = view_of(frames[frames.size() - 1]);
    const auto length = static_cast<std::uint16_t>(last.fragment_offset() + last.payload_length());
    packet.frame = frames[0];
    packet.later = frames.span().subspan(1);
    const wire::ParseError error =
        wire::parse_first_fragment(packet.frame.bytes(), length, packet.view);
    if (error != wire::ParseError::None) return reason_of(error);
    const bool broken = packet.view.kind() == wire::PacketKind::Icmp && !checksum_ok(packet);
    return broken ? Reason::IcmpMalformed : Reason::None;
}

}  // namespace

WorkerIndex gatherer(const Core& core, const Packet& fragment) {
    return static_cast<WorkerIndex>(core.fragments.hash(key_of(fragment)) %
                                    core.config.worker_count);
}

bool gather(Core& core, Routed& r, FragmentStore::Frames& frames) {
    if (hides_header(r.packet)) return core.drop(r.packet, Reason::FragmentTiny), false;
    const SourceHash source = core.source_hash(IpAddr{r.packet.view.ipv4().src});
    if (!core.fragments.add(fragment_of(r.packet), source, core.now, core.outbox, frames))
        return false;
    core.counters.datagrams_gathered.add(1);
    r.why = assemble(r.packet, frames);
    r.way = Way::Drop;
    if (r.why == Reason::None) classify_gathered(core, r);
    return true;
}

bool checksum_ok(const Packet& packet) {
    if (packet.later.empty()) return packet.view.transport_checksum_ok();
    if (packet.view.kind() == wire::PacketKind::Udp && packet.view.udp().checksum.host() == 0) return true;
    wire::Sum16 sum = packet.view.transport_sum();
    for (const Frame& frame : packet.later) sum.add_bytes(view_of(frame).payload());
    return sum.checksum() == 0;
}

}  // namespace sallyport::dp

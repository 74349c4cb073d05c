// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/gathering.h"

#include <cstring>

namespace sallyport::dp {
namespace {

DatagramKey key_of(const Packet& p) {
    const wire::PacketView& view = p.view;
    return {.src = view.source(), .dst = view.destination(), .id = view.datagram_id(),
            .protocol = view.protocol(), .port = p.frame.port};
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

// What parse_first_fragment() needs; the other transports' headers have eight octets, which every cut
// leaves whole.
bool lacks_tcp_header(const wire::PacketView& first) {
    const auto octets = first.payload();
    if (octets.size() < sizeof(wire::TcpHeader)) return true;
    return reinterpret_cast<const wire::TcpHeader*>(octets.data())->header_length() > octets.size();
}

// The octets behind the IP header.
std::uint16_t length_of(std::span<const Frame> frames) {
    const wire::PacketView last = view_of(frames.back());
    return static_cast<std::uint16_t>(last.fragment_offset() + last.payload_length());
}

// The IP header of a first fragment becomes that of the whole, which has `octets` behind it.
void make_whole(const wire::PacketView& first, std::uint16_t octets) {
    if (first.is_v6()) {
        first.ipv6().next_header = first.protocol();
        return first.ipv6().payload_length.set(octets);
    }
    wire::Ipv4Header& ip = first.ipv4();
    ip.flags_fragment.set(0);
    ip.total_length.set(static_cast<std::uint16_t>(sizeof ip + octets));
    wire::set_checksum(ip);
}

// Makes one packet of all fragments, in the buffer of the first. False: it has no room for them, and
// nothing has changed.
bool join(Core& core, std::span<const Frame> frames, Packet& packet) {
    Frame frame = frames.front();
    const wire::PacketView first = view_of(frame);
    const std::uint16_t octets = length_of(frames);
    const std::size_t header = first.is_v6() ? sizeof(wire::Ipv6Header) : sizeof(wire::Ipv4Header);
    const std::size_t begin = first.l3_offset() + header;
    if (begin + octets > frame.capacity) return false;
    std::uint8_t* at = frame.data + begin;
    for (const Frame& piece : frames) {
        const auto part = view_of(piece).payload();
        std::memmove(at, part.data(), part.size());  // of the first, over its own fragment header
        at += part.size();
        if (piece.data != frame.data) core.outbox.free(piece);
    }
    make_whole(first, octets);
    frame.length = static_cast<std::uint16_t>(begin + octets);
    packet.frame = frame;
    packet.later = {};
    core.counters.segments_reassembled.add(1);
    return true;
}

// The whole datagram as one packet.
Reason assemble(Core& core, Packet& packet, std::span<const Frame> frames) {
    packet.frame = frames.front();
    packet.later = frames.subspan(1);
    if (packet.view.protocol() == wire::kProtocolTcp) {
        if (join(core, frames, packet)) return reason_of(wire::parse(packet.frame.bytes(), packet.view));
        if (lacks_tcp_header(view_of(packet.frame))) return Reason::FragmentTiny;
    }
    const wire::ParseError error =
        wire::parse_first_fragment(packet.frame.bytes(), length_of(frames), packet.view);
    if (error != wire::ParseError::None) return reason_of(error);
    const bool broken = packet.view.kind() == wire::PacketKind::Icmp && !checksum_ok(packet);
    return broken ? Reason::IcmpMalformed : Reason::None;
}

}  // namespace

WorkerIndex gatherer(const Core& core, const Packet& fragment) {
    return static_cast<WorkerIndex>(core.fragments.hash(key_of(fragment)) %
                                    core.config.worker_count);
}

bool gather(Core& core, Routed& r) {
    const wire::PacketView& view = r.packet.view;
    // RFC 7112 section 5: no honest sender of IPv6 cuts a header.
    const bool first = view.is_v6() && view.fragment_offset() == 0;
    if (first && view.protocol() == wire::kProtocolTcp && lacks_tcp_header(view))
        return core.drop(r.packet, Reason::FragmentTiny), false;
    const SourceHash source = core.source_hash(view.source());
    if (!core.fragments.add(fragment_of(r.packet), source, core.now, core.outbox))
        return false;
    core.counters.datagrams_gathered.add(1);
    r.why = assemble(core, r.packet, core.fragments.whole());
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

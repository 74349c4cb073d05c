// SPDX-License-Identifier: Apache-2.0
#include "dataplane/nat/translate.h"

#include "dataplane/nat/rewrite.h"

namespace sallyport::dp {

using wire::Sum16;

Sum16 NatChange::rewrite_ports(Be16& src, Be16& dst) const {
    Sum16 delta;
    delta.replace32(from.src.host(), to.src.host());
    delta.replace32(from.dst.host(), to.dst.host());
    delta.replace(from.src_port, to.src_port);
    delta.replace(from.dst_port, to.dst_port);
    src.set(to.src_port);
    dst.set(to.dst_port);
    return delta;
}

void NatChange::apply(wire::TcpHeader& tcp) const {
    const Sum16 delta = rewrite_ports(tcp.src_port, tcp.dst_port);
    tcp.checksum.set(wire::updated(tcp.checksum.host(), delta));
}

void NatChange::apply(wire::UdpHeader& udp) const {
    const Sum16 delta = rewrite_ports(udp.src_port, udp.dst_port);
    if (udp.checksum.host() == 0) return;  // RFC 768: none was computed
    const std::uint16_t sum = wire::updated(udp.checksum.host(), delta);
    udp.checksum.set(sum == 0 ? std::uint16_t{0xffff} : sum);
}

// The identifier stands for one of the two ports, and the other is zero.
void NatChange::apply(wire::IcmpHeader& icmp) const {
    const auto id = static_cast<std::uint16_t>(to.src_port | to.dst_port);
    Sum16 delta;
    delta.replace(icmp.echo_id(), id);
    icmp.set_echo_id(id);
    icmp.checksum.set(wire::updated(icmp.checksum.host(), delta));
}

void translate_headers(const FlowRecord& flow, const wire::PacketView& packet) {
    translate_later_fragment(flow, packet.ipv4());
    const NatChange change{flow.key, flow.rewrite};
    switch (packet.kind()) {
        case wire::PacketKind::Tcp: return change.apply(packet.tcp());
        case wire::PacketKind::Udp: return change.apply(packet.udp());
        case wire::PacketKind::Icmp: return change.apply(packet.icmp());
        case wire::PacketKind::Fragment:
        case wire::PacketKind::NeighborDiscovery:
        case wire::PacketKind::Arp: return;
    }
}

void translate_later_fragment(const FlowRecord& flow, wire::Ipv4Header& ip) {
    Sum16 unused;
    rewrite_addresses(flow, ip, unused);
}

void replace_id(wire::Ipv4Header& ip, std::uint16_t id) {
    Sum16 delta;
    delta.replace(ip.id.host(), id);
    ip.id.set(id);
    ip.checksum.set(wire::updated(ip.checksum.host(), delta));
}

}  // namespace sallyport::dp

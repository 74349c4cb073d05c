// SPDX-License-Identifier: Apache-2.0
#include "dataplane/nat/translate.h"

#include "dataplane/nat/rewrite.h"
#include "tcpstack/wire/checksum.h"

namespace sallyport::dp {
namespace {

using wire::Sum16;

Sum16 rewrite_ports(const FlowRecord4& flow, Be16& src, Be16& dst) {
    Sum16 delta;
    delta.replace(flow.key.src_port, flow.rewrite.src_port);
    delta.replace(flow.key.dst_port, flow.rewrite.dst_port);
    src.set(flow.rewrite.src_port);
    dst.set(flow.rewrite.dst_port);
    return delta;
}

void translate_tcp(const FlowRecord4& flow, wire::TcpHeader& tcp, Sum16 delta) {
    delta.add(rewrite_ports(flow, tcp.src_port, tcp.dst_port));
    tcp.checksum.set(wire::updated(tcp.checksum.host(), delta));
}

void translate_udp(const FlowRecord4& flow, wire::UdpHeader& udp, Sum16 delta) {
    delta.add(rewrite_ports(flow, udp.src_port, udp.dst_port));
    if (udp.checksum.host() == 0) return;  // RFC 768: none was computed
    const std::uint16_t sum = wire::updated(udp.checksum.host(), delta);
    udp.checksum.set(sum == 0 ? std::uint16_t{0xffff} : sum);
}

// The identifier stands for one of the two ports, and the other is zero.
void translate_echo(const FlowRecord4& flow, wire::IcmpHeader& icmp) {
    const auto id = static_cast<std::uint16_t>(flow.rewrite.src_port | flow.rewrite.dst_port);
    Sum16 delta;
    delta.replace(icmp.echo_id(), id);
    icmp.set_echo_id(id);
    icmp.checksum.set(wire::updated(icmp.checksum.host(), delta));
}

}  // namespace

void translate_headers(const FlowRecord4& flow, const wire::PacketView& packet) {
    Sum16 delta;
    rewrite_addresses(flow, packet.ipv4(), delta);
    switch (packet.kind()) {
        case wire::PacketKind::Tcp: return translate_tcp(flow, packet.tcp(), delta);
        case wire::PacketKind::Udp: return translate_udp(flow, packet.udp(), delta);
        case wire::PacketKind::Icmp: return translate_echo(flow, packet.icmp());
        case wire::PacketKind::Arp: return;
    }
}

void translate_later_fragment(const FlowRecord4& flow, wire::Ipv4Header& ip) {
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

// SPDX-License-Identifier: Apache-2.0
#include "dataplane/nat/translate.h"

#include "dataplane/nat/rewrite.h"

namespace sallyport::dp {

using wire::Sum16;

namespace {

template <class Address>
std::span<const std::uint8_t> addresses_of(const FlowKey<Address>& key) {
    return {reinterpret_cast<const std::uint8_t*>(&key), 2 * sizeof(Address)};
}

template <class Address>
void translate_transport(const NatChange<Address>& change, const wire::PacketView& packet) {
    switch (packet.kind()) {
        case wire::PacketKind::Tcp: return change.apply(packet.tcp());
        case wire::PacketKind::Udp: return change.apply(packet.udp());
        case wire::PacketKind::Icmp: return change.apply(packet.icmp());
        case wire::PacketKind::Fragment:
        case wire::PacketKind::NeighborDiscovery:
        case wire::PacketKind::Arp: return;
    }
}

}  // namespace

template <class Address>
Sum16 NatChange<Address>::of_addresses() const {
    Sum16 delta;
    delta.replace_bytes(addresses_of(from), addresses_of(to));
    return delta;
}

template <class Address>
Sum16 NatChange<Address>::rewrite_ports(Be16& src, Be16& dst) const {
    Sum16 delta = of_addresses();
    delta.replace(from.src_port, to.src_port);
    delta.replace(from.dst_port, to.dst_port);
    src.set(to.src_port);
    dst.set(to.dst_port);
    return delta;
}

template <class Address>
void NatChange<Address>::apply(wire::TcpHeader& tcp) const {
    const Sum16 delta = rewrite_ports(tcp.src_port, tcp.dst_port);
    tcp.checksum.set(wire::updated(tcp.checksum.host(), delta));
}

template <class Address>
void NatChange<Address>::apply(wire::UdpHeader& udp) const {
    const Sum16 delta = rewrite_ports(udp.src_port, udp.dst_port);
    if (udp.checksum.host() == 0) return;  // RFC 768: none was computed
    const std::uint16_t sum = wire::updated(udp.checksum.host(), delta);
    udp.checksum.set(sum == 0 ? std::uint16_t{0xffff} : sum);
}

// The identifier stands for one of the two ports, and the other is zero.
template <class Address>
void NatChange<Address>::apply(wire::IcmpHeader& icmp) const {
    const auto id = static_cast<std::uint16_t>(to.src_port | to.dst_port);
    Sum16 delta;
    if constexpr (std::is_same_v<Address, Ipv6Addr>) delta = of_addresses();  // RFC 4443 section 2.3
    delta.replace(icmp.echo_id(), id);
    icmp.set_echo_id(id);
    icmp.checksum.set(wire::updated(icmp.checksum.host(), delta));
}

template struct NatChange<Ipv4Addr>;
template struct NatChange<Ipv6Addr>;

void translate_headers(const FlowLines& lines, const wire::PacketView& packet) {
    translate_later_fragment(lines, packet);
    packet.is_v6()
        ? translate_transport(NatChange6{lines.key6(), lines.rewrite6()}, packet)
        : translate_transport(NatChange4{lines.flow.key, lines.flow.rewrite}, packet);
}

void translate_later_fragment(const FlowLines& lines, const wire::PacketView& fragment) {
    Sum16 unused;
    rewrite_addresses(lines, fragment, unused);
}

void replace_id(wire::Ipv4Header& ip, std::uint16_t id) {
    Sum16 delta;
    delta.replace(ip.id.host(), id);
    ip.id.set(id);
    ip.checksum.set(wire::updated(ip.checksum.host(), delta));
}

}  // namespace sallyport::dp

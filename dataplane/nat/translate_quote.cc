// SPDX-License-Identifier: Apache-2.0
#include "dataplane/nat/translate_quote.h"

#include <cstddef>

#include "dataplane/icmp_quote.h"
#include "dataplane/nat/translate.h"
#include "tcpstack/wire/checksum.h"
#include "tcpstack/wire/icmp.h"
#include "tcpstack/wire/ipv4.h"
#include "tcpstack/wire/tcp_header.h"
#include "tcpstack/wire/udp.h"

namespace sallyport::dp {
namespace {

using Quoted = std::span<std::uint8_t>;

template <class Header>
Header& header_of(Quoted octets) {
    return *reinterpret_cast<Header*>(octets.data());
}

// Moves a number by `n`, if it was quoted.
void shift(Quoted transport, std::size_t at, std::uint32_t n, wire::Sum16& delta) {
    if (transport.size() < at + sizeof(Be32)) return;
    auto& value = header_of<Be32>(transport.subspan(at));
    delta.replace32(value.host(), value.host() + n);
    value.set(value.host() + n);
}

// Eight octets of TCP are ports and sequence number; the rest may not have been quoted. What the quoted
// packet acknowledged, the error's direction numbers.
template <class Address>
void translate_tcp(const FlowRecord& flow, const NatChange<Address>& change, Quoted transport) {
    auto& ports = header_of<wire::UdpHeader>(transport);
    wire::Sum16 delta = change.rewrite_ports(ports.src_port, ports.dst_port);
    shift(transport, offsetof(wire::TcpHeader, seq), flow.ack_delta, delta);
    shift(transport, offsetof(wire::TcpHeader, ack), flow.seq_delta, delta);
    constexpr std::size_t kField = offsetof(wire::TcpHeader, checksum);
    if (transport.size() < kField + sizeof(Be16)) return;
    auto& checksum = header_of<Be16>(transport.subspan(kField));
    checksum.set(wire::updated(checksum.host(), delta));
}

template <class Address>
void translate_transport(const FlowRecord& flow, const NatChange<Address>& change,
                         std::uint8_t protocol, Quoted transport) {
    switch (protocol) {
        case wire::kProtocolTcp: return translate_tcp(flow, change, transport);
        case wire::kProtocolUdp: return change.apply(header_of<wire::UdpHeader>(transport));
        case wire::kProtocolIcmp:
        case wire::kProtocolIcmpv6: return change.apply(header_of<wire::IcmpHeader>(transport));
        default: return;
    }
}

}  // namespace

void translate_quote4(const FlowLines& lines, Quoted quoted) {
    auto& ip = header_of<wire::Ipv4Header>(quoted);
    const NatChange4 change{lines.flow.key.reversed(), lines.flow.rewrite.reversed()};
    ip.src = change.to.src;
    ip.dst = change.to.dst;
    wire::set_checksum(ip);
    translate_transport(lines.flow, change, ip.protocol, quoted.subspan(sizeof ip));
}

void translate_quote6(const FlowLines& lines, Quoted quoted) {
    auto& ip = header_of<wire::Ipv6Header>(quoted);
    const NatChange6 change{lines.key6().reversed(), lines.rewrite6().reversed()};
    ip.src = change.to.src;
    ip.dst = change.to.dst;
    const bool fragment = ip.next_header == wire::kNextHeaderFragment;
    const std::uint8_t protocol =
        fragment ? header_of<wire::Ipv6FragmentHeader>(quoted.subspan(sizeof ip)).next_header : ip.next_header;
    translate_transport(lines.flow, change, protocol, quoted.subspan(quoted_transport6(quoted)));
}

}  // namespace sallyport::dp

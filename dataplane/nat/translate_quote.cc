// SPDX-License-Identifier: Apache-2.0
#include "dataplane/nat/translate_quote.h"

#include <cstddef>

#include "dataplane/nat/translate.h"
#include "tcpstack/wire/checksum.h"
#include "tcpstack/wire/icmp.h"
#include "tcpstack/wire/ipv4.h"
#include "tcpstack/wire/tcp_header.h"
#include "tcpstack/wire/udp.h"

namespace sallyport::dp {
namespace {

// Moves a number by `n`, if it was quoted.
void shift(std::span<std::uint8_t> transport, std::size_t at, std::uint32_t n, wire::Sum16& delta) {
    if (transport.size() < at + sizeof(Be32)) return;
    auto& value = *reinterpret_cast<Be32*>(transport.data() + at);
    delta.replace32(value.host(), value.host() + n);
    value.set(value.host() + n);
}

// Eight octets of TCP are ports and sequence number; the rest may not have been quoted. What the quoted
// packet acknowledged, the error's direction numbers.
void translate_quoted_tcp(const FlowRecord& flow, const NatChange4& change,
                          std::span<std::uint8_t> transport) {
    auto& ports = *reinterpret_cast<wire::UdpHeader*>(transport.data());
    wire::Sum16 delta = change.rewrite_ports(ports.src_port, ports.dst_port);
    shift(transport, offsetof(wire::TcpHeader, seq), flow.ack_delta, delta);
    shift(transport, offsetof(wire::TcpHeader, ack), flow.seq_delta, delta);
    constexpr std::size_t kField = offsetof(wire::TcpHeader, checksum);
    if (transport.size() < kField + sizeof(Be16)) return;
    auto& checksum = *reinterpret_cast<Be16*>(transport.data() + kField);
    checksum.set(wire::updated(checksum.host(), delta));
}

}  // namespace

void translate_quote(const FlowRecord& flow, std::span<std::uint8_t> quoted) {
    auto& ip = *reinterpret_cast<wire::Ipv4Header*>(quoted.data());
    const NatChange4 change{flow.key.reversed(), flow.rewrite.reversed()};
    ip.src = change.to.src;
    ip.dst = change.to.dst;
    wire::set_checksum(ip);
    const auto transport = quoted.subspan(sizeof ip);
    switch (ip.protocol) {
        case wire::kProtocolTcp: return translate_quoted_tcp(flow, change, transport);
        case wire::kProtocolUdp:
            return change.apply(*reinterpret_cast<wire::UdpHeader*>(transport.data()));
        case wire::kProtocolIcmp:
            return change.apply(*reinterpret_cast<wire::IcmpHeader*>(transport.data()));
        default: return;
    }
}

}  // namespace sallyport::dp

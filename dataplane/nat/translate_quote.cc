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

// Eight octets of TCP are ports and sequence number; the checksum may not have been quoted.
void translate_quoted_tcp(const NatChange& change, std::span<std::uint8_t> transport) {
    auto& ports = *reinterpret_cast<wire::UdpHeader*>(transport.data());
    const wire::Sum16 delta = change.rewrite_ports(ports.src_port, ports.dst_port);
    constexpr std::size_t kField = offsetof(wire::TcpHeader, checksum);
    if (transport.size() < kField + sizeof(Be16)) return;
    auto& checksum = *reinterpret_cast<Be16*>(transport.data() + kField);
    checksum.set(wire::updated(checksum.host(), delta));
}

}  // namespace

void translate_quote(const FlowRecord& flow, std::span<std::uint8_t> quoted) {
    auto& ip = *reinterpret_cast<wire::Ipv4Header*>(quoted.data());
    const NatChange change{flow.key.reversed(), flow.rewrite.reversed()};
    ip.src = change.to.src;
    ip.dst = change.to.dst;
    wire::set_checksum(ip);
    const auto transport = quoted.subspan(sizeof ip);
    switch (ip.protocol) {
        case wire::kProtocolTcp: return translate_quoted_tcp(change, transport);
        case wire::kProtocolUdp:
            return change.apply(*reinterpret_cast<wire::UdpHeader*>(transport.data()));
        case wire::kProtocolIcmp:
            return change.apply(*reinterpret_cast<wire::IcmpHeader*>(transport.data()));
        default: return;
    }
}

}  // namespace sallyport::dp

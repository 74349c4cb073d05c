// SPDX-License-Identifier: Apache-2.0
#include "dataplane/icmp_quote.h"

#include <cstring>

#include "tcpstack/wire/checksum.h"

namespace sallyport::dp {
namespace {

bool is_plausible(const wire::Ipv4Header& ip) {
    if (ip.version_ihl != 0x45 || ip.total_length.host() < kQuoteMin) return false;
    if ((ip.flags_fragment.host() & wire::kIpv4OffsetMask) != 0) return false;
    wire::Sum16 sum;
    sum.add_bytes({reinterpret_cast<const std::uint8_t*>(&ip), sizeof ip});
    return sum.checksum() == 0;
}

std::optional<IcmpQuote> quoted_ports(const wire::Ipv4Header& ip, const std::uint8_t* transport,
                                      RecordProtocol protocol) {
    wire::UdpHeader head;  // TCP begins with the ports too, and goes on with its sequence number
    std::memcpy(&head, transport, sizeof head);
    const std::uint32_t seq = std::uint32_t{head.length.host()} << 16 | head.checksum.host();
    return IcmpQuote{{ip.src, ip.dst, head.src_port.host(), head.dst_port.host()}, protocol, SeqNum{seq},
                     ip.total_length.host()};
}

std::optional<IcmpQuote> quoted_echo(const wire::Ipv4Header& ip, const std::uint8_t* transport) {
    wire::IcmpHeader icmp;
    std::memcpy(&icmp, transport, sizeof icmp);
    const bool asks = icmp.type == wire::kIcmpEchoRequest;
    if (icmp.code != 0 || (!asks && icmp.type != wire::kIcmpEchoReply)) return std::nullopt;
    const std::uint16_t id = icmp.echo_id(), none = 0;
    return IcmpQuote{{ip.src, ip.dst, asks ? id : none, asks ? none : id}, RecordProtocol::Icmp, {},
                     ip.total_length.host()};
}

}  // namespace

bool is_passable_error(const wire::PacketView& packet) {
    if (packet.kind() != wire::PacketKind::Icmp || packet.is_v6()) return false;
    const std::uint8_t type = packet.icmp().type;
    return type == wire::kIcmpUnreachable || type == wire::kIcmpTimeExceeded ||
           type == wire::kIcmpParameterProblem;
}

std::optional<IcmpQuote> read_quote(const wire::PacketView& error) {
    const auto quoted = error.payload();
    if (!is_passable_error(error) || quoted.size() < kQuoteMin) return std::nullopt;
    wire::Ipv4Header ip;
    std::memcpy(&ip, quoted.data(), sizeof ip);
    if (!is_plausible(ip)) return std::nullopt;
    const std::uint8_t* transport = quoted.data() + sizeof ip;
    switch (ip.protocol) {
        case wire::kProtocolTcp: return quoted_ports(ip, transport, RecordProtocol::Tcp);
        case wire::kProtocolUdp: return quoted_ports(ip, transport, RecordProtocol::Udp);
        case wire::kProtocolIcmp: return quoted_echo(ip, transport);
        default: return std::nullopt;
    }
}

}  // namespace sallyport::dp

// SPDX-License-Identifier: Apache-2.0
#include "dataplane/icmp_quote.h"

#include <cstring>

#include "tcpstack/wire/checksum.h"

namespace sallyport::dp {
namespace {

using Octets = std::span<const std::uint8_t>;

// What the quoted IP header says.
struct Quoted {
    IpAddr src, dst;
    std::uint8_t protocol = 0;
    std::uint16_t length = 0;
    std::size_t transport = 0;
};

template <class Header>
Header header_at(Octets octets, std::size_t at) {
    Header header;
    std::memcpy(&header, octets.data() + at, sizeof header);
    return header;
}

std::optional<Quoted> quoted_v4(Octets octets) {
    const auto ip = header_at<wire::Ipv4Header>(octets, 0);
    if (ip.version_ihl != 0x45 || ip.total_length.host() < quote_min(false)) return std::nullopt;
    if ((ip.flags_fragment.host() & wire::kIpv4OffsetMask) != 0) return std::nullopt;
    wire::Sum16 sum;
    sum.add_bytes({reinterpret_cast<const std::uint8_t*>(&ip), sizeof ip});
    if (sum.checksum() != 0) return std::nullopt;
    return Quoted{ip.src, ip.dst, ip.protocol, ip.total_length.host(), sizeof ip};
}

std::optional<Quoted> quoted_v6(Octets octets) {
    const auto ip = header_at<wire::Ipv6Header>(octets, 0);
    if (ip.version() != 6 || IpAddr{ip.src}.is_v4() || IpAddr{ip.dst}.is_v4()) return std::nullopt;
    std::uint8_t protocol = ip.next_header;
    const std::size_t transport = quoted_transport6(octets);
    if (transport + 8 > octets.size()) return std::nullopt;
    if (protocol == wire::kNextHeaderFragment) {
        const auto fragment = header_at<wire::Ipv6FragmentHeader>(octets, sizeof ip);
        if ((fragment.offset_flags.host() & wire::kIpv6OffsetMask) != 0) return std::nullopt;
        protocol = fragment.next_header;
    }
    const std::size_t length = sizeof ip + ip.payload_length.host();
    if (length < transport + 8 || length > 0xffff) return std::nullopt;
    return Quoted{ip.src, ip.dst, protocol, static_cast<std::uint16_t>(length), transport};
}

IcmpQuote quoted_ports(const Quoted& quoted, Octets transport, RecordProtocol protocol) {
    // TCP begins with the ports too, and goes on with its sequence number.
    const auto head = header_at<wire::UdpHeader>(transport, 0);
    const std::uint32_t seq = std::uint32_t{head.length.host()} << 16 | head.checksum.host();
    return {{quoted.src, quoted.dst, Port{head.src_port.host()}, Port{head.dst_port.host()}},
            protocol, SeqNum{seq}, quoted.length};
}

std::optional<IcmpQuote> quoted_echo(const Quoted& quoted, Octets transport) {
    const bool v6 = !quoted.src.is_v4();
    const auto icmp = header_at<wire::IcmpHeader>(transport, 0);
    const bool asks = icmp.type == (v6 ? wire::kIcmpv6EchoRequest : wire::kIcmpEchoRequest);
    const bool answers = icmp.type == (v6 ? wire::kIcmpv6EchoReply : wire::kIcmpEchoReply);
    if (icmp.code != 0 || (!asks && !answers)) return std::nullopt;
    const Port id{icmp.echo_id()}, none{};
    return IcmpQuote{{quoted.src, quoted.dst, asks ? id : none, asks ? none : id},
                     RecordProtocol::Icmp, {}, quoted.length};
}

bool is_error_v4(std::uint8_t type) {
    return type == wire::kIcmpUnreachable || type == wire::kIcmpTimeExceeded ||
           type == wire::kIcmpParameterProblem;
}

bool is_error_v6(std::uint8_t type) {
    return type == wire::kIcmpv6Unreachable || type == wire::kIcmpv6PacketTooBig ||
           type == wire::kIcmpv6TimeExceeded || type == wire::kIcmpv6ParameterProblem;
}

}  // namespace

bool is_passable_error(const wire::PacketView& packet) {
    if (packet.kind() != wire::PacketKind::Icmp) return false;
    return packet.is_v6() ? is_error_v6(packet.icmp().type) : is_error_v4(packet.icmp().type);
}

std::size_t quoted_transport6(Octets quoted) {
    const auto ip = header_at<wire::Ipv6Header>(quoted, 0);
    return sizeof ip + (ip.next_header == wire::kNextHeaderFragment ? sizeof(wire::Ipv6FragmentHeader) : 0);
}

std::optional<IcmpQuote> read_quote(const wire::PacketView& error) {
    const Octets octets = error.payload();
    const bool v6 = error.is_v6();
    if (!is_passable_error(error) || octets.size() < quote_min(v6)) return std::nullopt;
    const auto quoted = v6 ? quoted_v6(octets) : quoted_v4(octets);
    if (!quoted) return std::nullopt;
    const Octets transport = octets.subspan(quoted->transport);
    if (quoted->protocol == wire::kProtocolTcp) return quoted_ports(*quoted, transport, RecordProtocol::Tcp);
    if (quoted->protocol == wire::kProtocolUdp) return quoted_ports(*quoted, transport, RecordProtocol::Udp);
    if (quoted->protocol == (v6 ? wire::kProtocolIcmpv6 : wire::kProtocolIcmp))
        return quoted_echo(*quoted, transport);
    return std::nullopt;
}

}  // namespace sallyport::dp

// SPDX-License-Identifier: Apache-2.0
#include "dataplane/icmp_echo.h"

#include <utility>

#include "dataplane/icmp_error.h"
#include "tcpstack/wire/checksum.h"

namespace sallyport::dp {

bool turn_into_echo_reply(Frame& frame, const wire::PacketView& packet) {
    if (packet.kind() != wire::PacketKind::Icmp) return false;
    wire::IcmpHeader& icmp = packet.icmp();
    if (icmp.type != wire::kIcmpEchoRequest || icmp.code != 0) return false;
    wire::Ipv4Header& ip = packet.ipv4();
    if (!is_single_host(ip.src)) return false;

    wire::Sum16 delta;  // type is the high octet of the first word; code stays 0
    delta.replace(wire::kIcmpEchoRequest << 8, wire::kIcmpEchoReply << 8);
    icmp.type = wire::kIcmpEchoReply;
    icmp.checksum.set(wire::updated(icmp.checksum.host(), delta));

    const auto length = static_cast<std::uint16_t>(packet.length() - packet.l4_offset());
    const std::uint8_t dscp = ip.dscp_ecn;  // RFC 1122 section 3.2.2.6: the request's TOS is kept
    wire::fill(ip, ip.dst, ip.src, wire::kProtocolIcmp, length);
    ip.dscp_ecn = dscp;
    wire::set_checksum(ip);

    std::swap(packet.ethernet().dst, packet.ethernet().src);
    frame.length = packet.length();
    return true;
}

}  // namespace sallyport::dp

// SPDX-License-Identifier: Apache-2.0
#include "dataplane/icmp_echo.h"

#include <utility>

#include "dataplane/icmp_error.h"
#include "tcpstack/wire/checksum.h"

namespace sallyport::dp {
namespace {

// RFC 1122 section 3.2.2.6, RFC 4443 section 4.2: back to the sender, with the request's TOS.
void turn_back(wire::Ipv4Header& ip, std::uint16_t length) {
    const std::uint8_t dscp = ip.dscp_ecn;
    wire::fill(ip, ip.dst, ip.src, wire::kProtocolIcmp, length);
    ip.dscp_ecn = dscp;
    wire::set_checksum(ip);
}

void turn_back(wire::Ipv6Header& ip) {
    std::swap(ip.src, ip.dst);
    ip.hop_limit = wire::kDefaultTtl;
}

}  // namespace


bool turn_into_echo_reply(Frame& frame, const wire::PacketView& packet) {
    const bool v6 = packet.is_v6();
    if (!packet.is_echo_request() || packet.icmp().code != 0) return false;
    if (v6 ? packet.ipv6().src == Ipv6Addr{} : !is_single_host(packet.ipv4().src)) return false;

    wire::IcmpHeader& icmp = packet.icmp();
    const std::uint8_t says = v6 ? wire::kIcmpv6EchoReply : wire::kIcmpEchoReply;
    wire::Sum16 delta;  // type is the high octet of the first word; code stays 0
    delta.replace(static_cast<std::uint16_t>(icmp.type << 8), static_cast<std::uint16_t>(says << 8));
    icmp.type = says;
    icmp.checksum.set(wire::updated(icmp.checksum.host(), delta));

    if (v6) turn_back(packet.ipv6());
    else turn_back(packet.ipv4(), static_cast<std::uint16_t>(packet.length() - packet.l4_offset()));
    std::swap(packet.ethernet().dst, packet.ethernet().src);
    frame.length = packet.length();
    return true;
}

}  // namespace sallyport::dp

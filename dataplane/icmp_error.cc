// SPDX-License-Identifier: Apache-2.0
#include "dataplane/icmp_error.h"

#include <algorithm>
#include <cstring>

#include "tcpstack/base/check.h"
#include "tcpstack/wire/checksum.h"

namespace sallyport::dp {
namespace {

constexpr std::size_t kErrorMax = 576;  // RFC 1812 section 4.3.2.3: of the whole IP packet
constexpr std::uint8_t kInternetControl = 6 << 5;  // precedence, RFC 1812 section 4.3.2.5
constexpr std::size_t kHeaders =
    sizeof(wire::EthernetHeader) + sizeof(wire::Ipv4Header) + sizeof(wire::IcmpHeader);
constexpr std::size_t kQuoteMax = kErrorMax - sizeof(wire::Ipv4Header) - sizeof(wire::IcmpHeader);

// Only echo is known not to be an error.
bool is_icmp_error(const wire::PacketView& packet) {
    if (packet.kind() != wire::PacketKind::Icmp) return false;
    const std::uint8_t type = packet.icmp().type;
    return type != wire::kIcmpEchoRequest && type != wire::kIcmpEchoReply;
}

}  // namespace

bool is_single_host(Ipv4Addr a) {
    const std::uint8_t first = a.octets[0];
    return first != 0 && first != 127 && first < 224;  // 224/4 multicast, 240/4 reserved
}

bool may_report(const wire::PacketView& packet) {
    if (packet.kind() == wire::PacketKind::Arp || packet.is_v6() || is_icmp_error(packet)) return false;
    const wire::EthernetHeader& ethernet = packet.ethernet();
    if (ethernet.dst.is_multicast() || ethernet.src.is_multicast()) return false;
    return is_single_host(packet.ipv4().src) && is_single_host(packet.ipv4().dst);
}

bool make_icmp_error(const wire::PacketView& cause, const IcmpErrorKind& kind, Ipv4Addr own,
                     Frame& out) {
    SP_ASSERT(out.length == 0);
    if (!may_report(cause) || out.capacity < kHeaders) return false;
    const std::size_t original = cause.length() - cause.l3_offset();
    const std::size_t quote = std::min({original, kQuoteMax, out.capacity - kHeaders});

    const wire::EthernetHeader ethernet{cause.ethernet().src, cause.ethernet().dst,
                                        Be16{wire::kEthertypeIpv4}};
    wire::Ipv4Header ip;
    wire::fill(ip, own, cause.ipv4().src, wire::kProtocolIcmp,
               static_cast<std::uint16_t>(sizeof(wire::IcmpHeader) + quote));
    ip.dscp_ecn = kInternetControl;
    wire::set_checksum(ip);
    wire::IcmpHeader icmp{kind.type, kind.code, Be16{0}, Be32{kind.rest}};
    wire::Sum16 sum;
    sum.add_bytes({reinterpret_cast<const std::uint8_t*>(&icmp), sizeof icmp});
    sum.add_bytes({reinterpret_cast<const std::uint8_t*>(&cause.ipv4()), quote});
    icmp.checksum.set(sum.checksum());

    std::uint8_t* at = out.data;
    std::memcpy(at, &ethernet, sizeof ethernet);
    std::memcpy(at += sizeof ethernet, &ip, sizeof ip);
    std::memcpy(at += sizeof ip, &icmp, sizeof icmp);
    std::memcpy(at += sizeof icmp, &cause.ipv4(), quote);
    out.length = static_cast<std::uint16_t>(kHeaders + quote);
    return true;
}

}  // namespace sallyport::dp

// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/wire/mld.h"

#include <cstring>

#include "tcpstack/base/check.h"
#include "tcpstack/wire/checksum.h"
#include "tcpstack/wire/icmp.h"
#include "tcpstack/wire/ipv6.h"
#include "tcpstack/wire/ndp.h"

namespace sallyport::wire {
namespace {

constexpr std::uint8_t kReport = 143, kModeIsExclude = 2;  // exclude nobody
constexpr Ipv6Addr kReportReceivers{{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x16}};

// Hop-by-hop options: the router alert of MLD (RFC 2711) and two octets of padding.
constexpr std::uint8_t kAlert[8] = {kProtocolIcmpv6, 0, 5, 2, 0, 0, 1, 0};

struct GroupRecord {
    std::uint8_t type, auxiliary_length;
    Be16 sources;
    Ipv6Addr group;
};
static_assert(sizeof(GroupRecord) == 20 && alignof(GroupRecord) == 1);

}  // namespace

std::size_t emit_listener_report(const MacAddr& mac, const Ipv6Addr& src,
                                 std::span<const Ipv6Addr> groups, std::uint8_t* out) {
    SP_ASSERT(groups.size() <= kReportGroupsMax);
    const auto length =
        static_cast<std::uint16_t>(sizeof(IcmpHeader) + groups.size() * sizeof(GroupRecord));
    const EthernetHeader ethernet{multicast_mac(kReportReceivers), mac, Be16{kEthertypeIpv6}};
    Ipv6Header ip;
    fill(ip, src, kReportReceivers, 0, static_cast<std::uint16_t>(sizeof kAlert + length));
    ip.hop_limit = 1;
    // Behind the checksum: two octets reserved, and the number of records.
    const IcmpHeader icmp{kReport, 0, Be16{0}, Be32{static_cast<std::uint32_t>(groups.size())}};
    std::uint8_t* at = out;
    const auto put = [&at](const auto& part) {
        std::memcpy(at, &part, sizeof part);
        at += sizeof part;
    };
    put(ethernet);
    put(ip);
    put(kAlert);
    std::uint8_t* const message = at;
    put(icmp);
    for (const Ipv6Addr& group : groups) put(GroupRecord{kModeIsExclude, 0, Be16{0}, group});
    Sum16 sum = pseudo_header(src, kReportReceivers, kProtocolIcmpv6, length);
    sum.add_bytes({message, length});
    reinterpret_cast<IcmpHeader*>(message)->checksum.set(sum.checksum());
    return static_cast<std::size_t>(at - out);
}

}  // namespace sallyport::wire

// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/wire/mld.h"

#include <array>
#include <chrono>
#include <cstring>

#include "tcpstack/base/check.h"
#include "tcpstack/wire/checksum.h"
#include "tcpstack/wire/icmp.h"
#include "tcpstack/wire/ipv6.h"
#include "tcpstack/wire/ndp.h"

namespace sallyport::wire {
namespace {

constexpr std::uint8_t kModeIsExclude = 2;  // exclude nobody
constexpr Ipv6Addr kReportReceivers{{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x16}};

// Hop-by-hop options: the router alert of MLD (RFC 2711) and two octets of padding.
constexpr std::uint8_t kAlert[8] = {kProtocolIcmpv6, 0, 5, 2, 0, 0, 1, 0};

struct GroupRecord {
    std::uint8_t type, auxiliary_length;
    Be16 sources;
    Ipv6Addr group;
};
static_assert(sizeof(GroupRecord) == 20 && alignof(GroupRecord) == 1);

// RFC 3810 section 5.1.3: milliseconds; in the second version floating-point from 32768 on.
Duration response_time(std::uint32_t code, bool version_1) {
    if (version_1 || code < 0x8000) return std::chrono::milliseconds(code);
    const std::uint32_t exponent = (code >> 12) & 7, mantissa = code & 0xfff;
    return std::chrono::milliseconds((mantissa | 0x1000) << (exponent + 3));
}

// `message` is an ICMP message whose checksum is zero.
std::size_t emit(const MacAddr& mac, const Ipv6Addr& src, const Ipv6Addr& dst,
                 std::span<const std::uint8_t> message, std::uint8_t* out) {
    const auto length = static_cast<std::uint16_t>(message.size());
    const EthernetHeader ethernet{multicast_mac(dst), mac, Be16{kEthertypeIpv6}};
    Ipv6Header ip;
    fill(ip, src, dst, 0, static_cast<std::uint16_t>(sizeof kAlert + length));
    ip.hop_limit = 1;
    std::uint8_t* at = out;
    const auto put = [&at](const void* part, std::size_t size) {
        std::memcpy(at, part, size);
        at += size;
    };
    put(&ethernet, sizeof ethernet);
    put(&ip, sizeof ip);
    put(kAlert, sizeof kAlert);
    auto& icmp = *reinterpret_cast<IcmpHeader*>(at);
    put(message.data(), message.size());
    Sum16 sum = pseudo_header(src, dst, kProtocolIcmpv6, length);
    sum.add_bytes(message);
    icmp.checksum.set(sum.checksum());
    return static_cast<std::size_t>(at - out);
}

}  // namespace

std::optional<ListenerQuery> read_listener_query(const PacketView& packet) {
    // Behind the ICMP header: the group; in the second version what concerns queriers, and sources.
    constexpr std::size_t kVersion1 = sizeof(Ipv6Addr), kVersion2 = sizeof(Ipv6Addr) + 4;
    const auto body = packet.payload();
    const bool version_1 = body.size() == kVersion1;
    if (packet.icmp().type != kIcmpv6ListenerQuery || (!version_1 && body.size() < kVersion2))
        return std::nullopt;
    ListenerQuery query{.version_1 = version_1, .group = {}};
    std::memcpy(&query.group, body.data(), sizeof query.group);
    query.within = response_time(packet.icmp().rest.host() >> 16, version_1);
    return query;
}

std::size_t emit_listener_report(const MacAddr& mac, const Ipv6Addr& src,
                                 std::span<const Ipv6Addr> groups, std::uint8_t* out) {
    SP_ASSERT(groups.size() <= kReportGroupsMax);
    std::array<std::uint8_t, sizeof(IcmpHeader) + kReportGroupsMax * sizeof(GroupRecord)> message;
    // Behind the checksum: two octets reserved, and the number of records.
    const auto count = static_cast<std::uint32_t>(groups.size());
    const IcmpHeader icmp{kIcmpv6ListenerReport2, 0, Be16{0}, Be32{count}};
    std::memcpy(message.data(), &icmp, sizeof icmp);
    std::size_t length = sizeof icmp;
    for (const Ipv6Addr& group : groups) {
        const GroupRecord record{kModeIsExclude, 0, Be16{0}, group};
        std::memcpy(message.data() + length, &record, sizeof record);
        length += sizeof record;
    }
    return emit(mac, src, kReportReceivers, std::span(message).first(length), out);
}

std::size_t emit_listener_report_1(const MacAddr& mac, const Ipv6Addr& src, const Ipv6Addr& group,
                                   std::uint8_t* out) {
    std::array<std::uint8_t, sizeof(IcmpHeader) + sizeof group> message;
    const IcmpHeader icmp{kIcmpv6ListenerReport, 0, Be16{0}, Be32{0}};
    std::memcpy(message.data(), &icmp, sizeof icmp);
    std::memcpy(message.data() + sizeof icmp, &group, sizeof group);
    return emit(mac, src, group, message, out);
}

}  // namespace sallyport::wire

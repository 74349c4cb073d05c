// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/wire/ndp.h"

#include <algorithm>
#include <cstring>

namespace sallyport::wire {
namespace {

constexpr Ipv6Addr kUnspecified{};
constexpr std::uint8_t kHopLimit = 255;  // section 7.1: no router has forwarded it
constexpr std::uint32_t kRouter = 0x8000'0000, kSolicited = 0x4000'0000, kOverride = 0x2000'0000;

// Section 4.6.1; the length counts eight octets.
struct LinkAddressOption {
    std::uint8_t type, length;
    MacAddr address;
};
static_assert(sizeof(LinkAddressOption) == 8 && alignof(LinkAddressOption) == 1);
constexpr std::uint8_t kSourceLinkAddress = 1, kTargetLinkAddress = 2;

std::uint8_t option_of(std::uint8_t message) {
    return message == kIcmpv6NeighborSolicitation ? kSourceLinkAddress : kTargetLinkAddress;
}

bool is_multicast(const Ipv6Addr& a) { return a.octets[0] == 0xff; }

// Sets the first link-layer address of this kind. False: an option has no length or passes the end.
bool read_options(std::span<const std::uint8_t> options, NeighborMessage& message) {
    while (!options.empty()) {
        if (options.size() < 8 || options[1] == 0) return false;
        const std::size_t length = options[1] * std::size_t{8};
        if (length > options.size()) return false;
        const bool wanted = options[0] == option_of(message.type) && length == sizeof(LinkAddressOption);
        if (wanted && !message.link_address)
            message.link_address = reinterpret_cast<const LinkAddressOption*>(options.data())->address;
        options = options.subspan(length);
    }
    return true;
}

// Section 7.1.1: who has no address yet asks everybody whether the one it wants is free.
bool is_valid_solicitation(const PacketView& p, const NeighborMessage& m) {
    if (p.ipv6().src != kUnspecified) return true;
    return p.ipv6().dst == solicited_node(m.target) && !m.link_address;
}

// Section 7.1.2: what was told to everybody was solicited by nobody.
bool is_valid_advertisement(const PacketView& p, const NeighborMessage& m) {
    return p.ipv6().src != kUnspecified && !(is_multicast(p.ipv6().dst) && m.solicited);
}

}  // namespace

Ipv6Addr solicited_node(const Ipv6Addr& address) {
    const auto& a = address.octets;
    return {{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, a[13], a[14], a[15]}};
}

MacAddr multicast_mac(const Ipv6Addr& group) {
    const auto& g = group.octets;
    return {{0x33, 0x33, g[12], g[13], g[14], g[15]}};
}

Ipv6Addr link_local(const MacAddr& mac) {
    const auto& m = mac.octets;
    return {{0xfe, 0x80, 0, 0, 0, 0, 0, 0, static_cast<std::uint8_t>(m[0] ^ 2), m[1], m[2], 0xff,
             0xfe, m[3], m[4], m[5]}};
}

bool is_link_local(const Ipv6Addr& address) {
    return address.octets[0] == 0xfe && (address.octets[1] & 0xc0) == 0x80;
}

std::optional<NeighborMessage> read_neighbor_message(const PacketView& packet) {
    const IcmpHeader& icmp = packet.icmp();
    const bool solicitation = icmp.type == kIcmpv6NeighborSolicitation;
    if (!solicitation && icmp.type != kIcmpv6NeighborAdvertisement) return std::nullopt;
    const auto body = packet.payload();
    if (body.size() < sizeof(Ipv6Addr)) return std::nullopt;

    NeighborMessage m{.type = icmp.type, .target = {}};
    std::memcpy(&m.target, body.data(), sizeof m.target);
    // A mapped address would read as an IPv4 one.
    if (is_multicast(m.target) || IpAddr{m.target}.is_v4()) return std::nullopt;
    if (!read_options(body.subspan(sizeof m.target), m)) return std::nullopt;
    if (solicitation)
        return is_valid_solicitation(packet, m) ? std::optional(m) : std::nullopt;
    const std::uint32_t flags = icmp.rest.host();
    m.router = (flags & kRouter) != 0;
    m.solicited = (flags & kSolicited) != 0;
    m.overrides = (flags & kOverride) != 0;
    return is_valid_advertisement(packet, m) ? std::optional(m) : std::nullopt;
}

std::size_t emit_neighbor_message(const NeighborFields& fields, std::uint8_t* out) {
    const NeighborMessage& m = fields.message;
    const std::size_t option_length = m.link_address ? sizeof(LinkAddressOption) : 0;
    const auto length =
        static_cast<std::uint16_t>(sizeof(IcmpHeader) + sizeof m.target + option_length);
    const EthernetHeader ethernet{fields.ethernet_dst, fields.ethernet_src, Be16{kEthertypeIpv6}};
    Ipv6Header ip;
    fill(ip, fields.src, fields.dst, kProtocolIcmpv6, length);
    ip.hop_limit = kHopLimit;
    const std::uint32_t flags = (m.router ? kRouter : 0) | (m.solicited ? kSolicited : 0) |
                                (m.overrides ? kOverride : 0);
    const IcmpHeader icmp{m.type, 0, Be16{0}, Be32{flags}};
    std::memcpy(out, &ethernet, sizeof ethernet);
    std::memcpy(out + sizeof ethernet, &ip, sizeof ip);
    std::uint8_t* const message = out + sizeof ethernet + sizeof ip;
    std::memcpy(message, &icmp, sizeof icmp);
    std::memcpy(message + sizeof icmp, &m.target, sizeof m.target);
    if (m.link_address) {
        const LinkAddressOption option{option_of(m.type), 1, *m.link_address};
        std::memcpy(message + sizeof icmp + sizeof m.target, &option, sizeof option);
    }
    Sum16 sum = pseudo_header(fields.src, fields.dst, kProtocolIcmpv6, length);
    sum.add_bytes({message, length});
    reinterpret_cast<IcmpHeader*>(message)->checksum.set(sum.checksum());
    return sizeof ethernet + sizeof ip + length;
}

}  // namespace sallyport::wire

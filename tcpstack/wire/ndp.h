// SPDX-License-Identifier: Apache-2.0
// Neighbor discovery (RFC 4861) over Ethernet (RFC 2464): solicitations and advertisements of
// neighbors, and the addresses that they go to (RFC 4291).
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>

#include "tcpstack/wire/packet_view.h"

namespace sallyport::wire {

inline constexpr Ipv6Addr kAllNodes{{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};

// The group that every owner of the address hears (RFC 4291 section 2.7.1).
Ipv6Addr solicited_node(const Ipv6Addr& address);
// Where frames for a multicast group go (RFC 2464 section 7).
MacAddr multicast_mac(const Ipv6Addr& group);
// fe80:: with the modified EUI-64 of the MAC address (RFC 4291 appendix A).
Ipv6Addr link_local(const MacAddr& mac);
// fe80::/10.
bool is_link_local(const Ipv6Addr& address);

struct NeighborMessage {
    std::uint8_t type = kIcmpv6NeighborSolicitation;  // or kIcmpv6NeighborAdvertisement
    Ipv6Addr target;
    // Of the source in a solicitation, of the target in an advertisement.
    std::optional<MacAddr> link_address{};
    bool router = false, solicited = false, overrides = false;  // of an advertisement
};

// A packet of kind NeighborDiscovery, of which parse() has seen to hop limit, code and checksum.
// nullopt: it is another message, or not valid by RFC 4861 section 7.1.1 or 7.1.2.
std::optional<NeighborMessage> read_neighbor_message(const PacketView& packet);

// A whole frame in `out`, of kNeighborFrameMax octets at most; returns its length.
inline constexpr std::size_t kNeighborFrameMax = 86;
struct NeighborFields {
    MacAddr ethernet_src, ethernet_dst;
    Ipv6Addr src, dst;
    NeighborMessage message;
};
std::size_t emit_neighbor_message(const NeighborFields& fields, std::uint8_t* out);

}  // namespace sallyport::wire

// SPDX-License-Identifier: Apache-2.0
// Neighbor discovery: what Neighbors hears of others and says of the gate (RFC 4861 section 7).
#include <algorithm>

#include "dataplane/neighbors.h"
#include "tcpstack/base/check.h"

namespace sallyport::dp {
namespace {

constexpr Ipv6Addr kUnspecified{};

bool is_solicitation(const wire::NeighborMessage& message) {
    return message.type == wire::kIcmpv6NeighborSolicitation;
}

Reason reason_to_drop(const wire::PacketView& packet) {
    const std::uint8_t type = packet.icmp().type;
    const bool of_neighbors = type == wire::kIcmpv6NeighborSolicitation ||
                              type == wire::kIcmpv6NeighborAdvertisement;
    return of_neighbors ? Reason::NeighborDiscoveryMalformed : Reason::NeighborDiscoveryIgnored;
}

}  // namespace

void Neighbors::on_discovery(const Frame& frame, const wire::PacketView& packet,
                             const PortNetworks& networks, Instant now, Outbox& outbox) {
    if (const auto query = wire::read_listener_query(packet); query && hear_query(frame.port, *query, now))
        return outbox.free(frame);
    const auto message = wire::read_neighbor_message(packet);
    if (!message) return outbox.drop(frame, reason_to_drop(packet));
    const Told told = hear(frame.port, packet, *message, networks, now, outbox);
    if (told == Told::Conflict) return outbox.drop(frame, Reason::DuplicateAddress);
    if (is_answered(frame, packet, *message, networks))
        return answer(frame, packet, message->target, networks, outbox);
    if (told == Told::Something) return outbox.free(frame);
    outbox.drop(frame, Reason::NeighborDiscoveryIgnored);
}

// None: no own address. One for which there was no room among the claims is held.
Claim Neighbors::claim_of(PortIndex port, const Ipv6Addr& address,
                          const PortNetworks& networks) const {
    const Claim claim = claims_.of(port, address);
    if (claim != Claim::None) return claim;
    const auto& own = networks.addresses;
    return std::find(own.begin(), own.end(), IpAddr{address}) != own.end() ? Claim::Held
                                                                            : Claim::None;
}

// Whether it is a question for an own address that the gate may call its own, and by somebody else.
bool Neighbors::is_answered(const Frame& frame, const wire::PacketView& packet,
                            const wire::NeighborMessage& message,
                            const PortNetworks& networks) const {
    const wire::MacAddr& asker = packet.ethernet().src;
    if (!is_solicitation(message) || asker.is_multicast() || asker == macs_[frame.port]) return false;
    const Claim claim = claim_of(frame.port, message.target, networks);
    return claim == Claim::Held || claim == Claim::Tentative;
}

// In the frame of the solicitation (section 7.2.4). Who has no address yet is told with everybody.
void Neighbors::answer(Frame frame, const wire::PacketView& packet, const Ipv6Addr& target,
                       const PortNetworks& networks, Outbox& outbox) const {
    SP_ASSERT(frame.capacity >= wire::kNeighborFrameMax);
    const wire::MacAddr asker = packet.ethernet().src, own = macs_[frame.port];
    const Ipv6Addr src = packet.ipv6().src;
    const bool nameless = src == kUnspecified;
    const wire::NeighborMessage message{
        .type = wire::kIcmpv6NeighborAdvertisement,
        .target = target,
        .link_address = own,
        .router = frame.port == kInsidePort,  // for its clients
        .solicited = !nameless,
        .overrides = claim_of(frame.port, target, networks) == Claim::Held};
    frame.length = static_cast<std::uint16_t>(wire::emit_neighbor_message(
        {own, nameless ? wire::multicast_mac(wire::kAllNodes) : asker, target,
         nameless ? wire::kAllNodes : src, message},
        frame.data));
    outbox.send(frame, frame.port);
}

Neighbors::Told Neighbors::hear(PortIndex port, const wire::PacketView& packet,
                                const wire::NeighborMessage& message, const PortNetworks& networks,
                                Instant now, Outbox& outbox) {
    const Ipv6Addr src = packet.ipv6().src;
    const bool asks = is_solicitation(message);
    if (packet.ethernet().src == macs_[port]) return Told::Nothing;  // our own, come back
    const bool wants = asks && src == kUnspecified;  // the target, for itself (RFC 4862 section 5.4.3)
    const Ipv6Addr subject = asks && !wants ? src : message.target;
    if (const Claim claim = claim_of(port, subject, networks); claim != Claim::None) {
        const bool lost = claims_.lose(port, subject, now);
        if (wants && !lost) return Told::Nothing;  // it will hear that the gate has it
        note_conflict(port, subject, message.link_address.value_or(packet.ethernet().src), now, outbox);
        return claim == Claim::Lost ? Told::Something : Told::Conflict;  // the gate has given it up
    }
    if (wants) return Told::Nothing;
    const NeighborIndex i = find(port, subject);
    const auto& mac = message.link_address;
    if (i == kNoNeighbor || (mac && (mac->is_multicast() || *mac == macs_[port] || *mac == wire::MacAddr{})))
        return Told::Nothing;
    if (!asks) hear_advertisement(entries_[i], message, now, outbox);
    else if (mac) hear_solicitation(entries_[i], *mac, now, outbox);
    return Told::Something;
}

// Section 7.2.5. Whether it is a router does not matter here: next hops are configured.
void Neighbors::hear_advertisement(Entry& e, const wire::NeighborMessage& message, Instant now,
                                   Outbox& outbox) {
    if (!has_mac(e.state)) {
        if (message.link_address)
            found(e, *message.link_address, message.solicited, now, outbox);
        return;
    }
    const bool same = !message.link_address || *message.link_address == e.mac;
    if (!same && !message.overrides) {
        if (e.state == State::Reachable) start(e, State::Probing, now, outbox);
        return;
    }
    if (same && !message.solicited) return;
    found(e, same ? e.mac : *message.link_address, message.solicited, now, outbox);
}

// Section 7.2.3: who asks says where it is; whether it hears us is not known by that.
void Neighbors::hear_solicitation(Entry& e, const wire::MacAddr& mac, Instant now, Outbox& outbox) {
    if (e.state == State::Unasked || (has_mac(e.state) && e.mac == mac)) return;
    found(e, mac, false, now, outbox);
}

// A probe goes to the neighbour itself, a question to its solicited-node group (section 7.2.2). An
// address that is not held yet is not put into anybody's cache (RFC 4429 section 3.2).
std::size_t Neighbors::emit_solicitation(const Entry& e, std::uint8_t* out) const {
    const Ipv6Addr target = e.ip.v6(), src = sender_for(e).v6(), group = wire::solicited_node(target);
    const bool probe = e.state == State::Probing;
    wire::NeighborMessage message{.type = wire::kIcmpv6NeighborSolicitation, .target = target};
    if (claims_.of(e.port, src) != Claim::Tentative) message.link_address = macs_[e.port];
    return wire::emit_neighbor_message({macs_[e.port], probe ? e.mac : wire::multicast_mac(group), src,
                                        probe ? target : group, message},
                                       out);
}

void Neighbors::tend_claims(Instant now, Outbox& outbox) {
    for (PortIndex port = 0; port < kPortsMax; ++port) {
        if (speaks_) report_groups(port, now, outbox);
        bool held = false;
        claims_.due(port, now, [&](const Ipv6Addr& address, Claim claim) {
            if (speaks_ && !speak(port, address, claim, outbox)) return false;
            if (claim == Claim::Held) {
                conflicts_.forget(port, address);
                held = true;
            }
            return true;
        });
        if (held) ask_anew(port, now);
    }
    if (speaks_) counters_.addresses_duplicate.set(claims_.lost());
}

// Few stations answer a question without the asker's link-layer address, as one in the name of a tentative
// address is: whoever was asked for with it is asked for at once when addresses are held.
void Neighbors::ask_anew(PortIndex port, Instant now) {
    for (std::size_t i = 0; i < used_; ++i) {
        Entry& e = entries_[i];
        if (e.port == port && e.state == State::Asking && !e.ip.is_v4()) {
            e.tries = 0;
            e.due = now;
        }
    }
}

// Tentative: asks whether anybody has the address, as from nobody. Held: tells that the gate has it
// (section 7.2.6).
bool Neighbors::speak(PortIndex port, const Ipv6Addr& address, Claim claim, Outbox& outbox) {
    Frame frame;
    if (!outbox.take_empty(frame)) return false;
    SP_ASSERT(frame.capacity >= wire::kNeighborFrameMax);
    const bool asks = claim == Claim::Tentative;
    const Ipv6Addr to = asks ? wire::solicited_node(address) : wire::kAllNodes;
    wire::NeighborMessage message{.type = wire::kIcmpv6NeighborSolicitation, .target = address};
    if (asks) {
        counters_.neighbor_solicitations_sent.add(1);
    } else {
        message = {.type = wire::kIcmpv6NeighborAdvertisement, .target = address,
                   .link_address = macs_[port], .router = port == kInsidePort, .overrides = true};
    }
    frame.length = static_cast<std::uint16_t>(wire::emit_neighbor_message(
        {macs_[port], wire::multicast_mac(to), asks ? kUnspecified : address, to, message},
        frame.data));
    outbox.send(frame, port);
    return true;
}

}  // namespace sallyport::dp

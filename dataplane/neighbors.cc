// SPDX-License-Identifier: Apache-2.0
#include "dataplane/neighbors.h"

#include <algorithm>

#include "tcpstack/base/check.h"
#include "tcpstack/wire/arp.h"

namespace sallyport::dp {
namespace {

using namespace std::chrono_literals;

constexpr Duration kReachableTime4 = 60s, kReachableTime6 = 30s;  // RFC 4861 section 10
// RFC 1122 section 2.3.2.1: at most one request a second; RFC 4861 section 10: RETRANS_TIMER.
constexpr Duration kAskInterval = 1s;
constexpr unsigned kTriesMax = 3;
constexpr Duration kFailedTime = 3s;
constexpr std::size_t kSweepStep = 64;  // entries a call

bool is_own(const PortNetworks& networks, const IpAddr& a) {
    return std::find(networks.addresses.begin(), networks.addresses.end(), a) !=
           networks.addresses.end();
}

bool is_station(const wire::MacAddr& mac) {
    return !mac.is_multicast() && mac != wire::MacAddr{};
}

}  // namespace

void Neighbors::use_networks(PortIndex port, const PortNetworks& networks) {
    claims_.use(port, networks);
    defence_.forget(port);
    auto& senders = senders_[port];
    senders.clear();
    for (const IpAddr& address : networks.addresses) {
        const unsigned host = address.is_v4() ? 32 : 128;
        Sender sender{address, IpPrefix(address, host)};
        for (const IpPrefix& network : networks.on_link)
            if (network.contains(address) &&
                (sender.network.length() == host || network.length() > sender.network.length()))
                sender.network = network;
        if (!senders.push_back(sender)) return;
    }
}

void Neighbors::send(const Frame& frame, NeighborIndex index, Instant now, Outbox& outbox) {
    Entry& e = entries_[index];
    if (!has_mac(e.state)) return send_unresolved(frame, e, now, outbox);
    e.used = true;
    forward(frame, e, outbox);
}

void Neighbors::send_unresolved(const Frame& frame, Entry& e, Instant now, Outbox& outbox) {
    if (e.state == State::Failed) return outbox.drop(frame, Reason::UpstreamUnreachable);
    park(frame, e, outbox);
    if (e.state == State::Unasked) start(e, State::Asking, now, outbox);
}

void Neighbors::on_arp(const Frame& frame, const wire::PacketView& packet,
                       const PortNetworks& networks, Instant now, Outbox& outbox) {
    const wire::ArpPacket arp = packet.arp();
    const wire::MacAddr asker = packet.ethernet().src;
    if (hear_conflict(frame.port, arp, networks, now, outbox))
        return outbox.drop(frame, Reason::DuplicateAddress);
    const bool learned = learn(frame.port, arp, now, outbox);

    // An own address as the sender is our own frame come back.
    const bool for_us = arp.operation.host() == wire::kArpRequest &&
                        is_own(networks, arp.target_ip) && !is_own(networks, arp.sender_ip) &&
                        is_station(asker);
    if (!for_us) return learned ? outbox.free(frame) : outbox.drop(frame, Reason::ArpIgnored);

    const wire::MacAddr& own = macs_[frame.port];
    wire::emit_arp({wire::kArpReply, own, arp.target_ip, arp.sender_mac, arp.sender_ip, asker},
                   frame.data);
    Frame reply = frame;
    reply.length = wire::kArpFrameLength;
    outbox.send(reply, frame.port);
}

void Neighbors::learn_only(const Frame& frame, const wire::PacketView& packet,
                           const PortNetworks& networks, Instant now, Outbox& outbox) {
    if (packet.kind() == wire::PacketKind::Arp) {
        const wire::ArpPacket arp = packet.arp();
        if (!hear_conflict(frame.port, arp, networks, now, outbox)) learn(frame.port, arp, now, outbox);
    } else if (const auto query = wire::read_listener_query(packet)) {
        hear_query(frame.port, *query, now);
    } else if (const auto message = wire::read_neighbor_message(packet)) {
        hear(frame.port, packet, *message, networks, now, outbox);
    }
    outbox.free(frame);
}

// RFC 5227 section 2.4: another station sends as from an own address. The gate keeps it: it would take one
// packet to silence it.
bool Neighbors::hear_conflict(PortIndex port, const wire::ArpPacket& arp, const PortNetworks& networks,
                              Instant now, Outbox& outbox) {
    if (!is_station(arp.sender_mac) || arp.sender_mac == macs_[port]) return false;
    if (!is_own(networks, arp.sender_ip)) return false;
    note_conflict(port, arp.sender_ip, arp.sender_mac, now, outbox);
    return true;
}

void Neighbors::note_conflict(PortIndex port, const IpAddr& address, const wire::MacAddr& mac, Instant now,
                              Outbox& outbox) {
    const bool lost = !address.is_v4() && claims_.of(port, address.v6()) == Claim::Lost;
    conflicts_.note({.port = port, .address = address, .mac = mac, .given_up = lost, .heard = now});
    if (lost || !speaks_) return;
    defence_.want(port, address, now);
    defend(now, outbox);
}

// An IPv6 address that is being claimed anew is told of when it is held, and then everybody hears of it.
void Neighbors::defend(Instant now, Outbox& outbox) {
    defence_.due(now, [&](PortIndex port, const IpAddr& address) {
        if (address.is_v4()) return speak(port, address.v4(), outbox);
        const Claim claim = claims_.of(port, address.v6());
        if (claim == Claim::Tentative || claim == Claim::Lost) return true;
        return speak(port, address.v6(), Claim::Held, outbox);
    });
}

void Neighbors::announce(PortIndex port, const PortNetworks& networks, Instant now,
                         Outbox& outbox) {
    claims_.begin(port, now);
    next_sweep_ = now;
    listening_[port] = {.next_report = now,
                        .reported = 0,
                        .version_1_until = listening_[port].version_1_until};
    if (!speaks_) return;
    for (const IpAddr& own : networks.addresses)
        if (own.is_v4() && !speak(port, own.v4(), outbox)) return;
}

// Tells everybody that the gate has it: an ARP announcement (RFC 5227 section 2.3).
bool Neighbors::speak(PortIndex port, const Ipv4Addr& address, Outbox& outbox) {
    Frame frame;
    if (!outbox.take_empty(frame)) return false;
    wire::emit_arp({wire::kArpRequest, macs_[port], address, {}, address, wire::kBroadcast}, frame.data);
    frame.length = wire::kArpFrameLength;
    outbox.send(frame, port);
    return true;
}

void Neighbors::advance(Instant now, Outbox& outbox) {
    if (now < next_sweep_) return;
    if (sweep_at_ == 0) {
        tend_claims(now, outbox);
        defend(now, outbox);
    }
    for (std::size_t n = 0; n < kSweepStep && sweep_at_ < used_; ++n)
        tend(entries_[sweep_at_++], now, outbox);
    if (sweep_at_ < used_) return;
    sweep_at_ = 0;
    next_sweep_ = now + kSweepInterval;
}

// What is due for one entry.
void Neighbors::tend(Entry& e, Instant now, Outbox& outbox) {
    if (now < e.due) return;
    switch (e.state) {
        case State::Unasked: e.due = kNever; return;
        case State::Reachable:
            if (e.used) start(e, State::Probing, now, outbox);
            return;
        case State::Probing:
            if (e.tries < kTriesMax) return ask(e, now, outbox);
            return start(e, State::Asking, now, outbox);
        case State::Asking:
            if (e.tries < kTriesMax) return ask(e, now, outbox);
            e.state = State::Failed;
            e.due = now + kFailedTime;
            return drop_waiting(e, Reason::UpstreamUnreachable, outbox);
        case State::Failed: e.state = State::Unasked; return;
    }
}

void Neighbors::start(Entry& e, State state, Instant now, Outbox& outbox) {
    SP_ASSERT(state == State::Asking || state == State::Probing);
    e.state = state;
    e.tries = 0;
    ask(e, now, outbox);
}

void Neighbors::ask(Entry& e, Instant now, Outbox& outbox) {
    e.due = now + kAskInterval;
    Frame frame;
    if (!outbox.take_empty(frame)) return;
    SP_ASSERT(frame.capacity >= wire::kNeighborFrameMax);
    ++e.tries;
    const bool v4 = e.ip.is_v4();
    frame.length = static_cast<std::uint16_t>(v4 ? emit_request(e, frame.data)
                                                 : emit_solicitation(e, frame.data));
    outbox.send(frame, e.port);
    (v4 ? counters_.arp_requests_sent : counters_.neighbor_solicitations_sent).add(1);
}

// A probe goes to the MAC that is known (RFC 1122 section 2.3.2.1), a request to everybody.
std::size_t Neighbors::emit_request(const Entry& e, std::uint8_t* out) const {
    const wire::MacAddr to = e.state == State::Probing ? e.mac : wire::kBroadcast;
    wire::emit_arp({wire::kArpRequest, macs_[e.port], sender_for(e).v4(), {}, e.ip.v4(), to}, out);
    return wire::kArpFrameLength;
}

IpAddr Neighbors::sender_for(const Entry& e) const {
    const auto& senders = senders_[e.port];
    const auto is_lost = [&](const Sender& s) {
        return !s.address.is_v4() && claims_.of(e.port, s.address.v6()) == Claim::Lost;
    };
    for (const Sender& s : senders)
        if (s.network.contains(e.ip) && !is_lost(s)) return s.address;
    if (!e.ip.is_v4()) return claims_.link_local(e.port);
    for (const Sender& s : senders)
        if (s.address.is_v4()) return s.address;
    return Ipv4Addr{};
}

bool Neighbors::learn(PortIndex port, const wire::ArpPacket& arp, Instant now, Outbox& outbox) {
    const std::uint16_t operation = arp.operation.host();
    if (operation != wire::kArpRequest && operation != wire::kArpReply) return false;
    if (!is_station(arp.sender_mac) || arp.sender_mac == macs_[port]) return false;
    const NeighborIndex i = find(port, arp.sender_ip);
    if (i == kNoNeighbor) return false;

    found(entries_[i], arp.sender_mac, true, now, outbox);
    return true;
}

void Neighbors::found(Entry& e, const wire::MacAddr& mac, bool confirmed, Instant now,
                      Outbox& outbox) {
    e.mac = mac;
    if (confirmed) {
        e.state = State::Reachable;
        e.due = now + (e.ip.is_v4() ? kReachableTime4 : kReachableTime6);
    } else {
        start(e, State::Probing, now, outbox);
    }
    e.used = e.waiting.length != 0;
    while (const auto frame = parking_.pop(e.waiting)) forward(*frame, e, outbox);
    show_parked();
}

void Neighbors::forward(const Frame& frame, const Entry& e, Outbox& outbox) const {
    SP_ASSERT(frame.length >= sizeof(wire::EthernetHeader));
    auto& ethernet = *reinterpret_cast<wire::EthernetHeader*>(frame.data);
    ethernet.dst = e.mac;
    ethernet.src = macs_[e.port];
    outbox.send(frame, e.port);
}

void Neighbors::park(const Frame& frame, Entry& e, Outbox& outbox) {
    if (!parking_.has_room(e.waiting)) {
        const auto oldest = parking_.pop(e.waiting);
        if (!oldest) return outbox.drop(frame, Reason::ArpParked);
        outbox.drop(*oldest, Reason::ArpParked);
    }
    parking_.push(e.waiting, frame);
    show_parked();
}

void Neighbors::drop_waiting(Entry& e, Reason reason, Outbox& outbox) {
    while (const auto frame = parking_.pop(e.waiting)) outbox.drop(*frame, reason);
    show_parked();
}

}  // namespace sallyport::dp

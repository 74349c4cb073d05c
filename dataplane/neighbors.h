// SPDX-License-Identifier: Apache-2.0
// The stations at the gate's own links: which MAC address a next hop has, asked and answered by ARP
// (RFC 826) and by neighbor discovery (RFC 4861). One cache per worker; nothing is shared.
//
//   Unasked --send--> Asking --reply--> Reachable --a while, in use--> Probing --reply--> Reachable
//      ^                 |  <---------- 3 probes unanswered ---------- '
//      '----- 3 s ---- Failed (3 requests unanswered: what waits is dropped)
//
// In Reachable and Probing the MAC is known and used; IPv6 neighbours that say unasked where they are
// go to Probing. Only entries that somebody wanted are updated, so nobody can fill the cache from the
// wire. Router advertisements and redirects are ignored: where packets go is configured.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "dataplane/address_claims.h"
#include "dataplane/address_conflicts.h"
#include "dataplane/address_defence.h"
#include "dataplane/counters.h"
#include "dataplane/frame.h"
#include "dataplane/outbox.h"
#include "dataplane/parking_lot.h"
#include "dataplane/policy/generation.h"
#include "tcpstack/base/fixed_vector.h"
#include "tcpstack/base/ip_addr.h"
#include "tcpstack/base/siphash.h"
#include "tcpstack/base/time.h"
#include "tcpstack/wire/ethernet.h"
#include "tcpstack/wire/mld.h"
#include "tcpstack/wire/ndp.h"
#include "tcpstack/wire/packet_view.h"

namespace sallyport::dp {

using NeighborIndex = std::uint16_t;
inline constexpr NeighborIndex kNoNeighbor = 0xffff;

class Neighbors {
   public:
    static constexpr std::size_t kCapacityMax = 4096;

    // All memory is taken here. `macs` are the gate's own; `counters` outlives this object; `key`
    // keeps a remote from choosing addresses that collide. One worker `speaks`: it announces, claims and
    // defends the own addresses, while the others only listen to what becomes of that.
    Neighbors(std::size_t capacity, const std::array<wire::MacAddr, kPortsMax>& macs,
              Counters& counters, const SipKey& key, bool speaks = true);
    ~Neighbors();
    Neighbors(const Neighbors&) = delete;
    Neighbors& operator=(const Neighbors&) = delete;

    // Which own address a request on `port` names as its sender: the one on the network of the
    // target. Copied (the first kSendersMax addresses); call at start and when a new generation
    // comes. Without it requests are sent as from 0.0.0.0 (RFC 5227 section 1.1), which hosts
    // answer, and solicitations as from the link-local address.
    void use_networks(PortIndex port, const PortNetworks& networks);

    // Finds or makes the entry of a next hop and takes a reference on it; an entry that is
    // referenced is never recycled. kNoNeighbor when all are referenced. Sends nothing.
    NeighborIndex acquire(PortIndex port, const IpAddr& ip, Instant now);
    void release(NeighborIndex index);

    // Takes `frame`, complete but for its two MACs, to the neighbour. While its MAC is unknown the
    // frame is parked and the neighbour asked for, at most once a second and three times; after that
    // frames are dropped (UpstreamUnreachable). At most 512 frames wait in all, and for one neighbour 128,
    // or 4 once half of the room is taken; one more pushes its oldest out (ArpParked).
    void send(const Frame& frame, NeighborIndex index, Instant now, Outbox& outbox);

    bool resolved(NeighborIndex index) const { return has_mac(entries_[index].state); }
    // Asked three times without an answer; for three seconds, then it may be asked again.
    bool failed(NeighborIndex index) const { return entries_[index].state == State::Failed; }
    const wire::MacAddr& mac(NeighborIndex index) const { return entries_[index].mac; }

    // An ARP packet that came in by frame.port. Learns, answers a request for an own address in the
    // frame of the request, and counts ArpIgnored when it was for neither; consumes the frame. Another
    // station that says that it has an own address is counted (DuplicateAddress) and noted: see conflicts().
    // The gate keeps the address and defends it: see AddressDefence.
    void on_arp(const Frame& frame, const wire::PacketView& packet, const PortNetworks& networks,
                Instant now, Outbox& outbox);
    // The same for a packet of neighbor discovery; NeighborDiscoveryIgnored. A listener query has the
    // groups reported within the time that it says.
    void on_discovery(const Frame& frame, const wire::PacketView& packet,
                      const PortNetworks& networks, Instant now, Outbox& outbox);
    // For a copy of either kind of packet that another worker polled: learns, answers and counts
    // nothing; consumes the frame.
    void learn_only(const Frame& frame, const wire::PacketView& packet,
                    const PortNetworks& networks, Instant now, Outbox& outbox);

    // Gratuitous ARP (RFC 5227 section 2.3) for every own IPv4 address of the port; every IPv6 one is
    // claimed anew, from the next advance() on, and its group is listened to, which is reported from
    // then on.
    void announce(PortIndex port, const PortNetworks& networks, Instant now, Outbox& outbox);

    // Asks again, probes, claims, defends and gives up where that is due; looks at a bounded number of entries
    // a call and at none between sweeps, which are a quarter of a second apart. Only when own addresses
    // come to be held, a second after announce(), all entries are looked at.
    void advance(Instant now, Outbox& outbox);

    std::size_t parked() const { return parking_.used(); }
    // May be read by other threads.
    const AddressConflicts& conflicts() const { return conflicts_; }

   private:
    enum class State : std::uint8_t { Unasked, Asking, Reachable, Probing, Failed };

    // Neighbours of an unreferenced entry in the list of those, least recently released first.
    struct Links {
        NeighborIndex previous = kNoNeighbor, next = kNoNeighbor;
    };
    struct alignas(64) Entry {
        wire::MacAddr mac;
        State state = State::Unasked;
        PortIndex port = 0;
        std::uint8_t tries = 0;  // requests or probes since the state was entered
        bool used = false;       // whether a frame was sent since the MAC was last confirmed
        NeighborIndex next_in_bucket = kNoNeighbor;
        std::uint32_t references = 0;
        Instant due = kNever;  // when advance() has something to do
        IpAddr ip;
        ParkingLot::Queue waiting;
        Links idle;  // meaningful when references == 0
    };
    static_assert(sizeof(Entry) == 64, "one line: send() touches no second one");

    struct Sender {
        IpAddr address;
        IpPrefix network;
    };
    static constexpr std::size_t kSendersMax = 32;
    static constexpr Duration kSweepInterval = std::chrono::milliseconds(250);

    // To whom and when a port reports the groups that it listens to.
    struct Listening {
        Instant next_report = kNever;
        std::size_t reported = 0;  // groups, of the report that is under way
        Instant version_1_until{};
    };

    static constexpr bool has_mac(State s) { return s == State::Reachable || s == State::Probing; }

    NeighborIndex* bucket_of(PortIndex port, const IpAddr& ip) const;
    NeighborIndex find(PortIndex port, const IpAddr& ip) const;
    NeighborIndex make(PortIndex port, const IpAddr& ip);
    NeighborIndex recycle();
    void unlink_from_bucket(NeighborIndex index);
    void idle_push(NeighborIndex index);
    void idle_remove(NeighborIndex index);

    void send_unresolved(const Frame& frame, Entry& e, Instant now, Outbox& outbox);
    void park(const Frame& frame, Entry& e, Outbox& outbox);
    void drop_waiting(Entry& e, Reason reason, Outbox& outbox);
    void forward(const Frame& frame, const Entry& e, Outbox& outbox) const;
    void ask(Entry& e, Instant now, Outbox& outbox);
    void start(Entry& e, State state, Instant now, Outbox& outbox);
    void tend(Entry& e, Instant now, Outbox& outbox);
    IpAddr sender_for(const Entry& e) const;
    std::size_t emit_request(const Entry& e, std::uint8_t* out) const;
    std::size_t emit_solicitation(const Entry& e, std::uint8_t* out) const;
    bool hear_conflict(PortIndex port, const wire::ArpPacket& arp, const PortNetworks& networks,
                       Instant now, Outbox& outbox);
    // Of a sender that is no own address.
    bool learn(PortIndex port, const wire::ArpPacket& arp, Instant now, Outbox& outbox);
    // The MAC of the entry is known: what waits goes there. `confirmed`: the neighbour answered us.
    void found(Entry& e, const wire::MacAddr& mac, bool confirmed, Instant now, Outbox& outbox);

    // What a message of neighbor discovery told.
    enum class Told : std::uint8_t { Nothing, Something, Conflict };
    Claim claim_of(PortIndex port, const Ipv6Addr& address, const PortNetworks& networks) const;
    Told hear(PortIndex port, const wire::PacketView& packet, const wire::NeighborMessage& message,
              const PortNetworks& networks, Instant now, Outbox& outbox);
    void hear_advertisement(Entry& e, const wire::NeighborMessage& message, Instant now,
                            Outbox& outbox);
    void hear_solicitation(Entry& e, const wire::MacAddr& mac, Instant now, Outbox& outbox);
    bool is_answered(const Frame& frame, const wire::PacketView& packet,
                     const wire::NeighborMessage& message, const PortNetworks& networks) const;
    void answer(Frame frame, const wire::PacketView& packet, const Ipv6Addr& target,
                const PortNetworks& networks, Outbox& outbox) const;
    void tend_claims(Instant now, Outbox& outbox);
    void ask_anew(PortIndex port, Instant now);
    void note_conflict(PortIndex port, const IpAddr& address, const wire::MacAddr& mac, Instant now,
                       Outbox& outbox);
    void defend(Instant now, Outbox& outbox);
    bool listens_to(PortIndex port, const Ipv6Addr& group) const;
    // False: it asks for nothing that the port listens to.
    bool hear_query(PortIndex port, const wire::ListenerQuery& query, Instant now);
    void report_groups(PortIndex port, Instant now, Outbox& outbox);
    bool send_report(PortIndex port, std::span<const Ipv6Addr> groups, bool version_1, Outbox& outbox);
    bool speak(PortIndex port, const Ipv6Addr& address, Claim claim, Outbox& outbox);
    bool speak(PortIndex port, const Ipv4Addr& address, Outbox& outbox);
    void show_parked() { counters_.frames_parked.set(parking_.used()); }

    std::array<wire::MacAddr, kPortsMax> macs_;
    Counters& counters_;
    SipKey key_;
    bool speaks_;
    AddressClaims claims_;
    AddressConflicts conflicts_;
    AddressDefence defence_;
    std::array<Listening, kPortsMax> listening_;
    std::array<FixedVector<Sender, kSendersMax>, kPortsMax> senders_;
    std::size_t capacity_;
    std::size_t bucket_mask_;
    std::unique_ptr<Entry[]> entries_;
    std::unique_ptr<NeighborIndex[]> buckets_;
    std::size_t used_ = 0;  // entries [0, used_) have a key
    Links idle_;            // next: the first of the idle list, previous: the last
    ParkingLot parking_;
    std::size_t sweep_at_ = 0;
    Instant next_sweep_{};
};

}  // namespace sallyport::dp

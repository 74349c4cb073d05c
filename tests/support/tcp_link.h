// SPDX-License-Identifier: Apache-2.0
// Two peers and the way between them, in one process and in virtual time: segments are delayed,
// lost, overtaken, doubled and spoilt as a seed says, and wait for a narrow place whose queue is finite.
// With a TcpWire they travel as packets of its family, and one that is too big for the way is reported
// to its sender as a router would.
#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "tcpstack/base/rng.h"
#include "tests/support/tcp_peer.h"
#include "tests/support/tcp_wire.h"

namespace sallyport::test {

struct Impairment {
    Duration delay = std::chrono::milliseconds(10);  // one way
    Duration jitter{};                               // at most, added; lets segments overtake
    std::uint32_t loss = 0, duplication = 0;         // of a thousand
    std::uint64_t rate = 0;                          // octets a second each way; 0: no limit
    std::uint64_t queue = 0;                         // octets that wait; what is more is lost
    // On a TcpWire.
    std::uint32_t corruption = 0;  // of a thousand: one bit is another
    std::uint32_t mtu = 65'535;
};

class TcpLink {
   public:
    TcpLink(TcpPeer& a, TcpPeer& b, const Impairment& impairment, std::uint64_t seed,
            const TcpWire* wire = nullptr)
        : ends_{&a, &b}, impairment_(impairment), rng_(seed), wire_(wire) {}

    // All that the two want to send at `now` is on its way.
    void collect(Instant now) {
        for (int from : {0, 1})
            while (auto f = ends_[from]->next(now)) {
                ++sent_;
                put(from, *f, now);
                if (rng_.below(1000) >= impairment_.duplication) continue;
                ++doubled_;
                put(from, *f, now);
            }
    }
    // Delivers what is due; deadlines that are due pass. False: one of the two has given up.
    bool deliver(Instant now) {
        while (!flying_.empty() && flying_.front().at <= now) {
            std::pop_heap(flying_.begin(), flying_.end(), Later{});
            const Entry entry = std::move(flying_.back());
            flying_.pop_back();
            entry.too_big ? report(entry, now) : arrive(entry, now);
        }
        bool alive = true;
        for (TcpPeer* end : ends_)
            if (end->tcp().deadline() <= now) alive &= end->tcp().on_deadline(now);
        return alive;
    }
    // When something happens next; kNever: nothing will.
    Instant next_event() const {
        const Instant due = std::min(ends_[0]->tcp().deadline(), ends_[1]->tcp().deadline());
        return flying_.empty() ? due : std::min(due, flying_.front().at);
    }
    void impair(const Impairment& impairment) { impairment_ = impairment; }
    // What really happened.
    std::uint64_t sent() const { return sent_; }
    std::uint64_t lost() const { return lost_; }
    std::uint64_t doubled() const { return doubled_; }
    std::uint64_t overtaken() const { return overtaken_; }
    std::uint64_t corrupted() const { return corrupted_; }
    std::uint64_t too_big() const { return too_big_; }
    // Whole packets that could not be read, and corrupted ones that could: there are none.
    std::uint64_t misread() const { return misread_; }

   private:
    struct Entry {
        Instant at;
        std::uint64_t order;
        int from;
        Flying segment;
        std::optional<std::uint32_t> flipped{};  // a bit
        bool too_big = false;                    // it comes back, as a report
    };
    struct Later {
        bool operator()(const Entry& a, const Entry& b) const {
            return a.at != b.at ? a.at > b.at : a.order > b.order;
        }
    };
    void arrive(const Entry& entry, Instant now) {
        if (entry.order < latest_[entry.from]) ++overtaken_;
        latest_[entry.from] = std::max(latest_[entry.from], entry.order);
        TcpPeer& to = *ends_[1 - entry.from];
        if (wire_ == nullptr) return (void)to.receive(entry.segment, now);
        const auto segment = wire_->carried(entry.from, entry.segment, entry.flipped);
        if (segment.has_value() == entry.flipped.has_value()) ++misread_;
        if (segment) (void)to.receive(*segment, now);
    }
    // An ICMP error that says how much the way takes, believed as the gate believes it.
    void report(const Entry& entry, Instant now) {
        tcp::Connection& sender = ends_[entry.from]->tcp();
        if (sender.is_in_flight(entry.segment.seq)) sender.lower_mss(wire_->mss_of(impairment_.mtu), now);
    }
    std::uint64_t octets_of_packet(const Flying& segment) const {
        constexpr std::uint64_t kHeaders = 52;
        return wire_ != nullptr ? wire_->length_of(segment) : segment.payload.size() + kHeaders;
    }
    // How long the segment waits and is sent at the narrow place; nullopt: the queue is full.
    std::optional<Duration> through(int from, const Flying& segment, Instant now) {
        if (impairment_.rate == 0) return Duration{};
        constexpr std::uint64_t kNanoseconds = 1'000'000'000;
        const auto lasts = [this](std::uint64_t octets) {
            return Duration(static_cast<std::int64_t>(octets * kNanoseconds / impairment_.rate));
        };
        const Instant free = std::max(free_[from], now);
        if (free - now > lasts(impairment_.queue)) return std::nullopt;
        free_[from] = free + lasts(octets_of_packet(segment));
        return free_[from] - now;
    }
    void put(int from, const Flying& segment, Instant now) {
        const auto waits = through(from, segment, now);
        if (!waits || rng_.below(1000) < impairment_.loss) {
            ++lost_;
            return;
        }
        Duration delay = impairment_.delay + *waits;
        if (impairment_.jitter > Duration{}) delay += impairment_.jitter * rng_.below(1000) / 1000;
        flying_.push_back({now + delay, order_++, from, segment});
        if (wire_ != nullptr) spoil(flying_.back());
        std::push_heap(flying_.begin(), flying_.end(), Later{});
    }

    void spoil(Entry& entry) {
        entry.too_big = wire_->length_of(entry.segment) > impairment_.mtu;
        if (entry.too_big) {
            ++too_big_;
        } else if (rng_.below(1000) < impairment_.corruption) {
            ++corrupted_;
            entry.flipped = static_cast<std::uint32_t>(rng_.next());
        }
    }

    TcpPeer* ends_[2];
    Impairment impairment_;
    Rng rng_;
    const TcpWire* wire_;
    std::vector<Entry> flying_;  // a heap
    std::uint64_t order_ = 0, latest_[2] = {};
    Instant free_[2] = {};  // when the narrow place has sent all that waits
    std::uint64_t sent_ = 0, lost_ = 0, doubled_ = 0, overtaken_ = 0;
    std::uint64_t corrupted_ = 0, misread_ = 0, too_big_ = 0;
};

}  // namespace sallyport::test

// SPDX-License-Identifier: Apache-2.0
// Two peers and the way between them, in one process and in virtual time: segments are delayed,
// lost, overtaken and doubled as a seed says, and wait for a narrow place whose queue is finite.
#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "tcpstack/base/rng.h"
#include "tests/support/tcp_peer.h"

namespace sallyport::test {

struct Impairment {
    Duration delay = std::chrono::milliseconds(10);  // one way
    Duration jitter{};                               // at most, added; lets segments overtake
    std::uint32_t loss = 0, duplication = 0;         // of a thousand
    std::uint64_t rate = 0;                          // octets a second each way; 0: no limit
    std::uint64_t queue = 0;                         // octets that wait; what is more is lost
};

class TcpLink {
   public:
    TcpLink(TcpPeer& a, TcpPeer& b, const Impairment& impairment, std::uint64_t seed)
        : ends_{&a, &b}, impairment_(impairment), rng_(seed) {}

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
            if (entry.order < latest_[entry.from]) ++overtaken_;
            latest_[entry.from] = std::max(latest_[entry.from], entry.order);
            (void)ends_[1 - entry.from]->receive(entry.segment, now);
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

   private:
    struct Entry {
        Instant at;
        std::uint64_t order;
        int from;
        Flying segment;
    };
    struct Later {
        bool operator()(const Entry& a, const Entry& b) const {
            return a.at != b.at ? a.at > b.at : a.order > b.order;
        }
    };
    // How long the segment waits and is sent at the narrow place; nullopt: the queue is full.
    std::optional<Duration> through(int from, const Flying& segment, Instant now) {
        if (impairment_.rate == 0) return Duration{};
        constexpr std::uint64_t kHeaders = 52, kNanoseconds = 1'000'000'000;
        const auto lasts = [this](std::uint64_t octets) {
            return Duration(static_cast<std::int64_t>(octets * kNanoseconds / impairment_.rate));
        };
        const Instant free = std::max(free_[from], now);
        if (free - now > lasts(impairment_.queue)) return std::nullopt;
        free_[from] = free + lasts(segment.payload.size() + kHeaders);
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
        std::push_heap(flying_.begin(), flying_.end(), Later{});
    }

    TcpPeer* ends_[2];
    Impairment impairment_;
    Rng rng_;
    std::vector<Entry> flying_;  // a heap
    std::uint64_t order_ = 0, latest_[2] = {};
    Instant free_[2] = {};  // when the narrow place has sent all that waits
    std::uint64_t sent_ = 0, lost_ = 0, doubled_ = 0, overtaken_ = 0;
};

}  // namespace sallyport::test

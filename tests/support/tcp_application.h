// SPDX-License-Identifier: Apache-2.0
// What uses a connection in a simulation, and two connections that have just opened with all that
// a simulation of them needs.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

#include "tcpstack/base/rng.h"
#include "tests/support/tcp_link.h"

namespace sallyport::test {

inline std::string random_octets(std::uint64_t seed, std::uint32_t n) {
    Rng rng(seed);
    std::string out(n, '\0');
    for (char& c : out) c = static_cast<char>(rng.next());
    return out;
}

// An application at one end: writes as the queue allows, reads, finishes. `room`: octets that come
// and are not read yet.
class Application {
   public:
    Application(TcpPeer& peer, std::string sends, std::uint32_t room)
        : peer_(peer), sends_(std::move(sends)), room_(room) {}

    void act(std::uint32_t reads_at_most) {
        got_ += peer_.read(reads_at_most);
        ASSERT_LE(peer_.in().size(), room_);
        ASSERT_LE(peer_.in().chunks_held(), room_ / tcp::kChunkOctets + 2);
        peer_.tcp().offer(static_cast<std::uint32_t>(room_ - peer_.in().size()));
        if (peer_.out().size() < kWriteAhead && written_ < sends_.size()) {
            const std::string part = sends_.substr(written_, kWriteAhead - peer_.out().size());
            if (peer_.write(part)) written_ += part.size();
        }
        ASSERT_LE(peer_.out().size(), kWriteAhead);
        if (written_ == sends_.size()) peer_.finish();
    }
    const std::string& got() const { return got_; }
    const std::string& sends() const { return sends_; }

   private:
    static constexpr std::uint64_t kWriteAhead = 20000;

    TcpPeer& peer_;
    std::string sends_, got_;
    std::uint32_t room_;
    std::size_t written_ = 0;
};

// One step in virtual time, until something happens, at the latest at `until`. False: nothing will,
// or an end has given up.
inline bool step(TcpLink& link, Instant& now, Instant until = kNever) {
    link.collect(now);
    const Instant next = std::min(link.next_event(), until);
    if (next == kNever) return false;
    now = std::max(now, next);
    return link.deliver(now);
}

inline std::string told_of(TcpPeer& peer, Instant now) {
    const tcp::Sender& sender = peer.tcp().sender();
    const tcp::Scoreboard& board = sender.scoreboard();
    const Instant deadline = peer.tcp().deadline();
    return std::string(text(peer.tcp().state())) + " acked " + std::to_string(sender.acked()) + " sent " +
           std::to_string(sender.sent()) + " in flight " + std::to_string(board.in_flight()) + " lost " +
           std::to_string(board.lost()) + " sacked " + std::to_string(board.sacked()) + " window " +
           std::to_string(sender.window()) + " cwnd " + std::to_string(sender.congestion().window()) +
           " deadline in " +
           (deadline == kNever ? "-" : std::to_string((deadline - now).count() / 1000000) + " ms");
}

inline bool is_over(TcpPeer& peer) {
    return peer.tcp().fin_acked() && peer.tcp().peer_finished();
}

// What the ends 0 and 1 have agreed on when their connection opens.
struct Agreed {
    SeqNum iss[2] = {};
    std::uint16_t mss = 1460;
    std::uint8_t shift[2] = {};  // of the window that each offers
    bool sack = false, timestamps = false;
    std::uint32_t room[2] = {};  // octets that each takes before it reads
};

inline tcp::ConnectionStart start_of(const Agreed& agreed, int end) {
    const int other = 1 - end;
    tcp::ConnectionStart start;
    start.iss = agreed.iss[end];
    start.irs = agreed.iss[other];
    start.snd_mss = agreed.mss;
    start.rcv_shift = agreed.shift[end];
    start.snd_shift = agreed.shift[other];
    start.sack = agreed.sack;
    start.timestamps = agreed.timestamps;
    start.ts_recent = start.ts_sent = TsVal{0xffff'fff0};
    start.offered = agreed.room[end];
    start.snd_wnd = agreed.room[other];
    return start;
}

// Two connections over a link, each with an application that sends so many octets of a seed.
struct Pair {
    Pair(const Agreed& agreed, const std::uint32_t (&octets)[2], const Impairment& impairment,
         std::uint64_t seed, std::uint32_t chunks, const TcpWire* wire = nullptr)
        : pool(chunks),
          ends{{start_of(agreed, 0), pool, now}, {start_of(agreed, 1), pool, now}},
          apps{{ends[0], random_octets(seed, octets[0]), agreed.room[0]},
               {ends[1], random_octets(seed + 1, octets[1]), agreed.room[1]}},
          link(ends[0], ends[1], impairment, seed, wire) {}

    void act(std::uint32_t reads_at_most = 0xffff'ffff) {
        for (Application& app : apps) app.act(reads_at_most);
    }
    // See step() above.
    bool step(Instant until = kNever) { return test::step(link, now, until); }
    bool is_over() { return test::is_over(ends[0]) && test::is_over(ends[1]); }
    // What each got is what the other sent, and nothing is left.
    void expect_exact() {
        act();
        ASSERT_TRUE(apps[0].got() == apps[1].sends());
        ASSERT_TRUE(apps[1].got() == apps[0].sends());
        ASSERT_EQ(pool->in_use(), 0U);
    }
    std::string told() { return "0: " + told_of(ends[0], now) + "; 1: " + told_of(ends[1], now); }

    static constexpr Instant kStart = Instant{} + std::chrono::seconds(1000);
    Instant now = kStart;
    TestPool pool;
    TcpPeer ends[2];
    Application apps[2];
    TcpLink link;
};

}  // namespace sallyport::test

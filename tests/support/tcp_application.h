// SPDX-License-Identifier: Apache-2.0
// What uses a connection in a simulation, and what a simulation asks of two of them.
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

}  // namespace sallyport::test

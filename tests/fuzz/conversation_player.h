// SPDX-License-Identifier: Apache-2.0
// Turns octets into a conversation of two connections: what their applications do, what becomes of each
// packet on the way, and what a stranger sends who knows the ports but not the numbers. Input that runs
// out reads as zero. The first octets choose how the connections start; then each step begins with one
// that chooses an end by its highest bit and a row of the table in conversation_player.cc.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "tests/support/tcp_wire.h"

namespace sallyport::test {

class ConversationPlayer {
   public:
    explicit ConversationPlayer(std::span<const std::uint8_t> input);
    // Aborts when a promise is broken: each end reads what the other wrote, in order and once, however
    // the network and the stranger behave; no queue exceeds its limit, no packet its path, no state moves
    // but as the table says; and once the network is calm, all that was written arrives and both end.
    void play();

   private:
    struct End {
        End(const tcp::ConnectionStart& start, TestPool& pool, Instant now) : start(start), peer(start, pool, now) {}
        tcp::Connection& tcp() { return peer.tcp(); }
        SeqNum next_awaited();
        tcp::ConnectionStart start;
        TcpPeer peer;
        std::uint64_t written = 0, read = 0;
        tcp::TcpState state = tcp::TcpState::Established;
    };
    struct Entry {
        std::size_t from;
        Flying segment;
        std::optional<std::uint32_t> flipped{};
    };

    std::uint8_t octet();
    std::uint32_t pair() { return octet() * 256U + octet(); }
    tcp::ConnectionStart start_of(int end) const;

    void step();
    void write(std::size_t end, std::uint32_t octets);
    void read(std::size_t end, std::uint32_t octets);
    void pass(Duration time);
    void forge(std::size_t to);
    void forge_outside(Flying& f, End& to, bool before);

    void collect();
    void send(std::size_t from, const Flying& segment);
    void arrive(const Entry& entry);
    Entry take(std::size_t which);
    void calm_down();
    bool is_over();
    void watch();

    static constexpr std::uint32_t kRoom = 16 * 1024;  // of each queue
    static constexpr std::size_t kFlyingMax = 500;

    std::span<const std::uint8_t> input_;
    const std::uint8_t shape_, shifts_, mss_;  // the first three octets
    TcpWire wire_;
    TestPool pool_{64};
    Instant now_ = Instant{} + std::chrono::seconds(10);
    End ends_[2];
    std::vector<Entry> flying_;
    std::uint32_t mtu_;
    bool aborted_ = false;
};

}  // namespace sallyport::test

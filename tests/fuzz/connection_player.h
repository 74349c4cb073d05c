// SPDX-License-Identifier: Apache-2.0
// Turns octets into what happens to one connection, and looks at what it does. Input that runs out
// reads as zero. The first octets choose how the connection starts; then each step begins with one
// that chooses a row of the table in connection_player.cc.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "tests/support/tcp_peer.h"

namespace sallyport::test {

class ConnectionPlayer {
   public:
    explicit ConnectionPlayer(std::span<const std::uint8_t> input);
    ~ConnectionPlayer();
    // Aborts when a promise is broken.
    void play();

   private:
    static constexpr std::uint32_t kRoom = 16 * 1024;

    std::uint8_t octet();
    std::uint32_t pair() { return octet() * 256U + octet(); }
    tcp::ConnectionStart start_of();

    void step();
    void segment(std::uint8_t flags);
    void pass(Duration time);
    void write(std::uint32_t octets);
    void read(std::uint32_t octets);
    void acknowledge();
    void too_big();

    void send_all();
    void watch(const tcp::Outgoing& out);
    void watch_input(tcp::TcpState before, tcp::Input verdict, const Flying& f);
    void watch_queues();

    std::span<const std::uint8_t> input_;
    tcp::ConnectionStart start_{};
    TestPool pool_{12};
    tcp::Connection connection_;
    tcp::ByteQueue in_, out_;
    Instant now_ = Instant{} + std::chrono::seconds(10);
    std::uint64_t edge_ = 0;    // the furthest that has been promised
    std::uint64_t read_ = 0;    // octets that the application has taken
    std::vector<int> arrived_;  // the first copy of each octet that was taken, or -1
};

}  // namespace sallyport::test

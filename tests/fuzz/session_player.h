// SPDX-License-Identifier: Apache-2.0
// Turns octets into segments of clients of both families and of the servers that the gate calls for
// them, whole or in fragments, and into ICMP errors of hosts on both sides; and looks at what leaves.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "tests/support/gate_under_test.h"

namespace sallyport::test {

class SessionPlayer {
   public:
    SessionPlayer();
    // One step for every few octets of the input; then all must end. Aborts when a promise is broken.
    void play(std::span<const std::uint8_t> input);

   private:
    static constexpr std::size_t kHeardMax = 2048;
    using ServerKey = std::pair<std::uint16_t, bool>;  // the gate's port, and whether it is of IPv6
    struct Leg {
        Addresses addresses{};
        std::uint16_t own_port = 0, gate_port = 0;
        std::uint32_t own_isn = 0, gate_isn = 0;
        std::vector<int> heard = std::vector<int>(kHeardMax, -1);  // the gate's octets, first copy
        std::size_t judged = 0;  // octets of the first whole hello
    };
    std::uint8_t octet();
    void step();
    void segment(Leg& leg, dp::PortIndex port);
    Octets payload(bool client);
    void icmp_error(dp::PortIndex port);
    void send(dp::PortIndex port, const Octets& frame);
    void send_pieces(dp::PortIndex port, const Octets& frame);
    void watch();
    void watch_outside(const wire::PacketView& view);
    Leg& server_of(const wire::PacketView& view);
    void note_heard(Leg& server, std::size_t at, std::span<const std::uint8_t> octets);
    void judge_what_left(Leg& server);

    GateUnderTest gate_;
    static constexpr std::size_t kClients = 4;  // of each family
    std::array<Leg, 2 * kClients> clients_;     // those of IPv6 are the latter ones
    std::size_t client_ = 0;                    // the one that speaks
    std::map<ServerKey, Leg> servers_;
    ServerKey server_{};  // the one that speaks
    Octets last_[2];                        // what left by each port last
    std::uint8_t pieces_ = 0;               // how the next frame is cut; 0: it is not
    std::span<const std::uint8_t> input_;
    Octets hellos_[4];
    Octets answers_[3];
};

}  // namespace sallyport::test

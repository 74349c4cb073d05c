// SPDX-License-Identifier: Apache-2.0
// Turns octets into segments of one client and of the servers that the gate calls for it, and looks
// at what leaves.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "tests/support/gate_under_test.h"

namespace sallyport::test {

class SessionPlayer {
   public:
    SessionPlayer();
    // One step for every few octets of the input; then all must end. Aborts when a promise is broken.
    void play(std::span<const std::uint8_t> input);

   private:
    struct Leg {
        Addresses addresses{};
        std::uint16_t own_port = 0, gate_port = 0;
        std::uint32_t own_isn = 0, gate_isn = 0;
        bool open = false;
        std::vector<int> heard = std::vector<int>(2048, -1);  // the gate's octets, first copy
    };
    std::uint8_t octet();
    void step();
    void segment(Leg& leg, dp::PortIndex port);
    Octets payload(bool client);
    void watch();
    void watch_outside(const wire::PacketView& view);
    void judge_what_left();

    GateUnderTest gate_;
    Leg client_, server_;
    std::span<const std::uint8_t> input_;
    Octets hellos_[4];
    Octets answers_[3];
};

}  // namespace sallyport::test

// SPDX-License-Identifier: Apache-2.0
// How many connections this worker has to each server, for `balance: least_loaded`; and whose turn
// it is. Two servers, or two holders of turns, may share a number: that makes a choice less even and
// never wrong, so both are plain arrays.
#pragma once
#include <array>
#include <cstdint>

#include "dataplane/session/address_health.h"

namespace sallyport::dp {

class ServerLoad {
   public:
    void opened(ServerHash server) { ++open_[server % open_.size()]; }
    void closed(ServerHash server) { --open_[server % open_.size()]; }
    std::uint32_t open(ServerHash server) const { return open_[server % open_.size()]; }

   private:
    std::array<std::uint32_t, 4096> open_{};
};

class Turns {
   public:
    std::uint32_t next(std::uint64_t holder) { return turns_[holder % turns_.size()]++; }

   private:
    std::array<std::uint32_t, 1024> turns_{};
};

// Which of `total` shares a turn falls on: in the long run each as often as the others, and no long
// row of one (a low-discrepancy sequence: multiples of the golden ratio).
constexpr std::uint32_t share_of_turn(std::uint32_t turn, std::uint32_t total) {
    const std::uint32_t fraction = turn * 0x9e37'79b9U;
    return static_cast<std::uint32_t>((std::uint64_t{fraction} * total) >> 32);
}

}  // namespace sallyport::dp

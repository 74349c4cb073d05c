// SPDX-License-Identifier: Apache-2.0
// What a bad network does to packets that go one way, and how that is written down:
//
//   loss=1%,burst=0.1%/20%/50%,corrupt=0.1%,duplicate=1%,reorder=1%/3ms,delay=10ms,jitter=2ms,rate=20Mbit,queue=100
#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "tcpstack/base/time.h"

namespace sallyport::test {

// A probability, for each packet anew.
using Chance = double;

// The two states of Gilbert and Elliott: a good one, and a bad one in which packets are lost with
// the chance `loss`.
struct Burst {
    Chance enter = 0, leave = 1, loss = 1;
};

struct Impairment {
    Chance loss = 0;  // each packet by itself
    Burst burst;
    Chance corrupt = 0;    // one bit is turned, behind the Ethernet header
    Chance duplicate = 0;  // it arrives twice
    Chance reorder = 0;    // it is held back by `reorder_by`, so that those behind it may overtake
    Duration reorder_by{};
    Duration delay{};   // one way
    Duration jitter{};  // at most, added to the delay; does not change the order
    std::uint64_t rate = 0;   // bits a second, of whole frames; 0: no limit
    std::uint32_t queue = 0;  // packets that may wait for the rate; the next ones are dropped
};

// Reads the text form above; what is not named is none. The error names the part that is wrong and
// what was expected.
std::expected<Impairment, std::string> parse_impairment(std::string_view text);

}  // namespace sallyport::test

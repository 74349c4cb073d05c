// SPDX-License-Identifier: Apache-2.0
// What a test frame asks of the path in echo_path.cc: Ethernet header, order, argument, answer.
#pragma once
#include <cstdint>

namespace sallyport::dp::test {

inline constexpr std::uint16_t kOrderEthertype = 0x88b5;  // IEEE 802, local experimental 1
inline constexpr std::uint32_t kRowsOfAWorker = 3;

enum class Order : std::uint8_t {
    Echo,      // send it back; octet 16 tells the worker
    Forward,   // send it out of the other port
    HandOver,  // the worker `argument` echoes it
    Log,       // write `argument` records
    Ask,       // ask `argument` times for the address of "name.example"
    LogAtEnd,  // write 16 * `argument` records when shutting down
};

}  // namespace sallyport::dp::test

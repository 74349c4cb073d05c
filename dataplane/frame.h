// SPDX-License-Identifier: Apache-2.0
// One Ethernet frame in somebody's buffer. The pure layers see octets and a handle; only
// dataplane/dpdk knows that the handle is an mbuf. A Frame is passed by value; whoever holds it last
// gives it to an Outbox.
#pragma once
#include <cstdint>
#include <span>

namespace sallyport::dp {

using PortIndex = std::uint8_t;  // position in Topology::ports; not a DPDK port id
using WorkerIndex = std::uint8_t;

inline constexpr PortIndex kInsidePort = 0;
inline constexpr PortIndex kOutsidePort = 1;
inline constexpr std::size_t kPortsMax = 2;
inline constexpr std::size_t kWorkersMax = 64;
inline constexpr std::size_t kBurstMax = 64;

struct Frame {
    std::uint8_t* data = nullptr;  // first octet of the Ethernet header
    std::uint16_t length = 0;      // octets from data on
    std::uint16_t capacity = 0;    // octets that may be written from data on; >= length
    PortIndex port = 0;            // received by (rx) or to be sent by (tx)
    void* buffer = nullptr;        // owner's handle

    std::span<std::uint8_t> bytes() const { return {data, length}; }
};

}  // namespace sallyport::dp

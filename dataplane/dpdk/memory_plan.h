// SPDX-License-Identifier: Apache-2.0
// How many packet buffers the gate needs and whether they come from hugepages.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "config/model.h"
#include "dataplane/dataplane.h"

namespace sallyport::dp {

inline constexpr std::uint16_t kDescriptors = 1024;   // of a receive or transmit queue
inline constexpr std::uint32_t kMbufCache = 256;      // per lcore
inline constexpr std::uint32_t kHandoverRing = 1024;  // frames between two workers
inline constexpr std::uint32_t kRecordRing = 4096;    // access records of a worker
inline constexpr std::uint32_t kQueryRing = 1024;     // a worker's questions to the resolver
inline constexpr std::uint32_t kAnswerRing = 256;     // the resolver's answers to a worker
inline constexpr std::uint32_t kMessageRing = 64;     // control's requests to a worker

struct MemoryNeeds {
    std::uint32_t workers = 1;
    std::uint32_t queues = 1;        // receive queues of all ports together
    std::uint16_t data_room = 2048;  // octets of a frame in a buffer
};

struct MemoryPlan {
    std::uint32_t mbufs = 0;
    std::uint16_t data_room = 0;
    std::uint64_t bytes = 0;  // of everything that DPDK allocates
    std::uint32_t megabytes() const { return static_cast<std::uint32_t>((bytes + 0xfffff) >> 20); }
};

MemoryPlan plan_memory(const MemoryNeeds& needs);

// Octets in free hugepages of this machine.
std::uint64_t free_hugepage_bytes(const std::string& sysfs = "/sys/kernel/mm/hugepages");
// Whether to use hugepages; a fall-back is one entry in `warnings`.
Result<bool, StartError> choose_hugepages(cfg::Hugepages setting, std::uint64_t needed,
                                          std::uint64_t free, std::vector<std::string>& warnings);

}  // namespace sallyport::dp

// SPDX-License-Identifier: Apache-2.0
#include "dataplane/dpdk/memory_plan.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <filesystem>
#include <fstream>

#include "dataplane/fragments.h"
#include "dataplane/outbox.h"
#include "dataplane/parking_lot.h"

namespace sallyport::dp {
namespace {

constexpr std::uint64_t kMegabyte = 1U << 20;
constexpr std::uint64_t kPage = 4096;
// EAL, drivers, rings of virtual devices.
constexpr std::uint64_t kBaseBytes = 48 * kMegabyte;
// struct rte_mbuf, the pool's object header and the headroom.
constexpr std::uint32_t kMbufOverhead = 128 + 64 + 128;
// What keeps live splices going when all else is used up.
constexpr std::uint32_t kReserve = 2048;

std::string megabytes_text(std::uint64_t bytes) {
    return std::to_string((bytes + kMegabyte - 1) / kMegabyte) + " MB";
}

}  // namespace

MemoryPlan plan_memory(const MemoryNeeds& needs) {
    // A queue keeps its receive descriptors full and may hold sent frames until they are reaped. A
    // worker holds its stock, its cache (which may grow to 1.5 times its size), one ring's worth of
    // handed-over frames, and what waits for neighbours and for further fragments.
    const std::uint32_t per_worker = std::uint32_t{Outbox::kStockMax} + kMbufCache * 3 / 2 +
                                     kHandoverRing + std::uint32_t{kBurstMax} * 4 +
                                     ParkingLot::kFramesMax + FragmentStore::kFramesMax;
    const std::uint32_t wanted =
        needs.queues * 2 * kDescriptors + needs.workers * per_worker + kReserve;
    MemoryPlan plan;
    plan.mbufs = std::bit_ceil(wanted + 1) - 1;  // a pool of 2^n - 1 wastes no ring slot
    plan.data_room = needs.data_room;
    // Without hugepages a buffer does not cross a page if it fits one: round up to pages.
    const std::uint64_t object = std::uint64_t{kMbufOverhead} + needs.data_room;
    const std::uint64_t footprint = (object + kPage - 1) / kPage * kPage;
    const std::uint64_t rings =
        needs.workers * (kRecordRing * sizeof(AccessRecord) + kQueryRing * sizeof(NameQuery) +
                         kAnswerRing * sizeof(NameAnswer) +
                         std::uint64_t{needs.workers} * kHandoverRing * sizeof(void*) * 2);
    plan.bytes = kBaseBytes + plan.mbufs * footprint * 9 / 8 + rings * 2;
    return plan;
}

std::uint64_t free_hugepage_bytes(const std::string& sysfs) {
    std::uint64_t total = 0;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(sysfs, none)) {
        // hugepages-2048kB
        const std::string name = entry.path().filename().string();
        const std::size_t dash = name.find('-');
        std::uint64_t kilobytes = 0, pages = 0;
        if (dash == std::string::npos) continue;
        std::from_chars(name.data() + dash + 1, name.data() + name.size(), kilobytes);
        std::ifstream(entry.path() / "free_hugepages") >> pages;
        total += pages * kilobytes * 1024;
    }
    return total;
}

Result<bool, StartError> choose_hugepages(cfg::Hugepages setting, std::uint64_t needed,
                                          std::uint64_t free, std::vector<std::string>& warnings) {
    const bool enough = free >= needed;
    const std::string lack =
        megabytes_text(needed) + " in hugepages are needed, " + megabytes_text(free) + " are free";
    const std::uint64_t pages = (needed + 2 * kMegabyte - 1) / (2 * kMegabyte);
    const std::string reserve = "sysctl -w vm.nr_hugepages=" + std::to_string(pages);
    switch (setting) {
        case cfg::Hugepages::Off: return false;
        case cfg::Hugepages::On:
            if (enough) return true;
            return std::unexpected(StartError{
                "memory.hugepages", lack,
                "reserve them (" + reserve + ") or set memory.hugepages to auto or off"});
        case cfg::Hugepages::Auto:
            if (!enough)
                warnings.push_back("memory.hugepages: " + lack +
                                   "; running without them, which is slower (reserve them with " +
                                   reserve + ")");
            return enough;
    }
    __builtin_unreachable();
}

}  // namespace sallyport::dp

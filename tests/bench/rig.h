// SPDX-License-Identifier: Apache-2.0
// The gate's own worker, pool and ports, with rings in memory for wires, in one thread: the
// benchmark puts frames on a wire, lets the worker take a turn and looks at what came out. Nothing
// of the worker is imitated.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "dataplane/dpdk/eal.h"
#include "dataplane/dpdk/eth_device.h"
#include "dataplane/dpdk/generation.h"
#include "dataplane/dpdk/mbuf.h"
#include "dataplane/dpdk/memory_plan.h"
#include "dataplane/dpdk/tsc_clock.h"
#include "dataplane/dpdk/wiring.h"
#include "dataplane/dpdk/worker.h"

namespace sallyport::bench {

inline constexpr std::array<wire::MacAddr, dp::kPortsMax> kGateMacs{
    wire::MacAddr{{0x02, 0, 0, 0, 0, 0xfe}}, wire::MacAddr{{0x02, 0, 0, 0, 0, 0xfd}}};

class Rig {
   public:
    // Starts DPDK; once in a process.
    static Result<std::unique_ptr<Rig>, dp::StartError> start();
    ~Rig();
    Rig(const Rig&) = delete;
    Rig& operator=(const Rig&) = delete;

    // A worker without any session, under this configuration. False: no memory.
    bool new_worker(const cfg::Model& model);

    // A frame comes in by `port`.
    void arrive(dp::PortIndex port, std::span<const std::uint8_t> frame);
    // One turn of the worker.
    void turn() { worker_->turn(); }
    // Turns until gauges are those of now: the worker shows them once a millisecond.
    void settle();
    // What the turn is compared with: every frame that waits goes out by the other port with its
    // MAC addresses swapped, as by testpmd in mode macswap.
    void swap_macs();
    // The next frame that left by `port`, in `out`; false when there is none.
    bool departed(dp::PortIndex port, std::vector<std::uint8_t>& out);

    const dp::Counters& counters() const { return worker_->counters(); }
    // Access records that the worker has written since the last call.
    std::span<const dp::AccessRecord> records();
    // Packet buffers that are neither in the pool nor in the stock of an earlier worker.
    std::uint32_t buffers_in_use() const;
    const dp::TscClock& clock() const { return *clock_; }
    bool hugepages() const { return hugepages_; }

   private:
    Rig() = default;
    std::optional<dp::StartError> open_port(dp::PortIndex port);
    struct FreeRing {
        void operator()(rte_ring* ring) const;
    };
    using WireRing = std::unique_ptr<rte_ring, FreeRing>;
    struct Wire {
        WireRing in, out;
    };

    // In the order in which they are made; destroyed in reverse.
    std::unique_ptr<dp::Eal> eal_;
    bool hugepages_ = false;
    std::optional<dp::TscClock> clock_;
    dp::MbufPool pool_;
    std::array<Wire, dp::kPortsMax> wires_;
    std::array<std::unique_ptr<dp::EthDevice>, dp::kPortsMax> ports_;
    std::unique_ptr<dp::Wiring> wiring_;
    std::unique_ptr<dp::PublishedGeneration> generations_;
    std::unique_ptr<dp::Worker> worker_;
    std::uint32_t left_in_stock_ = 0;  // of earlier workers
    std::vector<dp::AccessRecord> records_;
};

// The configuration of all benchmarks: clients behind a router, servers behind another, `names`
// allowed names of the form NUMBER.allowed.example; the protocol on its own port.
cfg::Model bench_model(std::uint32_t names, cfg::Protocol protocol);

}  // namespace sallyport::bench

// SPDX-License-Identifier: Apache-2.0
// Which worker polls and sends by which queue of which device, which port of the gate stands where,
// and the rings between workers. A worker without a transmit queue of its own (a device with fewer
// queues than workers) sends through the worker that has one; so no queue is ever used by two
// threads, and none needs a lock.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "dataplane/dataplane.h"
#include "dataplane/dpdk/ring.h"
#include "dataplane/dpdk/vlan.h"
#include "dataplane/frame.h"

namespace sallyport::dp {

using MbufRing = Ring<rte_mbuf*>;

// A worker's view of one device.
struct DeviceWiring {
    std::uint16_t device_id = 0;            // DPDK's port id
    std::vector<std::uint16_t> rx_queues;   // that this worker polls; may be empty
    std::optional<std::uint16_t> tx_queue;  // its own, or
    MbufRing* tx_via = nullptr;             // the ring to the worker that sends for it
    std::vector<MbufRing*> tx_for;          // rings of workers that this one sends for
};

struct WorkerWiring {
    std::vector<DeviceWiring> devices;
    Attachments ports;
    // By worker index; nullptr at its own.
    std::vector<MbufRing*> handover_to, handover_from;
};

struct DeviceQueues {
    std::uint16_t device_id = 0;
    std::uint16_t queues = 0;
};

class Wiring {
   public:
    // nullopt: no memory for the rings.
    static std::unique_ptr<Wiring> make(std::uint32_t workers,
                                        const std::vector<DeviceQueues>& devices,
                                        const Attachments& ports);
    const WorkerWiring& of(std::uint32_t worker) const { return workers_[worker]; }
    // Frees what still stands in the rings; only when no worker runs any more.
    void drain();

   private:
    MbufRing* make_ring(const std::string& name);
    bool wire_handover(std::uint32_t workers);
    bool wire_device(std::size_t device, const DeviceQueues& queues);

    std::vector<WorkerWiring> workers_;
    std::vector<std::unique_ptr<MbufRing>> rings_;
};

}  // namespace sallyport::dp

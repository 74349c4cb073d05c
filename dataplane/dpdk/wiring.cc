// SPDX-License-Identifier: Apache-2.0
#include "dataplane/dpdk/wiring.h"

#include "dataplane/dpdk/mbuf.h"
#include "dataplane/dpdk/memory_plan.h"

namespace sallyport::dp {

std::unique_ptr<Wiring> Wiring::make(std::uint32_t workers,
                                     const std::vector<DeviceQueues>& devices,
                                     const Attachments& ports) {
    auto wiring = std::make_unique<Wiring>();
    wiring->workers_.resize(workers);
    if (!wiring->wire_handover(workers)) return nullptr;
    for (WorkerWiring& w : wiring->workers_) {
        w.devices.resize(devices.size());
        w.ports = ports;
    }
    for (std::size_t device = 0; device < devices.size(); ++device)
        if (!wiring->wire_device(device, devices[device])) return nullptr;
    return wiring;
}

MbufRing* Wiring::make_ring(const std::string& name) {
    auto ring = std::make_unique<MbufRing>(name, kHandoverRing);
    if (!ring->exists()) return nullptr;
    rings_.push_back(std::move(ring));
    return rings_.back().get();
}

bool Wiring::wire_handover(std::uint32_t workers) {
    for (WorkerWiring& w : workers_) {
        w.handover_to.resize(workers, nullptr);
        w.handover_from.resize(workers, nullptr);
    }
    for (std::uint32_t from = 0; from < workers; ++from)
        for (std::uint32_t to = 0; to < workers; ++to) {
            if (from == to) continue;
            MbufRing* ring =
                make_ring("sp_hand_" + std::to_string(from) + "_" + std::to_string(to));
            if (ring == nullptr) return false;
            workers_[from].handover_to[to] = workers_[to].handover_from[from] = ring;
        }
    return true;
}

bool Wiring::wire_device(std::size_t device, const DeviceQueues& queues) {
    const auto workers = static_cast<std::uint32_t>(workers_.size());
    for (WorkerWiring& w : workers_) w.devices[device].device_id = queues.device_id;
    for (std::uint16_t q = 0; q < queues.queues; ++q)
        workers_[q % workers].devices[device].rx_queues.push_back(q);
    for (std::uint32_t w = 0; w < workers; ++w) {
        DeviceWiring& mine = workers_[w].devices[device];
        if (w < queues.queues) {
            mine.tx_queue = static_cast<std::uint16_t>(w);
            continue;
        }
        mine.tx_via = make_ring("sp_tx_" + std::to_string(device) + "_" + std::to_string(w));
        if (mine.tx_via == nullptr) return false;
        workers_[w % queues.queues].devices[device].tx_for.push_back(mine.tx_via);
    }
    return true;
}

void Wiring::drain() {
    MbufBurst burst;
    for (const std::unique_ptr<MbufRing>& ring : rings_)
        while (const std::uint32_t n = ring->pop(burst)) rte_pktmbuf_free_bulk(burst.data(), n);
}

}  // namespace sallyport::dp

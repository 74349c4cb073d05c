// SPDX-License-Identifier: Apache-2.0
#include "dataplane/dpdk/wiring.h"

#include "dataplane/dpdk/mbuf.h"
#include "dataplane/dpdk/memory_plan.h"

namespace sallyport::dp {

std::unique_ptr<Wiring> Wiring::make(std::uint32_t workers,
                                     const std::array<PortQueues, kPortsMax>& ports) {
    auto wiring = std::make_unique<Wiring>();
    wiring->workers_.resize(workers);
    if (!wiring->wire_handover(workers)) return nullptr;
    for (PortIndex port = 0; port < kPortsMax; ++port)
        if (!wiring->wire_port(port, ports[port])) return nullptr;
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

bool Wiring::wire_port(PortIndex port, const PortQueues& queues) {
    const auto workers = static_cast<std::uint32_t>(workers_.size());
    for (WorkerWiring& w : workers_) w.ports[port].port_id = queues.port_id;
    for (std::uint16_t q = 0; q < queues.queues; ++q)
        workers_[q % workers].ports[port].rx_queues.push_back(q);
    for (std::uint32_t w = 0; w < workers; ++w) {
        PortWiring& mine = workers_[w].ports[port];
        if (w < queues.queues) {
            mine.tx_queue = static_cast<std::uint16_t>(w);
            continue;
        }
        mine.tx_via = make_ring("sp_tx_" + std::to_string(port) + "_" + std::to_string(w));
        if (mine.tx_via == nullptr) return false;
        workers_[w % queues.queues].ports[port].tx_for.push_back(mine.tx_via);
    }
    return true;
}

void Wiring::drain() {
    MbufBurst burst;
    for (const std::unique_ptr<MbufRing>& ring : rings_)
        while (const std::uint32_t n = ring->pop(burst)) rte_pktmbuf_free_bulk(burst.data(), n);
}

}  // namespace sallyport::dp

// SPDX-License-Identifier: Apache-2.0
// Frame and mbuf: the same buffer, seen by the pure layers and by DPDK.
#pragma once
#include <rte_mbuf.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "dataplane/dataplane.h"
#include "dataplane/frame.h"

struct rte_mempool;

namespace sallyport::dp {

using MbufBurst = std::array<rte_mbuf*, kBurstMax>;

// An mbuf of one segment, received by `port`.
inline Frame frame_of(rte_mbuf* mbuf, PortIndex port) {
    Frame frame;
    frame.data = rte_pktmbuf_mtod(mbuf, std::uint8_t*);
    frame.length = mbuf->data_len;
    frame.capacity = static_cast<std::uint16_t>(mbuf->buf_len - mbuf->data_off);
    frame.port = port;
    frame.buffer = mbuf;
    return frame;
}

// The frame's mbuf, with the lengths that the frame has now and no offload asked for.
inline rte_mbuf* mbuf_of(const Frame& frame) {
    auto* mbuf = static_cast<rte_mbuf*>(frame.buffer);
    mbuf->data_off =
        static_cast<std::uint16_t>(frame.data - static_cast<std::uint8_t*>(mbuf->buf_addr));
    mbuf->data_len = frame.length;
    mbuf->pkt_len = frame.length;
    mbuf->ol_flags &= RTE_MBUF_F_EXTERNAL | RTE_MBUF_F_INDIRECT;
    return mbuf;
}

struct FreePool {
    void operator()(rte_mempool* pool) const;
};
using MbufPool = std::unique_ptr<rte_mempool, FreePool>;

struct MemoryPlan;
// One pool for all ports and workers: what a port may send back to it without looking (FAST_FREE).
Result<MbufPool, StartError> make_pool(const MemoryPlan& plan);

}  // namespace sallyport::dp

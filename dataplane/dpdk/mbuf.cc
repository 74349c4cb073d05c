// SPDX-License-Identifier: Apache-2.0
#include "dataplane/dpdk/mbuf.h"

#include <rte_errno.h>
#include <rte_mempool.h>

#include "dataplane/dpdk/memory_plan.h"

namespace sallyport::dp {

void FreePool::operator()(rte_mempool* pool) const {
    rte_mempool_free(pool);
}

Result<MbufPool, StartError> make_pool(const MemoryPlan& plan) {
    const auto room = static_cast<std::uint16_t>(plan.data_room + RTE_PKTMBUF_HEADROOM);
    MbufPool pool(
        rte_pktmbuf_pool_create("sp_mbufs", plan.mbufs, kMbufCache, 0, room, SOCKET_ID_ANY));
    if (pool) return pool;
    return std::unexpected(
        StartError{"memory.hugepages",
                   "no memory for " + std::to_string(plan.mbufs) + " packet buffers (" +
                       rte_strerror(rte_errno) + ")",
                   "make " + std::to_string(plan.megabytes()) + " MB available"});
}

}  // namespace sallyport::dp

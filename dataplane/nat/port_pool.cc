// SPDX-License-Identifier: Apache-2.0
#include "dataplane/nat/port_pool.h"

#include <algorithm>

namespace sallyport::dp {

PortSlice port_slice(std::uint16_t first, std::uint16_t last, WorkerIndex worker,
                     WorkerIndex workers) {
    const std::uint32_t size = (std::uint32_t{last} - first + 1) / workers;
    const std::uint32_t begin = first + size * worker;
    const std::uint32_t end = worker + 1 == workers ? last : begin + size - 1;
    return {static_cast<std::uint16_t>(begin), static_cast<std::uint16_t>(end)};
}

WorkerIndex port_owner(std::uint16_t first, std::uint16_t last, std::uint16_t port,
                       WorkerIndex workers) {
    const std::uint32_t size = (std::uint32_t{last} - first + 1) / workers;
    const std::uint32_t slice = size == 0 ? 0 : static_cast<std::uint32_t>(port - first) / size;
    return static_cast<WorkerIndex>(std::min<std::uint32_t>(slice, workers - 1U));
}

}  // namespace sallyport::dp

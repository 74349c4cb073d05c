// SPDX-License-Identifier: Apache-2.0
// Identifications for IPv4 datagrams that may be fragmented (RFC 6864 section 4.3): unique for as
// long as 2^16 / workers of them to hosts of the same slot last. Workers take disjoint numbers.
#pragma once
#include <array>
#include <cstdint>

#include "dataplane/frame.h"
#include "tcpstack/base/rng.h"

namespace sallyport::dp {

class IpIds {
   public:
    IpIds(WorkerIndex worker, WorkerIndex workers, std::uint64_t seed)
        : worker_(worker), workers_(workers) {
        Rng rng(seed);
        for (std::uint16_t& slot : next_) slot = static_cast<std::uint16_t>(rng.below(per_worker()));
    }
    // `pair_hash`: of source and destination address.
    std::uint16_t next(std::uint64_t pair_hash) {
        std::uint16_t& slot = next_[pair_hash % next_.size()];
        const std::uint32_t count = slot;
        slot = static_cast<std::uint16_t>(count + 1 < per_worker() ? count + 1 : 0);
        return static_cast<std::uint16_t>(count * workers_ + worker_);
    }

   private:
    std::uint32_t per_worker() const { return 0x10000U / workers_; }

    std::array<std::uint16_t, 4096> next_{};
    std::uint32_t worker_, workers_;
};

}  // namespace sallyport::dp

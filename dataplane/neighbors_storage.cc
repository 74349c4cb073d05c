// SPDX-License-Identifier: Apache-2.0
// The construction of Neighbors: the only place where it takes or returns memory.
#include <algorithm>
#include <bit>

#include "dataplane/neighbors.h"
#include "tcpstack/base/check.h"

namespace sallyport::dp {

Neighbors::Neighbors(std::size_t capacity, const std::array<wire::MacAddr, kPortsMax>& macs,
                     Counters& counters, const SipKey& key, bool speaks)
    : macs_(macs),
      counters_(counters),
      key_(key),
      speaks_(speaks),
      claims_(macs),
      capacity_(capacity),
      bucket_mask_(std::bit_ceil(capacity) - 1),
      entries_(std::make_unique<Entry[]>(capacity)),
      buckets_(std::make_unique<NeighborIndex[]>(bucket_mask_ + 1)) {
    SP_CHECK(capacity > 0 && capacity <= kCapacityMax);
    std::fill_n(buckets_.get(), bucket_mask_ + 1, kNoNeighbor);
}

Neighbors::~Neighbors() = default;

}  // namespace sallyport::dp

// SPDX-License-Identifier: Apache-2.0
#include "dataplane/fragments_memory.h"

namespace sallyport::dp {

FragmentStore::FragmentStore(const SipKey& hash, SourceShares& shares)
    : hash_(hash),
      shares_(shares),
      memory_(std::make_unique<Memory>()),
      pieces_(memory_->pieces, memory_->piece_links),
      datagrams_(memory_->datagrams, memory_->datagram_links),
      by_age_(datagrams_) {
    buckets_.fill(kNoIndex);
}

FragmentStore::~FragmentStore() = default;

}  // namespace sallyport::dp

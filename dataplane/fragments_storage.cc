// SPDX-License-Identifier: Apache-2.0
#include "dataplane/fragments.h"

namespace sallyport::dp {

struct FragmentStore::Memory {
    std::array<Piece, kFramesMax> pieces;
    std::array<std::uint32_t, kFramesMax> piece_links;
    std::array<Datagram, kFramesMax> datagrams;  // each has a frame at least
    std::array<std::uint32_t, kFramesMax> datagram_links;
};

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

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "dataplane/fragments.h"

namespace sallyport::dp {

// All that the store keeps, taken once.
struct FragmentStore::Memory {
    std::array<Piece, kFramesMax> pieces;
    std::array<std::uint32_t, kFramesMax> piece_links;
    std::array<Datagram, kFramesMax> datagrams;  // each has a frame at least
    std::array<std::uint32_t, kFramesMax> datagram_links;
    FixedVector<Frame, kFramesOfOne> whole;      // the last datagram that was given out
};

}  // namespace sallyport::dp

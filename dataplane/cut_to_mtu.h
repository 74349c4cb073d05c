// SPDX-License-Identifier: Apache-2.0
// Fragmentation of an IPv4 packet, or of a fragment, that is too large for a link (RFC 791 section 3.2).
#pragma once
#include "dataplane/outbox.h"
#include "tcpstack/base/fixed_vector.h"

namespace sallyport::dp {

inline constexpr std::size_t kCutsMax = 32;
using Cuts = FixedVector<Frame, kCutsMax>;

// Cuts the packet whose IP header stands `l3` octets into `frame`, of at least 68 octets MTU. `out` has
// its fragments in order, the first in the frame itself, the others in frames from the stock. False,
// and nothing changed: it takes more than kCutsMax, or the stock is empty.
bool cut_to_mtu(const Frame& frame, std::uint16_t l3, std::uint16_t mtu, Outbox& outbox, Cuts& out);

}  // namespace sallyport::dp

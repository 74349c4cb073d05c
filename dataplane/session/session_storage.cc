// SPDX-License-Identifier: Apache-2.0
#include <bit>

#include "dataplane/session/session_store.h"

namespace sallyport::dp {
namespace {

std::size_t power_of_two(std::size_t at_least, std::size_t minimum) {
    return std::bit_ceil(std::max(at_least, minimum));
}

}  // namespace

// Proportions: a quarter of the sessions may be in set-up at once; twice as many clients may have
// proven their address without sending yet; four times as many ended sessions are remembered; flow
// buckets are at most half full; as many quotas are counted as there may be sessions. Every session
// may be a relay with one request under way; what of that is never used stays untouched, and so does
// what only IPv6 needs. There is room for every session in either family.
SessionStorage::SessionStorage(std::uint32_t n, std::uint64_t hold_bytes, std::uint64_t relay_bytes)
    : sessions(n),
      session_links(n),
      records(2 * std::size_t{n}),
      addresses(2 * std::size_t{n}),
      tcp_buckets(power_of_two(4 * std::size_t{n} / FlowBucket::kWays, 64)),
      udp_buckets(tcp_buckets.v4.size()),
      icmp_buckets(tcp_buckets.v4.size()),
      setups(std::max<std::size_t>(n / 4, std::min<std::size_t>(n, 1024))),
      setup_links(setups.size()),
      chunks(std::max<std::uint64_t>(hold_bytes / kHoldChunkOctets, 64)),
      chunk_links(chunks.size()),
      names(2 * std::size_t{n}),
      name_links(names.size()),
      shares(power_of_two(2 * std::size_t{n}, 64)),
      timers(n),
      embryos(power_of_two(2 * std::size_t{n}, 64)),
      embryos6(embryos.size()),
      tombstones(power_of_two(4 * std::size_t{n}, 64)),
      tombstones6(tombstones.size()),
      resting(power_of_two(2 * std::size_t{n}, 64)),
      resting6(resting.size()),
      limits(power_of_two(n, 1024)),
      relays(n),
      relay_links(n),
      requests(n),
      request_links(n),
      relay_chunks(std::max<std::uint64_t>(relay_bytes / tcp::kChunkOctets, 32)),
      relay_chunk_links(relay_chunks.size()),
      relay_chunk_next(relay_chunks.size()) {}

}  // namespace sallyport::dp

// SPDX-License-Identifier: Apache-2.0
// Which worker owns a packet: a pure function, the same on every worker.
//   from inside   the queue that the device would pick, where its RSS key is known; else a keyed hash
//                 of the flow
//   from outside  the port slice that the destination port lies in
//   ICMP error    as the answers to the packet that it quotes
//   fragment      a keyed hash of addresses, protocol and identification, until the datagram is whole;
//                 then as above
#pragma once
#include <optional>

#include "dataplane/path.h"
#include "tcpstack/base/endpoint.h"

namespace sallyport::dp {

// The Toeplitz hash of RSS over source and destination address and port, in this order, of either
// family.
std::uint32_t toeplitz(const RssKey& rss, const FourTuple& flow);

// The worker whose queue the device picks; rss.reta_size > 0.
WorkerIndex rss_worker(const RssKey& rss, const FourTuple& flow, const PathConfig& config);

WorkerIndex inside_owner(const FourTuple& flow, const PathConfig& config, std::uint64_t flow_hash);

// nullopt: the destination is no egress address and port of any set, drained ones included.
std::optional<WorkerIndex> outside_owner(const FourTuple& tuple, const Settings& settings,
                                         WorkerIndex workers);

// Whether the address is one of any egress set, drained ones included.
bool is_public(const IpAddr& address, const Settings& settings);

}  // namespace sallyport::dp

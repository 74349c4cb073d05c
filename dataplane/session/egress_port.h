// SPDX-License-Identifier: Apache-2.0
// The public address and port by which a connection leaves. One client keeps one public address, on
// every worker, as long as that has a port left towards the server.
#pragma once
#include "dataplane/session/core.h"

namespace sallyport::dp {

struct PortUse {
    RecordProtocol protocol = RecordProtocol::Tcp;  // of ICMP echo, the identifier is the port
    bool timestamps = false;                        // whether the SYN will carry them
};

// `key` is the direction of what comes back: src is the server, dst is filled with an address of its
// family. False: every port of this worker's slice is taken towards this server, on each such address
// of the set. Nothing is reserved;
// the caller puts the key into its flow table at once.
[[nodiscard]] bool choose_egress_port(Core& core, const EgressSet& egress, SourceHash client,
                                      PortUse use, FourTuple& key);

// The address of the set by which the client leaves while a port is left there; nullopt: the set has
// none of the family.
std::optional<IpAddr> home_address(const EgressSet& egress, SourceHash client, Family family);

// Counts whether the device steers what comes back to this worker by itself.
void count_steering(Core& core, const FourTuple& key);

}  // namespace sallyport::dp

// SPDX-License-Identifier: Apache-2.0
// The public addresses of the gate, as sets that rules choose from and as an index for the packet
// path.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tcpstack/base/ip_addr.h"

namespace sallyport::dp {

struct EgressSet {
    std::string name;
    std::vector<IpAddr> addresses;
    std::uint16_t first_port = 1024, last_port = 65535;
};

struct PublicAddress {
    IpAddr address;
    std::uint16_t first_port = 0, last_port = 0;

    // The order of an index: any that is total over addresses.
    static bool before(const PublicAddress& a, const PublicAddress& b) {
        const IpAddr::Words x = a.address.words(), y = b.address.words();
        return x.high != y.high ? x.high < y.high : x.low < y.low;
    }
};

// Of the sets of a configuration and of those that drain: sorted, and an address of several sets
// stands there several times. Allocates.
std::vector<PublicAddress> public_addresses_of(std::span<const EgressSet> egress,
                                               std::span<const EgressSet> draining);

// Those of `sorted` that have this address.
std::span<const PublicAddress> find(std::span<const PublicAddress> sorted, const IpAddr& address);

}  // namespace sallyport::dp

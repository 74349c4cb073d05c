// SPDX-License-Identifier: Apache-2.0
// A set of addresses as sorted ranges that do not overlap: one binary search, however many prefixes
// it was made of. IPv4 stands in its mapped form, so one order serves both families.
#pragma once
#include <algorithm>
#include <span>

#include "tcpstack/base/ip_addr.h"

namespace sallyport::dp::policy {

struct AddressRange {
    IpAddr first, last;  // both inclusive
};

inline bool contains(std::span<const AddressRange> ranges, const IpAddr& address) {
    const auto behind = std::upper_bound(
        ranges.begin(), ranges.end(), address,
        [](const IpAddr& a, const AddressRange& r) { return a.octets() < r.first.octets(); });
    return behind != ranges.begin() && address.octets() <= std::prev(behind)->last.octets();
}

}  // namespace sallyport::dp::policy

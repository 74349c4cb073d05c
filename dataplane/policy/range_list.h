// SPDX-License-Identifier: Apache-2.0
// Prefixes to the ranges that AddressRange's look-up takes.
#pragma once
#include <vector>

#include "dataplane/policy/address_ranges.h"

namespace sallyport::dp::policy {

using Ranges = std::vector<AddressRange>;

// One range of each prefix, in their order. An IPv6 prefix around the mapped addresses, such as
// ::/0, says nothing of IPv4: they are cut out of it, so it makes up to two.
void add_prefix(const IpPrefix& prefix, Ranges& out);
Ranges ranges_of(const std::vector<IpPrefix>& prefixes);
// Every address of both families.
Ranges every_address();
// Sorted, and what overlaps is joined.
Ranges joined(Ranges ranges);

// The neighbour on the line of all addresses; not asked for the highest.
IpAddr after(const IpAddr& address);
bool is_highest(const IpAddr& address);

}  // namespace sallyport::dp::policy

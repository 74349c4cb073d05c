// SPDX-License-Identifier: Apache-2.0
// Networks of a configuration with the path that each is written at, for rules about addresses.
#pragma once
#include <string>
#include <vector>

#include "config/model.h"

namespace sallyport::cfg {

struct PlacedNetwork {
    IpPrefix network;
    std::string path;
};

// The networks whose hosts are neighbours: those of the addresses, and `networks`.
std::vector<PlacedNetwork> on_link(const Port& port, const std::string& path);
// The same and those behind routes.
std::vector<PlacedNetwork> reachable(const Port& port, const std::string& path);

bool covers(const IpPrefix& wide, const IpPrefix& narrow);
bool overlap(const IpPrefix& a, const IpPrefix& b);
bool is_own_address(const Port& port, const IpAddr& address);
// Unspecified, loopback, multicast or reserved (RFC 6890), or link-local of IPv6: nothing that a host
// can own, or that is known beyond its link.
bool is_special(const IpAddr& address);
// fe80::/10: a neighbour at any link with IPv6.
bool is_link_local(const IpAddr& address);
bool has_family(const std::vector<IpAddr>& addresses, Family family);
bool has_family(const std::vector<PlacedNetwork>& networks, Family family);
// Whether all of the network is for private use (RFC 1918, RFC 6598, RFC 4193).
bool is_private_use(const IpPrefix& network);
// The first or the last address of a network that has room for others (RFC 1122 section 3.2.1.3).
bool is_network_or_broadcast(const IpPrefix& network, const IpAddr& address);

}  // namespace sallyport::cfg

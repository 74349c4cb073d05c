// SPDX-License-Identifier: Apache-2.0
#include "config/networks.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "config/report.h"

namespace sallyport::cfg {

std::vector<PlacedNetwork> on_link(const Port& port, const std::string& path) {
    std::vector<PlacedNetwork> found;
    for (std::size_t i = 0; i < port.addresses.size(); ++i)
        found.push_back({IpPrefix(port.addresses[i].address, port.addresses[i].prefix_length),
                         item_path(path + ".addresses", i)});
    for (std::size_t i = 0; i < port.networks.size(); ++i)
        found.push_back({port.networks[i], item_path(path + ".networks", i)});
    return found;
}

std::vector<PlacedNetwork> reachable(const Port& port, const std::string& path) {
    std::vector<PlacedNetwork> found = on_link(port, path);
    for (std::size_t i = 0; i < port.routes.size(); ++i)
        found.push_back({port.routes[i].to, item_path(path + ".routes", i) + ".to"});
    return found;
}

bool covers(const IpPrefix& wide, const IpPrefix& narrow) {
    return wide.length() <= narrow.length() && wide.contains(narrow.address());
}

bool overlap(const IpPrefix& a, const IpPrefix& b) {
    return a.contains(b.address()) || b.contains(a.address());
}

bool is_own_address(const Port& port, const IpAddr& address) {
    return std::ranges::find(port.addresses, address, &InterfaceAddress::address) !=
           port.addresses.end();
}

bool is_link_local(const IpAddr& address) {
    return !address.is_v4() && address.octets()[0] == 0xfe && (address.octets()[1] & 0xc0) == 0x80;
}

bool has_family(const std::vector<IpAddr>& addresses, Family family) {
    return std::ranges::find(addresses, family, &IpAddr::family) != addresses.end();
}

bool has_family(const std::vector<PlacedNetwork>& networks, Family family) {
    return std::ranges::any_of(
        networks, [&](const PlacedNetwork& placed) { return placed.network.family() == family; });
}

bool is_special(const IpAddr& address) {
    if (!address.is_v4()) {
        constexpr IpAddr kLoopback{Ipv6Addr{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}};
        return address == IpAddr{} || address == kLoopback || address.octets()[0] == 0xff ||
               is_link_local(address);
    }
    const std::uint8_t first = address.v4().octets[0];
    return first == 0 || first == 127 || first >= 224;
}

bool is_private_use(const IpPrefix& network) {
    constexpr auto kBlocks = std::to_array<std::string_view>(
        {"10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"});
    return std::ranges::any_of(kBlocks, [&](std::string_view block) {
        const auto prefix = IpPrefix::parse(block);
        return prefix && covers(*prefix, network);
    });
}

bool is_network_or_broadcast(const IpPrefix& network, const IpAddr& address) {
    constexpr unsigned kPointToPoint = 31;  // RFC 3021: both addresses are hosts
    if (!network.address().is_v4() || network.length() >= kPointToPoint) return false;
    if (!network.contains(address)) return false;
    const std::uint32_t hosts = 0xffff'ffffU >> network.length();
    const std::uint32_t host = address.v4().host() & hosts;
    return host == 0 || host == hosts;
}

}  // namespace sallyport::cfg

// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/generation.h"

#include <algorithm>

namespace sallyport::dp {
namespace {

// Neither the first nor the last address of an IPv4 network is a host's (RFC 1122 section 3.2.1.3);
// a network of two has no such addresses (RFC 3021).
bool is_broadcast(const IpPrefix& network, const IpAddr& a) {
    if (network.family() != Family::V4 || network.length() > 30 || !network.contains(a))
        return false;
    const std::uint32_t host_bits = 0xffff'ffffU >> network.length();
    const std::uint32_t host = a.v4().host() & host_bits;
    return host == 0 || host == host_bits;
}

// fe80::/10: its packets stay on the link (RFC 4291 section 2.5.6), whatever network a route names.
bool is_link_local(const IpAddr& a) {
    return !a.is_v4() && a.octets()[0] == 0xfe && (a.octets()[1] & 0xc0) == 0x80;
}

}  // namespace

std::optional<IpAddr> PortNetworks::next_hop(const IpAddr& destination) const {
    for (const IpPrefix& network : on_link)
        if (network.contains(destination)) return destination;
    for (const Route& route : routes)
        if (route.to.contains(destination)) return route.via;
    return destination.is_v4() ? next_hop_v4 : next_hop_v6;
}

bool PortNetworks::is_source(const IpAddr& source) const {
    if (is_link_local(source)) return false;
    if (std::find(addresses.begin(), addresses.end(), source) != addresses.end()) return false;
    const auto broadcast = [&](const IpPrefix& network) { return is_broadcast(network, source); };
    if (std::any_of(on_link.begin(), on_link.end(), broadcast)) return false;
    const auto holds = [&](const IpPrefix& network) { return network.contains(source); };
    return std::any_of(on_link.begin(), on_link.end(), holds) ||
           std::any_of(routes.begin(), routes.end(), [&](const Route& r) { return holds(r.to); });
}

bool has_way_out(const Settings& settings, const IpAddr& destination) {
    const bool has_address = destination.is_v4() ? settings.egress_v4 : settings.egress_v6;
    return has_address && settings.ports[kOutsidePort].next_hop(destination).has_value();
}

bool has_way_out(const Settings& settings, std::uint16_t egress, const IpAddr& destination) {
    const auto fits = [&](const IpAddr& a) { return a.family() == destination.family(); };
    const auto& addresses = settings.egress[egress].addresses;
    return std::any_of(addresses.begin(), addresses.end(), fits) &&
           settings.ports[kOutsidePort].next_hop(destination).has_value();
}

}  // namespace sallyport::dp

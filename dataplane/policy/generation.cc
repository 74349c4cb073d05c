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

bool has_address(const EgressSet& egress, Family family) {
    return std::any_of(egress.addresses.begin(), egress.addresses.end(),
                       [&](const IpAddr& a) { return a.family() == family; });
}

}  // namespace

std::optional<IpAddr> PortNetworks::next_hop(const IpAddr& destination) const {
    for (const IpPrefix& network : on_link)
        if (network.contains(destination)) return destination;
    for (const Route& route : routes)
        if (route.to.contains(destination)) return route.via;
    return destination.is_v4() ? next_hop_v4 : next_hop_v6;
}

bool PortNetworks::leads_to(Family family) const {
    const auto is_of = [&](const IpPrefix& network) { return network.family() == family; };
    return (family == Family::V4 ? next_hop_v4 : next_hop_v6).has_value() ||
           std::any_of(on_link.begin(), on_link.end(), is_of) ||
           std::any_of(routes.begin(), routes.end(), [&](const Route& r) { return is_of(r.to); });
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
    return has_address(settings.egress[egress], destination.family()) &&
           settings.ports[kOutsidePort].next_hop(destination).has_value();
}

bool has_way_out(const Settings& settings, std::uint16_t egress, Family family) {
    return egress < settings.egress.size() && has_address(settings.egress[egress], family) &&
           settings.ports[kOutsidePort].leads_to(family);
}

}  // namespace sallyport::dp

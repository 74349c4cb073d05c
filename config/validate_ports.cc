// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "config/address_text.h"
#include "config/networks.h"
#include "config/validate.h"

namespace sallyport::cfg {
namespace {

// A port, and where it and its parts stand.
struct Placed {
    const Port& port;
    std::string path;
    Report& report;

    void say(FindingCode code, const std::string& at, Said said) const {
        report.add(code, report.where(at), at, std::move(said));
    }
    bool is_clean(std::string_view key) const { return report.is_clean(child_path(path, key)); }
    bool knows_links() const { return is_clean("addresses") && is_clean("networks"); }
};

void check_addresses(const Placed& at) {
    if (!at.is_clean("addresses")) return;
    for (std::size_t i = 0; i < at.port.addresses.size(); ++i) {
        const InterfaceAddress& own = at.port.addresses[i];
        const std::string path = item_path(at.path + ".addresses", i);
        const IpPrefix network(own.address, own.prefix_length);
        if (is_link_local(own.address))
            at.say(FindingCode::UnusableAddress, path,
                   {address_text(own.address) + " is link-local",
                    "the gate makes its link-local address of the port's MAC address"});
        else if (is_special(own.address))
            at.say(FindingCode::UnusableAddress, path,
                   {address_text(own.address) + " cannot be the address of a host"});
        else if (is_network_or_broadcast(network, own.address))
            at.say(FindingCode::UnusableAddress, path,
                   {address_text(own.address) + " is the network or broadcast address of its /" +
                        std::to_string(own.prefix_length),
                    "check the prefix length"});
    }
}

void check_neighbour(const Placed& at, const IpAddr& via, const std::string& path) {
    const auto links = on_link(at.port, at.path);
    const bool found =
        std::ranges::any_of(links,
                            [&](const PlacedNetwork& link) { return link.network.contains(via); }) ||
        (is_link_local(via) && has_family(links, Family::V6));
    if (is_own_address(at.port, via))
        at.say(FindingCode::NotOnLink, path, {address_text(via) + " is the gate's own address"});
    else if (!found)
        at.say(FindingCode::NotOnLink, path,
               {address_text(via) + " is not on link at " + at.path,
                "no network of addresses or networks there contains it"});
}

void check_routes(const Placed& at) {
    std::map<std::string, std::size_t> seen;
    for (std::size_t i = 0; i < at.port.routes.size(); ++i) {
        const Route& route = at.port.routes[i];
        const std::string path = item_path(at.path + ".routes", i);
        if (!at.report.is_clean(path)) continue;
        if (at.knows_links()) check_neighbour(at, route.via, path + ".via");
        const std::string to =
            address_text(route.to.address()) + '/' + std::to_string(route.to.length());
        const auto [first, fresh] = seen.try_emplace(to, i);
        if (!fresh)
            at.say(FindingCode::DuplicateItem, path + ".to",
                   {"a second route to " + to, "see item " + std::to_string(first->second + 1)});
    }
}

void check_next_hop(const Placed& at) {
    const std::string path = at.path + ".next_hop";
    if (!at.is_clean("next_hop")) return;
    const auto& hops = at.port.next_hop;
    for (auto hop = hops.begin(); hop != hops.end(); ++hop) {
        const std::string item = item_path(path, static_cast<std::size_t>(hop - hops.begin()));
        if (has_family(std::vector<IpAddr>(hops.begin(), hop), hop->family()))
            at.say(FindingCode::NotSupportedYet, item,
                   {"a second default gateway of a family is not supported yet",
                    "keep one of IPv4 and one of IPv6"});
        if (at.knows_links()) check_neighbour(at, *hop, item);
    }
}

void check_mtu(const Placed& at) {
    constexpr std::uint16_t kIpv6MtuMin = 1280;
    if (at.port.mtu >= kIpv6MtuMin || !at.is_clean("mtu") || !at.knows_links()) return;
    if (has_family(on_link(at.port, at.path), Family::V6))
        at.say(FindingCode::MtuTooSmall, at.path + ".mtu",
               {"an MTU of " + std::to_string(at.port.mtu) + " beside IPv6 addresses",
                "at least 1280, or no IPv6 at this port"});
}

void check_inside_next_hop(const Placed& at) {
    if (at.port.next_hop.empty()) return;
    at.say(FindingCode::InsideNextHop, at.path + ".next_hop",
           {"there is no default gateway inside",
            "write the networks behind neighbours as routes: [{to: ..., via: ...}]"});
}

std::string_view device_name(const Port& port) {
    return std::string_view(port.device).substr(0, port.device.find(','));
}

void check_vlans_of_one_device(const Placed& inside, const Placed& outside) {
    const auto say = [&](const Placed& at, const std::string& key, Said said) {
        at.say(FindingCode::SameDevice, at.path + key, std::move(said));
    };
    const std::string device = "'" + std::string(device_name(outside.port)) + "'";
    if (!inside.port.vlan && !outside.port.vlan)
        return say(outside, ".device",
                   {"the device " + device + " is the inside one already",
                    "virtual devices differ in their names (net_af_packet0, net_af_packet1); ports "
                    "on one device differ in their vlan"});
    if (!inside.port.vlan || !outside.port.vlan)
        return say(inside.port.vlan ? outside : inside, ".device",
                   {"the other port on " + device + " has a vlan, and this one has none",
                    "give each of them a vlan"});
    if (inside.port.vlan == outside.port.vlan)
        say(outside, ".vlan",
            {"the inside port on " + device + " has VLAN " + std::to_string(*inside.port.vlan) +
                 " already",
             "give each of them a vlan of its own"});
    if (inside.port.device != outside.port.device)
        say(outside, ".device",
            {"one device is written in two ways", "write it as at ports.inside, arguments included"});
    if (inside.port.queues && outside.port.queues && inside.port.queues != outside.port.queues)
        say(outside, ".queues",
            {"the inside port on " + device + " has another number of queues",
             "they share them; write it once"});
}

void check_devices(const Placed& inside, const Placed& outside) {
    for (const char* key : {"device", "vlan", "queues"})
        if (!inside.is_clean(key) || !outside.is_clean(key)) return;
    if (device_name(inside.port) == device_name(outside.port))
        check_vlans_of_one_device(inside, outside);
}

void check_overlap(const Placed& inside, const Placed& outside) {
    if (!inside.knows_links() || !outside.knows_links()) return;
    const auto inside_links = on_link(inside.port, inside.path);
    for (const PlacedNetwork& link : on_link(outside.port, outside.path))
        for (const PlacedNetwork& other : inside_links) {
            if (!overlap(link.network, other.network)) continue;
            outside.say(FindingCode::Overlap, link.path,
                        {"the network overlaps with " + other.path + " (line " +
                         std::to_string(inside.report.where(other.path).mark.line) + ')'});
            break;
        }
}

}  // namespace

void validate_ports(const Model& model, Report& report) {
    for (const auto* side : {&model.inside, &model.outside}) {
        if (side->empty()) continue;
        const bool is_inside = side == &model.inside;
        const Placed at{side->front(), is_inside ? "ports.inside" : "ports.outside", report};
        check_addresses(at);
        check_routes(at);
        check_mtu(at);
        if (is_inside)
            check_inside_next_hop(at);
        else
            check_next_hop(at);
    }
    if (model.inside.empty() || model.outside.empty()) return;
    const Placed inside{model.inside.front(), "ports.inside", report};
    const Placed outside{model.outside.front(), "ports.outside", report};
    check_devices(inside, outside);
    check_overlap(inside, outside);
}

}  // namespace sallyport::cfg

// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/compile.h"

#include <algorithm>
#include <utility>

#include "dataplane/policy/policy_compiler.h"

namespace sallyport::dp::policy {
namespace {

template <class T>
void add_once(std::vector<T>& list, const T& item) {
    if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
}

// Longest prefix first; of equal ones the first in the file.
void add_route(std::vector<Route>& routes, const Route& route) {
    const auto is_longer = [](const Route& a, const Route& b) {
        return a.to.length() > b.to.length();
    };
    routes.insert(std::upper_bound(routes.begin(), routes.end(), route, is_longer), route);
}

PortNetworks networks_of(const cfg::Port& port) {
    PortNetworks out;
    out.mtu = port.mtu;
    for (const cfg::InterfaceAddress& own : port.addresses) {
        add_once(out.addresses, own.address);
        add_once(out.on_link, IpPrefix(own.address, own.prefix_length));
    }
    for (const IpPrefix& network : port.networks) add_once(out.on_link, network);
    for (const cfg::Route& route : port.routes) add_route(out.routes, {route.to, route.via});
    for (const IpAddr& gateway : port.next_hop)
        (gateway.is_v4() ? out.next_hop_v4 : out.next_hop_v6) = gateway;
    return out;
}

void set_ports(const cfg::Model& model, Settings& out) {
    if (!model.inside.empty()) out.ports[kInsidePort] = networks_of(model.inside.front());
    if (!model.outside.empty()) out.ports[kOutsidePort] = networks_of(model.outside.front());
    const PortNetworks& inside = out.ports[kInsidePort];
    out.inside = inside.on_link;
    for (const Route& route : inside.routes) add_once(out.inside, route.to);
    for (const PortNetworks& port : out.ports)
        for (const IpAddr& address : port.addresses) add_once(out.own, address);
}

// The gate answers for its public addresses (ARP, ping) as for those of the port.
void own_addresses(const EgressSet& set, Settings& out) {
    for (const IpAddr& address : set.addresses) {
        add_once(out.own, address);
        add_once(out.ports[kOutsidePort].addresses, address);
    }
}

// FNV-1a over what tells one set of DNS servers from another.
std::uint64_t hash_of(const std::string& text) {
    std::uint64_t hash = 0xcbf2'9ce4'8422'2325;
    for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100'0000'01b3;
    return hash;
}

void set_egress(const cfg::Model& model, std::span<const EgressSet> draining, Settings& out) {
    for (const cfg::EgressSet& set : model.egress)
        out.egress.push_back({set.name, set.addresses, set.first_port, set.last_port});
    out.draining.assign(draining.begin(), draining.end());
    for (const EgressSet& set : out.egress) {
        own_addresses(set, out);
        for (const IpAddr& a : set.addresses) (a.is_v4() ? out.egress_v4 : out.egress_v6) = true;
    }
    for (const EgressSet& set : out.draining) own_addresses(set, out);
    out.public_addresses = public_addresses_of(out.egress, out.draining);
}

void set_tcp(const cfg::Tcp& tcp, Settings& out) {
    out.client_mss_v4 = tcp.client_mss.value_or(out.client_mss_v4);
    out.client_mss_v6 = tcp.client_mss.value_or(out.client_mss_v6);
    out.hello_timeout = tcp.hello_timeout;
    out.hello_bytes = tcp.hello_bytes;
    out.connect_timeout = tcp.connect_timeout;
    out.setup_timeout = tcp.setup_timeout;
    out.idle_timeout = tcp.idle_timeout;
    out.transitory_timeout = tcp.transitory_timeout;
    out.user_timeout = tcp.user_timeout;
    if (tcp.keepalive) {
        const cfg::Keepalive usual;
        out.keepalive = {*tcp.keepalive, usual.interval, usual.probes};
    }
    out.timestamps = tcp.timestamps == cfg::Timestamps::Mirror;
}

Settings settings_of(const cfg::Model& model, std::span<const EgressSet> draining) {
    Settings out;
    set_tcp(model.tcp, out);
    set_ports(model, out);
    set_egress(model, draining, out);
    out.hrr = model.tls.hrr == cfg::HelloRetry::Check ? HelloRetry::Check : HelloRetry::Pass;
    out.fragments = model.fragments == cfg::Fragments::Drop ? Fragments::Drop : Fragments::Reassemble;
    out.resolve_timeout = model.resolver.timeout;
    out.answer_grace = model.resolver.grace;
    out.dns_servers = dns_servers_of(model.resolver);
    out.new_names_per_second = model.resolver.new_names_per_second;
    return out;
}

}  // namespace

std::uint64_t dns_servers_of(const cfg::Resolver& resolver) {
    const auto octets = [](const IpAddr& a) {
        return std::string(a.octets().begin(), a.octets().end());
    };
    std::string all;
    for (const IpAddr& server : resolver.servers) all += octets(server);
    all += resolver.source ? octets(*resolver.source) : std::string();
    return hash_of(all + '/' + resolver.device);
}

Generation compile(const cfg::Model& model, const CompileOptions& options) {
    Settings settings = settings_of(model, options.draining);
    PolicyTable policy = PolicyCompiler(model, settings).compile(options);
    return {options.generation_id, std::move(settings), std::move(policy)};
}

}  // namespace sallyport::dp::policy

namespace sallyport::dp {

std::vector<PublicAddress> public_addresses_of(std::span<const EgressSet> egress,
                                               std::span<const EgressSet> draining) {
    std::vector<PublicAddress> out;
    for (const auto sets : {egress, draining})
        for (const EgressSet& set : sets)
            for (const IpAddr& address : set.addresses) {
                const PublicAddress next{address, set.first_port, set.last_port};
                out.insert(std::upper_bound(out.begin(), out.end(), next, PublicAddress::before), next);
            }
    return out;
}

}  // namespace sallyport::dp

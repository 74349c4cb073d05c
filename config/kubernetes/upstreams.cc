// SPDX-License-Identifier: Apache-2.0
#include "config/kubernetes/upstreams.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "config/kubernetes/values.h"

namespace sallyport::cfg::kubernetes {
namespace {

// What is known of a backend on the way.
struct Target {
    const Backend& backend;
    const ServiceEntry& entry;
    const HostPattern& host;
    const ServicePort& port;
    const Subset* subset = nullptr;
    Traffic traffic = {};
    std::uint16_t dialled_by_client = 0;
};

std::unexpected<Unresolved> dangling(std::string message, std::string hint = {}) {
    return std::unexpected(Unresolved{
        .reason = "BackendNotFound", .message = std::move(message), .hint = std::move(hint)});
}

// As Istio finds it: the port of the destination, or the only one, or that of the listener.
const ServicePort* port_of(const ServiceEntry& entry, const Backend& backend, std::uint16_t port) {
    if (backend.port) return entry.find_port(*backend.port);
    return entry.ports.size() == 1 ? &entry.ports.front() : entry.find_port(port);
}

std::uint16_t other_than(std::uint16_t port, std::uint16_t usual) {
    return port == usual ? std::uint16_t{0} : port;
}

Upstream base_of(const Target& target) {
    Upstream upstream;
    const bool by_turns = target.traffic.balancer
                              ? *target.traffic.balancer == Balancer::RoundRobin
                              : target.entry.resolution == Resolution::DnsRoundRobin;
    upstream.balance = by_turns ? Balance::RoundRobin : Balance::LeastLoaded;
    upstream.port = other_than(target.port.target, target.dialled_by_client);
    if (const auto& pool = target.traffic.pool) {
        upstream.max_connections = pool->max_connections;
        upstream.connect_timeout = pool->connect_timeout;
        upstream.idle_timeout = pool->idle_timeout;
        upstream.max_duration = pool->max_duration;
        upstream.keepalive = pool->keepalive;
    }
    upstream.cluster_host = target.backend.host;
    upstream.cluster_subset = target.backend.subset;
    upstream.cluster_port = target.port.number;
    return upstream;
}

bool has_labels(const ServiceEndpoint& endpoint, const Subset* subset) {
    return subset == nullptr || std::ranges::all_of(subset->labels, [&](const Label& label) {
               return std::ranges::find(endpoint.labels, label) != endpoint.labels.end();
           });
}

// 0: that of the upstream.
std::uint16_t port_of(const ServiceEndpoint& endpoint, const Target& target) {
    for (const auto& [name, port] : endpoint.ports)
        if (name == target.port.name) return port;
    return 0;
}

// The endpoints of the subset; those with addresses are one upstream, each name is one more.
std::vector<Upstream> upstreams_of_endpoints(const Target& target) {
    std::vector<Upstream> upstreams;
    Upstream addresses = base_of(target);
    addresses.destination = Destination::Static;
    addresses.weight = 0;
    for (const ServiceEndpoint& endpoint : target.entry.endpoints) {
        if (!has_labels(endpoint, target.subset)) continue;
        const std::uint16_t port = port_of(endpoint, target);
        if (endpoint.address) {
            addresses.endpoints.push_back({*endpoint.address, port, endpoint.weight});
            addresses.weight += endpoint.weight;
            continue;
        }
        Upstream named = base_of(target);
        named.destination = Destination::Resolved;
        named.resolve = endpoint.host;
        named.weight = endpoint.weight;
        if (port != 0) named.port = other_than(port, target.dialled_by_client);
        upstreams.push_back(std::move(named));
    }
    if (!addresses.endpoints.empty()) upstreams.insert(upstreams.begin(), std::move(addresses));
    return upstreams;
}

Upstream upstream_of_name(const Target& target) {
    Upstream upstream = base_of(target);
    upstream.destination = Destination::Resolved;
    if (!target.host.wildcard) upstream.resolve = target.host.name;
    return upstream;
}

Upstream upstream_of_client(const Target& target) {
    Upstream upstream = base_of(target);
    upstream.destination = Destination::Original;
    upstream.networks = target.entry.addresses;
    return upstream;
}

Result<std::vector<Upstream>, Unresolved> by_name(const Target& target) {
    if (target.traffic.balancer == Balancer::Passthrough ||
        target.entry.resolution == Resolution::None) {
        if (target.entry.addresses.empty())
            return std::unexpected(Unresolved{
                .code = FindingCode::RefusedField,
                .reason = "UnsupportedValue",
                .message = "PASSTHROUGH keeps the client's own address, and no network bounds it",
                .hint = "list addresses in the ServiceEntry, or leave PASSTHROUGH out"});
        return std::vector{upstream_of_client(target)};
    }
    const bool labelled = target.subset != nullptr && !target.subset->labels.empty();
    if (target.entry.endpoints.empty() && !labelled) return std::vector{upstream_of_name(target)};
    std::vector<Upstream> upstreams = upstreams_of_endpoints(target);
    if (upstreams.empty())
        return dangling("no endpoint of " + target.backend.host + " has the labels of subset '" +
                        target.backend.subset + '\'');
    return upstreams;
}

// Whether the client's own address is the only server anyway.
bool is_one_address(const ServiceEntry& entry) {
    return entry.resolution == Resolution::Static && entry.endpoints.size() == 1 &&
           entry.addresses.size() == 1 && entry.endpoints.front().address &&
           IpPrefix(*entry.endpoints.front().address, 128) == entry.addresses.front();
}

// A flow of TCP is translated and keeps the address and port that its client chose.
Result<std::vector<Upstream>, Unresolved> by_address(const Target& target) {
    const ServiceEntry& entry = target.entry;
    if (entry.addresses.empty() || (entry.resolution != Resolution::None && !is_one_address(entry)))
        return std::unexpected(
            Unresolved{.code = FindingCode::RefusedField,
                       .reason = "UnsupportedValue",
                       .message = "TCP without a name goes where its client wants, and " +
                                  target.backend.host + " does not say where that may be",
                       .hint = "write resolution: NONE and addresses in the ServiceEntry"});
    if (target.port.target != target.dialled_by_client)
        return std::unexpected(
            Unresolved{.code = FindingCode::RefusedField,
                       .reason = "UnsupportedValue",
                       .message = "TCP without a name keeps its port: the listener has " +
                                  std::to_string(target.dialled_by_client) + ", the ServiceEntry " +
                                  std::to_string(target.port.target)});
    return std::vector{upstream_of_client(target)};
}

Result<Resolved, Unresolved> resolve_target(const Inventory& inventory, Target target,
                                            Protocol protocol, bool all) {
    const DestinationRule* rule = find_destination_rule(inventory, target.host, all);
    if (!target.backend.subset.empty()) {
        target.subset = rule == nullptr ? nullptr : rule->find_subset(target.backend.subset);
        if (target.subset == nullptr)
            return dangling("no DestinationRule has a subset '" + target.backend.subset + "' of " +
                            target.backend.host);
    }
    if (rule != nullptr) target.traffic = rule->traffic(target.subset, target.port.number);
    auto upstreams = protocol == Protocol::Tcp ? by_address(target) : by_name(target);
    if (!upstreams) return std::unexpected(std::move(upstreams.error()));
    return Resolved{&target.entry, &target.host, std::move(*upstreams),
                    rule != nullptr ? rule->exported : Sources{}};
}

std::string name_of(Protocol protocol) {
    return protocol == Protocol::Http ? "HTTP" : protocol == Protocol::Tls ? "TLS" : "TCP";
}

}  // namespace

Result<Resolved, Unresolved> resolve(const Inventory& inventory, const Backend& backend,
                                     Protocol protocol, std::uint16_t port, bool all) {
    const auto found = inventory.hosts.find(backend.host);
    if (!backend.problem.empty())
        return std::unexpected(Unresolved{.code = backend.problem_code,
                                          .reason = backend.problem_reason,
                                          .message = backend.problem});
    if (found == inventory.hosts.end())
        return dangling("no ServiceEntry has the host '" + backend.host + '\'');
    const ServicePort* other = nullptr;
    for (const std::size_t owner : found->second) {
        const ServiceEntry& entry = inventory.entries[owner];
        const ServicePort* service = port_of(entry, backend, port);
        if (service == nullptr) continue;
        other = service;
        if (service->protocol != protocol) continue;
        const Target target{.backend = backend,
                            .entry = entry,
                            .host = *entry.find_host(backend.host),
                            .port = *service,
                            .dialled_by_client = port};
        return resolve_target(inventory, target, protocol, all);
    }
    if (other == nullptr)
        return dangling("the ServiceEntry of " + backend.host + " has no port " +
                        std::to_string(backend.port.value_or(port)));
    return std::unexpected(Unresolved{.reason = "UnsupportedProtocol",
                                      .message = "port " + std::to_string(other->number) + " of " +
                                                 backend.host + " is " + name_of(other->protocol) +
                                                 ", and the route is of " + name_of(protocol)});
}

}  // namespace sallyport::cfg::kubernetes

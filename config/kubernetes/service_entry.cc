// SPDX-License-Identifier: Apache-2.0
#include "config/kubernetes/service_entry.h"

#include <algorithm>
#include <array>
#include <set>

#include "config/kubernetes/values.h"
#include "config/shown.h"
#include "config/units.h"

namespace sallyport::cfg::kubernetes {
namespace {

constexpr std::size_t kHostsMax = 256, kAddressesMax = 256;  // as Istio's own validation says

struct ResolutionName {
    std::string_view name;
    Resolution resolution;
};
constexpr auto kResolutions =
    std::to_array<ResolutionName>({{"NONE", Resolution::None},
                                   {"STATIC", Resolution::Static},
                                   {"DNS", Resolution::Dns},
                                   {"DNS_ROUND_ROBIN", Resolution::DnsRoundRobin},
                                   {"DYNAMIC_DNS", Resolution::DynamicDns}});

Resolution read_resolution(const View& spec) {
    const auto value = spec.value("resolution");
    if (!value) return Resolution::None;
    const auto found = std::ranges::find(kResolutions, value->text(), &ResolutionName::name);
    if (found != kResolutions.end()) return found->resolution;
    value->fail(FindingCode::UnknownChoice, shown(value->text()) + " is not a resolution",
                "resolutions: NONE, STATIC, DNS, DNS_ROUND_ROBIN, DYNAMIC_DNS");
    return Resolution::None;
}

void read_location(const View& spec) {
    const auto value = spec.value("location");
    if (!value || value->text() == "MESH_EXTERNAL") return;
    if (value->text() == "MESH_INTERNAL")
        value->object_to(FindingCode::IgnoredField, "MESH_INTERNAL has no effect",
                         "the gate speaks no TLS of its own to servers of a mesh");
    else
        value->fail(FindingCode::UnknownChoice, shown(value->text()) + " is not a location",
                    "locations: MESH_EXTERNAL, MESH_INTERNAL");
}

std::vector<ServicePort> read_ports(const View& spec) {
    std::vector<ServicePort> ports;
    std::set<std::uint16_t> numbers;
    std::set<std::string> names;
    for (const View& view : spec.maps("ports")) {
        ServicePort port{.number = 0, .target = 0, .name = view.text("name")};
        const auto number = view.port("number");
        view.need("number");
        const auto protocol = view.value("protocol");
        // As in Istio, what says no protocol is TCP.
        const auto read = protocol ? read_protocol(*protocol) : Protocol::Tcp;
        if (!number || !read) continue;
        port.number = *number;
        port.protocol = *read;
        port.target = view.port("targetPort").value_or(*number);
        if (!numbers.insert(port.number).second || !names.insert(port.name).second)
            view.fail(FindingCode::DuplicateItem, "another port has this number or name");
        ports.push_back(std::move(port));
    }
    spec.need("ports");
    return ports;
}

std::vector<std::pair<std::string, std::uint16_t>> read_port_map(const View& view) {
    std::vector<std::pair<std::string, std::uint16_t>> ports;
    const View map = view.map("ports");
    for (const Label& entry : view.labels("ports"))
        if (const auto port = map.port(entry.key)) ports.emplace_back(entry.key, *port);
    return ports;
}

std::optional<ServiceEndpoint> read_endpoint(const View& view, Resolution resolution) {
    ServiceEndpoint endpoint;
    const auto address = view.value("address");
    if (!address) {
        view.need("address");
        return std::nullopt;
    }
    endpoint.address = IpAddr::parse(address->text());
    if (!endpoint.address && address->text().starts_with("unix:")) {
        address->object_to(FindingCode::RefusedField, "an address of unix:// is refused",
                           "servers are reached by IP");
        return std::nullopt;
    }
    if (!endpoint.address && resolution == Resolution::Static) {
        address->fail(FindingCode::BadAddress, shown(address->text()) + " is not an address",
                      "with resolution STATIC an endpoint has an IP address");
        return std::nullopt;
    }
    if (!endpoint.address) {
        const auto host = read_host(*address);
        if (host && host->wildcard)
            address->fail(FindingCode::BadWildcard, "an endpoint is one server, not a wildcard");
        if (!host || host->wildcard) return std::nullopt;
        endpoint.host = host->name;
    }
    endpoint.ports = read_port_map(view);
    endpoint.labels = view.labels("labels");
    endpoint.weight = std::max(view.number("weight", 0, 1'000'000).value_or(1), 1U);
    return endpoint;
}

void check_endpoints(const View& spec, const ServiceEntry& entry) {
    const bool any = spec.has("endpoints");
    switch (entry.resolution) {
        case Resolution::Static: spec.need("endpoints"); return;
        case Resolution::DnsRoundRobin:
            if (entry.endpoints.size() > 1)
                spec.map("endpoints")
                    .fail(FindingCode::ObjectMismatch,
                          "DNS_ROUND_ROBIN takes one endpoint at most");
            return;
        case Resolution::None:
        case Resolution::DynamicDns:
            if (any)
                spec.map("endpoints")
                    .fail(FindingCode::ObjectMismatch, "endpoints do not go with this resolution",
                          "endpoints are for STATIC and DNS");
            return;
        case Resolution::Dns: return;
    }
}

// What Istio's own validation says of wildcards, and what keeps NONE from meaning everything.
void check_hosts(const View& spec, const ServiceEntry& entry) {
    const bool by_dns =
        entry.resolution == Resolution::Dns || entry.resolution == Resolution::DnsRoundRobin;
    for (const HostPattern& host : entry.hosts) {
        const Span where{host.mark, host.mark.column};
        if (host.wildcard && by_dns && !spec.has("endpoints"))
            spec.report().add(FindingCode::ObjectMismatch, where, spec.path_of("hosts"),
                              {"a wildcard has no address of its own",
                               "write resolution: DYNAMIC_DNS, and each name is resolved"});
        if (!host.wildcard && entry.resolution == Resolution::DynamicDns)
            spec.report().add(FindingCode::ObjectMismatch, where, spec.path_of("hosts"),
                              {"DYNAMIC_DNS is for wildcards", "write resolution: DNS"});
    }
    if (entry.resolution == Resolution::None && entry.addresses.empty())
        spec.report().add(FindingCode::RefusedField, spec.where(), spec.path_of("resolution"),
                          {"resolution NONE without addresses is refused",
                           "every server on the port could be reached: list its networks as "
                           "addresses, or write resolution: DNS"});
}

// An address that the client has to choose narrows what a name may do; the gate asks that only
// where it keeps the client's address.
void check_addresses(const View& spec, const ServiceEntry& entry) {
    if (entry.addresses.empty() || entry.resolution == Resolution::None) return;
    const bool by_name = std::ranges::any_of(
        entry.ports, [](const ServicePort& port) { return port.protocol != Protocol::Tcp; });
    if (by_name)
        spec.report().add(FindingCode::RefusedField, spec.map("addresses").where(),
                          spec.path_of("addresses"),
                          {"'addresses' of names that the gate resolves are refused",
                           "leave them out, or write resolution: NONE to keep the client's "
                           "address within them"});
}

}  // namespace

const ServicePort* ServiceEntry::find_port(std::uint16_t number) const {
    const auto found = std::ranges::find(ports, number, &ServicePort::number);
    return found == ports.end() ? nullptr : &*found;
}

const HostPattern* ServiceEntry::find_host(std::string_view text) const {
    const auto found =
        std::ranges::find_if(hosts, [&](const HostPattern& host) { return text_of(host) == text; });
    return found == hosts.end() ? nullptr : &*found;
}

ServiceEntry read_service_entry(const View& spec, const Kubernetes& settings) {
    ServiceEntry entry{.object = &spec.object()};
    entry.hosts = read_hosts(spec, "hosts");
    spec.need("hosts");
    if (spec.values("hosts").size() > kHostsMax)
        spec.map("hosts").fail(FindingCode::OutOfRange, "more than 256 hosts");
    entry.addresses = read_networks(spec, "addresses");
    if (entry.addresses.size() > kAddressesMax)
        spec.map("addresses").fail(FindingCode::OutOfRange, "more than 256 addresses");
    entry.ports = read_ports(spec);
    read_location(spec);
    entry.resolution = read_resolution(spec);
    for (const View& view : spec.maps("endpoints"))
        if (auto endpoint = read_endpoint(view, entry.resolution))
            entry.endpoints.push_back(std::move(*endpoint));
    entry.sources = read_export_to(spec, settings);
    check_endpoints(spec, entry);
    check_hosts(spec, entry);
    check_addresses(spec, entry);
    return entry;
}

}  // namespace sallyport::cfg::kubernetes

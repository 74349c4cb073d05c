// SPDX-License-Identifier: Apache-2.0
// VirtualService. Matches that name only the gateway "mesh" say how sidecars send to a gateway:
// they are not carried out here, but the pods that they pick are those that may come.
#include <algorithm>
#include <utility>

#include "config/kubernetes/name_set.h"
#include "config/kubernetes/route.h"
#include "config/kubernetes/values.h"
#include "config/shown.h"

namespace sallyport::cfg::kubernetes {
namespace {

constexpr std::string_view kMesh = "mesh";

// Which pods the sidecars' matches on one port pick.
struct MeshLeg {
    Protocol protocol = Protocol::Tls;
    std::optional<std::uint16_t> port;
    Sources sources;
};

struct Reading {
    const View& spec;
    const Kubernetes& settings;
    std::vector<Placed> gateways;
    std::vector<HostPattern> hosts;  // empty: every name ("*")
    NameSet host_set;                // the same
    Sources sources;
    std::vector<MeshLeg> mesh;
    std::vector<RouteRule> rules;
};

// One list of routes: http, tls or tcp.
struct RouteList {
    std::string_view key;
    Protocol protocol;
};

ParentRef parent_of(const Placed& gateway) {
    ParentRef parent{.name_space = gateway.object.name_space,
                     .name = gateway.text(),
                     .path = gateway.path,
                     .where = gateway.node.where};
    if (const std::size_t slash = parent.name.find('/'); slash != std::string::npos) {
        if (slash != 1 || parent.name[0] != '.') parent.name_space = parent.name.substr(0, slash);
        parent.name.erase(0, slash + 1);
    }
    return parent;
}

Backend read_backend(const View& view) {
    const View destination = view.map("destination");
    Backend backend{.path = destination.path(), .where = destination.where()};
    if (const auto host = destination.value("host")) {
        if (const auto pattern = read_host(*host)) backend.host = text_of(*pattern);
        backend.where = host->node.where;
    } else {
        destination.need("host");
    }
    backend.port = destination.map("port").port("number");
    backend.subset = destination.text("subset");
    backend.weight = view.number("weight", 0, kWeightMax).value_or(0);
    return backend;
}

std::vector<Backend> read_backends(const View& route) {
    std::vector<Backend> backends;
    for (const View& view : route.maps("route")) backends.push_back(read_backend(view));
    if (backends.empty()) {
        route.object().objections.push_back({FindingCode::MissingKey,
                                             route.where(),
                                             route.path(),
                                             {"'route' is missing in " + route.path()}});
    } else if (backends.size() == 1) {
        backends.front().weight = 1;  // it gets everything, whatever its weight says
    } else if (std::ranges::all_of(backends, [](const Backend& b) { return b.weight == 0; })) {
        route.map("route").fail(FindingCode::BadWeights, "no destination has a weight",
                                "give each its share: weight: 50");
    }
    return backends;
}

// The condition that every request meets, as the defaults of tools write it.
void check_uri(const View& match) {
    const View uri = match.map("uri");
    if (!match.has("uri") || (uri.text("prefix") == "/" && !uri.has("exact") && !uri.has("regex")))
        return;
    match.object().objections.push_back(
        {FindingCode::RefusedField,
         uri.where(),
         uri.path(),
         {"'uri' is refused", "requests are judged by host and port alone"}});
}

// "*" among them stands for every name, which the listener and the entries narrow.
std::vector<HostPattern> read_names(const View& view, std::string_view key) {
    const std::vector<std::string> texts = view.texts(key);
    view.need(key);
    if (std::ranges::find(texts, "*") != texts.end()) return {};
    return read_hosts(view, key);
}

std::vector<HostPattern> names_of(const Reading& reading, const View& match, Protocol protocol) {
    if (protocol != Protocol::Tls) return reading.hosts;
    std::vector<HostPattern> names = read_names(match, "sniHosts");
    if (names.empty()) return reading.hosts;
    if (reading.hosts.empty()) return names;
    for (const HostPattern& name : names) {
        const bool known = std::ranges::any_of(
            reading.host_set.intersect(name),
            [&](const NameSet::Match& known_name) { return covers(known_name.names, name); });
        if (!known)
            match.report().add(
                FindingCode::ObjectMismatch, {name.mark, name.mark.column},
                match.path_of("sniHosts"),
                {shown(text_of(name)) + " is none of the object's hosts", "add it to hosts"});
    }
    return names;
}

void add_rule(Reading& reading, const View& route, const View& match, RouteRule rule) {
    rule.match_path = match.path();
    rule.hosts = names_of(reading, match, rule.protocol);
    rule.port = match.port("port");
    rule.subnets = read_networks(match, "destinationSubnets");
    rule.sources = reading.sources;
    rule.sources.narrow(read_source_match(match, reading.settings));
    if (const auto subnet = match.value("sourceSubnet"))
        if (const auto network = read_network(*subnet)) rule.sources.narrow(only({*network}));
    check_uri(match);
    rule.given_name = route.text("name");
    if (!rule.given_name.empty() && match.has("name")) rule.given_name += '.' + match.text("name");
    reading.rules.push_back(std::move(rule));
}

void add_mesh_leg(Reading& reading, const View& match, Protocol protocol) {
    const Sources sources = read_source_match(match, reading.settings);
    reading.mesh.push_back({protocol, match.port("port"), sources});
    match.object().not_ours.push_back(match.path());
    raise_objections(match.object(), match.path_of("sourceLabels"), match.report());
    raise_objections(match.object(), match.path_of("sourceNamespace"), match.report());
}

void read_match(Reading& reading, const View& route, const View& match, RouteRule rule) {
    const std::vector<Placed> own = match.values("gateways");
    const std::vector<Placed>& gateways = own.empty() ? reading.gateways : own;
    // Without any, a VirtualService is for sidecars.
    bool mesh = gateways.empty();
    for (const Placed& gateway : gateways) {
        if (gateway.text() == kMesh)
            mesh = true;
        else
            rule.parents.push_back(parent_of(gateway));
    }
    if (!rule.parents.empty())
        add_rule(reading, route, match, std::move(rule));
    else if (mesh)
        add_mesh_leg(reading, match, rule.protocol);
}

void read_route(Reading& reading, const View& route, std::size_t index, Protocol protocol) {
    RouteRule rule{.object = &route.object(),
                   .protocol = protocol,
                   .index = index,
                   .path = route.path(),
                   .matches_path = route.path_of("match"),
                   .where = route.where(),
                   .backends = read_backends(route)};
    const std::vector<View> matches = route.maps("match");
    for (const View& match : matches) read_match(reading, route, match, rule);
    if (!matches.empty()) return;
    if (protocol == Protocol::Tls)
        route.need("match");
    else
        read_match(reading, route, route.map("match"), rule);
}

// The pods that sidecars send to the gateway are the clients of the rule on the same port.
void narrow_by_mesh(Reading& reading) {
    for (RouteRule& rule : reading.rules) {
        Sources picked = nobody();
        bool any = false;
        for (const MeshLeg& leg : reading.mesh) {
            if (leg.protocol != rule.protocol) continue;
            if (leg.port && rule.port && *leg.port != *rule.port) continue;
            any = true;
            picked.widen(leg.sources);
        }
        if (any) rule.sources.narrow(picked);
    }
}

}  // namespace

std::vector<RouteRule> read_virtual_service(const View& spec, const Kubernetes& settings) {
    Reading reading{.spec = spec,
                    .settings = settings,
                    .gateways = spec.values("gateways"),
                    .hosts = read_names(spec, "hosts"),
                    .host_set = {},
                    .sources = read_export_to(spec, settings),
                    .mesh = {},
                    .rules = {}};
    for (const HostPattern& host : reading.hosts) reading.host_set.add(host, 0);
    constexpr RouteList kLists[] = {
        {"http", Protocol::Http}, {"tls", Protocol::Tls}, {"tcp", Protocol::Tcp}};
    for (const RouteList& list : kLists) {
        std::size_t index = 0;
        for (const View& route : spec.maps(list.key))
            read_route(reading, route, index++, list.protocol);
    }
    narrow_by_mesh(reading);
    return std::move(reading.rules);
}

}  // namespace sallyport::cfg::kubernetes

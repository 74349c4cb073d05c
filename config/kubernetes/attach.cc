// SPDX-License-Identifier: Apache-2.0
#include "config/kubernetes/attach.h"

#include <algorithm>
#include <utility>

#include "config/kubernetes/values.h"

namespace sallyport::cfg::kubernetes {
namespace {

bool is_meant(const Listener& listener, const RouteRule& route, const ParentRef& parent) {
    return listener.protocol == route.protocol && (!route.port || *route.port == listener.port) &&
           (!parent.port || *parent.port == listener.port) &&
           (parent.section.empty() || parent.section == listener.name);
}

bool lets_attach(const Listener& listener, const Object& route) {
    const bool place = std::ranges::any_of(listener.namespaces, [&](const std::string& name) {
        return name == "*" || name == route.name_space;
    });
    const auto& kinds = listener.route_kinds;
    return place && (kinds.empty() || std::ranges::find(kinds, route.kind) != kinds.end());
}

// What listener and route have in common.
struct Common {
    bool any = false;  // every name
    std::vector<HostPattern> patterns;
};

Common common_names(const Listener& listener, const RouteRule& route) {
    Common common;
    const auto takes = [&](const ListenerHost& host) {
        return host.name_space == "*" || host.name_space == route.object->name_space;
    };
    const bool open = std::ranges::any_of(
        listener.hosts, [&](const ListenerHost& host) { return !host.pattern && takes(host); });
    if (route.hosts.empty()) {
        common.any = open;
        for (const ListenerHost& host : listener.hosts)
            if (host.pattern && takes(host)) common.patterns.push_back(*host.pattern);
        return common;
    }
    if (open) {
        common.patterns = route.hosts;
        return common;
    }
    for (const HostPattern& host : route.hosts)
        for (NameSet::Match& match : listener.names.intersect(host))
            if (takes(listener.hosts[match.owner]))
                common.patterns.push_back(std::move(match.names));
    return common;
}

std::vector<NameSet::Match> known_names(const Inventory& inventory, const Common& common) {
    if (common.any) return inventory.names.all();
    std::vector<NameSet::Match> names;
    for (const HostPattern& pattern : common.patterns)
        for (NameSet::Match& match : inventory.names.intersect(pattern))
            names.push_back(std::move(match));
    return names;
}

std::string name_of(Protocol protocol) {
    return protocol == Protocol::Http ? "HTTP" : protocol == Protocol::Tls ? "TLS" : "TCP";
}

}  // namespace

std::vector<Attached> attach(const Inventory& inventory, const RouteRule& route,
                             const GatewayObject& gateway, const ParentRef& parent,
                             Outcome& refusal) {
    const std::string name = "Gateway " + parent.name_space + '/' + parent.name;
    refusal = {"NoMatchingParent", name + " has no listener of " + name_of(route.protocol) +
                                       (route.port ? " on port " + std::to_string(*route.port)
                                                   : " that is meant here")};
    std::vector<Attached> attached;
    for (const Listener& listener : gateway.listeners) {
        if (!is_meant(listener, route, parent)) continue;
        if (!lets_attach(listener, *route.object)) {
            refusal = {"NotAllowedByListeners",
                       name + " takes no such routes of namespace " + route.object->name_space};
            continue;
        }
        const Common common = common_names(listener, route);
        if (!common.any && common.patterns.empty()) {
            refusal = {"NoMatchingListenerHostname", name + " has none of the names"};
            continue;
        }
        attached.push_back({&gateway, &listener, known_names(inventory, common)});
    }
    return attached;
}

}  // namespace sallyport::cfg::kubernetes

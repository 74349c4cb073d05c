// SPDX-License-Identifier: Apache-2.0
#include "config/kubernetes/inventory.h"

#include "config/kubernetes/values.h"

namespace sallyport::cfg::kubernetes {

std::string gateway_key(Kind kind, const std::string& name_space, const std::string& name) {
    return (kind == Kind::Gateway ? "istio " : "api ") + name_space + '/' + name;
}

void make_indexes(Inventory& inventory, const Kubernetes& settings) {
    for (GatewayObject& gateway : inventory.gateways)
        for (Listener& listener : gateway.listeners)
            for (std::size_t i = 0; i < listener.hosts.size(); ++i)
                if (const auto& pattern = listener.hosts[i].pattern)
                    listener.names.add(*pattern, i);
    for (std::size_t i = 0; i < inventory.entries.size(); ++i)
        for (const HostPattern& host : inventory.entries[i].hosts) {
            inventory.names.add(host, i);
            inventory.hosts[text_of(host)].push_back(i);
        }
    for (std::size_t i = 0; i < inventory.destination_rules.size(); ++i)
        inventory.rule_hosts.add(inventory.destination_rules[i].host, i);
    // Istio's charts name the service "istio-egressgateway" where the label is "egressgateway", and
    // a Gateway of the Gateway API gets one that is called after it and its class.
    for (const Label& label : settings.selector)
        if (label.key == "istio") inventory.own_services.insert("istio-" + label.value);
    for (std::size_t i = 0; i < inventory.gateways.size(); ++i) {
        const Object& object = *inventory.gateways[i].object;
        inventory.gateway_names[gateway_key(object.kind, object.name_space, object.name)] = i;
        inventory.own_services.insert(object.name);
        if (object.kind == Kind::ApiGateway)
            for (const std::string& name : settings.gateway_classes)
                inventory.own_services.insert(object.name + '-' + name);
    }
}

const GatewayObject* find_gateway(const Inventory& inventory, const ParentRef& parent) {
    const auto found =
        inventory.gateway_names.find(gateway_key(parent.kind, parent.name_space, parent.name));
    return found == inventory.gateway_names.end() ? nullptr : &inventory.gateways[found->second];
}

const DestinationRule* find_destination_rule(const Inventory& inventory, const HostPattern& host,
                                             bool all) {
    const DestinationRule* best = nullptr;
    for (const NameSet::Match& match : inventory.rule_hosts.intersect(host)) {
        const DestinationRule& rule = inventory.destination_rules[match.owner];
        if (!covers(rule.host, host) || (!all && !rule.exported.every)) continue;
        if (best == nullptr || rule.host.name.size() > best->host.name.size() ||
            (best->host.wildcard && !rule.host.wildcard))
            best = &rule;
    }
    return best;
}

bool is_own_service(const Inventory& inventory, const std::string& host) {
    const std::string first = host.substr(0, host.find('.'));
    const bool in_cluster =
        host == first || host.ends_with(".svc.cluster.local") || host.ends_with(".svc") ||
        std::string_view(host).substr(first.size() + 1).find('.') == std::string_view::npos;
    return in_cluster && inventory.own_services.contains(first);
}

}  // namespace sallyport::cfg::kubernetes

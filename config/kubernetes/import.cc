// SPDX-License-Identifier: Apache-2.0
#include "config/kubernetes/import.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "config/kubernetes/inventory.h"
#include "config/kubernetes/network_policy.h"
#include "config/kubernetes/place.h"
#include "config/kubernetes/read_object.h"
#include "config/kubernetes/rule_maker.h"
#include "config/kubernetes/status.h"
#include "config/kubernetes/values.h"

namespace sallyport::cfg {
namespace {

using namespace kubernetes;

View spec_of(Object& object, Report& report) {
    return {object.spec, object.path + ".spec", object, report};
}

void read_into(Inventory& inventory, Object& object, const Kubernetes& settings, Report& report) {
    const View spec = spec_of(object, report);
    switch (object.kind) {
        case Kind::ServiceEntry:
            inventory.entries.push_back(read_service_entry(spec, settings));
            // Whoever it is for, it says that names exist.
            raise_objections(object, object.path, report);
            object.accepted = true;
            return;
        case Kind::Gateway: inventory.gateways.push_back(read_gateway(spec, settings)); return;
        case Kind::ApiGateway:
            inventory.gateways.push_back(read_api_gateway(spec, settings));
            return;
        case Kind::DestinationRule:
            if (auto rule = read_destination_rule(spec, settings))
                inventory.destination_rules.push_back(std::move(*rule));
            return;
        case Kind::VirtualService:
            std::ranges::move(read_virtual_service(spec, settings),
                              std::back_inserter(inventory.routes));
            return;
        case Kind::HttpRoute:
        case Kind::TlsRoute:
            std::ranges::move(read_api_route(spec), std::back_inserter(inventory.routes));
            return;
        case Kind::NetworkPolicy: return;
    }
}

void accept_gateways(Inventory& inventory, Report& report) {
    for (GatewayObject& gateway : inventory.gateways) {
        Object& object = *gateway.object;
        object.accepted = gateway.ours;
        if (gateway.ours)
            raise_objections(object, object.path, report);
        else
            object.not_ours.push_back(object.path);
    }
    find_conflicts(inventory.gateways, report.file_names(), report);
}

// A DestinationRule is ours when it is about a host that a ServiceEntry has; one about the
// gateway's own service is for sidecars.
void accept_destination_rules(Inventory& inventory, Report& report) {
    std::map<std::string, Span> hosts;
    for (DestinationRule& rule : inventory.destination_rules) {
        Object& object = *rule.object;
        object.accepted = !inventory.names.intersect(rule.host).empty();
        if (!object.accepted) {
            object.not_ours.push_back(object.path + " (" + text_of(rule.host) + ')');
            continue;
        }
        raise_objections(object, object.path, report);
        const auto [first, fresh] = hosts.try_emplace(text_of(rule.host), object.where);
        if (!fresh)
            report.add(FindingCode::ObjectMismatch, object.where, object.path,
                       {"another DestinationRule is about " + text_of(rule.host) + " (" +
                            place_text(first->second, report.file_names()) + ')',
                        "write one with all settings and subsets"});
    }
}

}  // namespace

void import_objects(const std::vector<Node>& roots, Model& model, Report& report) {
    Objects objects;
    for (const Node& root : roots) read_object(root, objects, report);
    Inventory inventory;
    for (Object& object : objects.list) read_into(inventory, object, model.kubernetes, report);
    make_indexes(inventory, model.kubernetes);
    accept_gateways(inventory, report);
    accept_destination_rules(inventory, report);
    NewRules rules(model);
    RuleMaker maker(inventory, rules, report);
    for (const RouteRule& route : inventory.routes) maker.add(route);
    for (Object& object : objects.list)
        if (object.kind == Kind::NetworkPolicy)
            add_network_policy(spec_of(object, report), model.kubernetes, rules);
    for (const Object& object : objects.list) model.objects.push_back(status_of(object));
}

}  // namespace sallyport::cfg

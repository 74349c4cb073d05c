// SPDX-License-Identifier: Apache-2.0
// All objects of one load, read, and the ways to find them.
#pragma once
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "config/kubernetes/destination_rule.h"
#include "config/kubernetes/listener.h"
#include "config/kubernetes/name_set.h"
#include "config/kubernetes/object.h"
#include "config/kubernetes/route.h"
#include "config/kubernetes/service_entry.h"
#include "config/model.h"

namespace sallyport::cfg::kubernetes {

struct Inventory {
    std::vector<ServiceEntry> entries;
    std::vector<GatewayObject> gateways;
    std::vector<DestinationRule> destination_rules;
    std::vector<RouteRule> routes;

    // By what make_indexes made of them.
    NameSet names;                                          // owners: into `entries`
    std::map<std::string, std::vector<std::size_t>> hosts;  // text of a host: into `entries`
    std::map<std::string, std::size_t> gateway_names;       // key_of a gateway: into `gateways`
    NameSet rule_hosts;                                     // owners: into `destination_rules`
    std::set<std::string> own_services;  // host names, and first labels, of the gateway's services
};

std::string gateway_key(Kind kind, const std::string& name_space, const std::string& name);

// After everything was read.
void make_indexes(Inventory& inventory, const Kubernetes& settings);

const GatewayObject* find_gateway(const Inventory& inventory, const ParentRef& parent);
// The most specific one about the host; without `all`, of those that are exported to everybody.
const DestinationRule* find_destination_rule(const Inventory& inventory, const HostPattern& host,
                                             bool all);
// Whether the host is a service in front of a gateway of ours: where sidecars send.
bool is_own_service(const Inventory& inventory, const std::string& host);

}  // namespace sallyport::cfg::kubernetes

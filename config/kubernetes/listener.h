// SPDX-License-Identifier: Apache-2.0
// What a Gateway of either group comes to: listeners, each a port, a protocol, and the names and
// routes that it takes.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/kubernetes/name_set.h"
#include "config/kubernetes/object.h"
#include "config/kubernetes/view.h"
#include "config/model.h"

namespace sallyport::cfg::kubernetes {

// Names that a listener takes, from the routes of one namespace or ("*") of all.
struct ListenerHost {
    std::string name_space = "*";
    std::optional<HostPattern> pattern = {};  // nullopt: any name
};

struct Listener {
    std::string name = {};
    std::uint16_t port = 0;
    Protocol protocol = Protocol::Tls;  // Tls, Http or Tcp
    std::vector<ListenerHost> hosts = {};
    NameSet names = {};                        // the patterns of `hosts`; owners: into `hosts`
    std::vector<std::string> namespaces{"*"};  // of the routes that may attach; "*": all
    std::vector<Kind> route_kinds = {};        // that may attach; empty: all
    std::string path = {};
    Span where = {};
};

struct GatewayObject {
    Object* object = nullptr;
    bool ours = false;
    std::vector<Listener> listeners = {};
};

// The Gateway of Istio is ours when its selector picks this gateway's labels
// (kubernetes.selector), that of the Gateway API when its class is one of
// kubernetes.gateway_classes.
GatewayObject read_gateway(const View& spec, const Kubernetes& settings);
GatewayObject read_api_gateway(const View& spec, const Kubernetes& settings);

// Listeners of ours on one port with different protocols, and equal ones within one object, are
// findings with both places.
void find_conflicts(const std::vector<GatewayObject>& gateways,
                    const std::vector<std::string>& files, Report& report);

}  // namespace sallyport::cfg::kubernetes

// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <set>
#include <string>
#include <utility>

#include "config/kubernetes/listener.h"
#include "config/kubernetes/place.h"
#include "config/kubernetes/values.h"

namespace sallyport::cfg::kubernetes {
namespace {

std::string name_of(Protocol protocol) {
    return protocol == Protocol::Http ? "HTTP" : protocol == Protocol::Tls ? "TLS" : "TCP";
}

std::string text_of(const ListenerHost& host) {
    return host.name_space + '/' + (host.pattern ? kubernetes::text_of(*host.pattern) : "*");
}

// Within one object: the same name or the same hosts on one port.
void find_equal(const GatewayObject& gateway, Report& report) {
    std::set<std::pair<std::uint16_t, std::string>> hosts;
    std::set<std::string> names;
    for (const Listener& listener : gateway.listeners) {
        if (gateway.object->kind == Kind::ApiGateway && !names.insert(listener.name).second)
            report.add(FindingCode::ListenerConflict, listener.where, listener.path,
                       {"another listener is named '" + listener.name + '\''});
        for (const ListenerHost& host : listener.hosts)
            if (!hosts.insert({listener.port, text_of(host)}).second)
                report.add(FindingCode::ListenerConflict, listener.where, listener.path,
                           {"HostnameConflict: port " + std::to_string(listener.port) +
                            " has this host in another listener of the object"});
    }
}

}  // namespace

void find_conflicts(const std::vector<GatewayObject>& gateways,
                    const std::vector<std::string>& files, Report& report) {
    std::map<std::uint16_t, const Listener*> ports;
    for (const GatewayObject& gateway : gateways) {
        if (!gateway.ours) continue;
        find_equal(gateway, report);
        for (const Listener& listener : gateway.listeners) {
            const auto [first, fresh] = ports.try_emplace(listener.port, &listener);
            if (fresh || first->second->protocol == listener.protocol) continue;
            report.add(FindingCode::ListenerConflict, listener.where, listener.path,
                       {"ProtocolConflict: port " + std::to_string(listener.port) + " is " +
                            name_of(first->second->protocol) + " at " +
                            place_text(first->second->where, files) + " and " +
                            name_of(listener.protocol) + " here",
                        "one protocol a port"});
        }
    }
}

}  // namespace sallyport::cfg::kubernetes

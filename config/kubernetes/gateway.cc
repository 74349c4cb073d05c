// SPDX-License-Identifier: Apache-2.0
// Gateway of networking.istio.io.
#include <algorithm>
#include <utility>

#include "config/kubernetes/listener.h"
#include "config/kubernetes/values.h"
#include "config/shown.h"

namespace sallyport::cfg::kubernetes {
namespace {

// As Istio reads it: every label of the selector is one of the gateway's; none picks all gateways.
bool picks(const std::vector<Label>& selector, const Kubernetes& settings) {
    return std::ranges::all_of(selector, [&](const Label& label) {
        return std::ranges::find(settings.selector, label) != settings.selector.end();
    });
}

// "host", "namespace/host", "./host", "*/host"; the host may be "*".
std::optional<ListenerHost> read_listener_host(const Placed& value) {
    ListenerHost out;
    const std::size_t slash = value.text().find('/');
    if (slash != std::string::npos) {
        out.name_space = value.text().substr(0, slash);
        if (out.name_space == ".") out.name_space = value.object.name_space;
    }
    Node host = value.node;
    if (slash != std::string::npos) host.text.erase(0, slash + 1);
    if (host.text == "*") return out;
    out.pattern = read_host({host, value.path, value.object, value.report});
    if (!out.pattern) return std::nullopt;
    return out;
}

void check_tls(const View& server, bool of_tls) {
    const auto mode = server.map("tls").value("mode");
    // Without a mode it is PASSTHROUGH, the first of Istio's list.
    if (mode && mode->text() != "PASSTHROUGH")
        mode->object_to(FindingCode::RefusedField,
                        "tls.mode " + shown(mode->text()) + " is refused",
                        "only PASSTHROUGH: TLS passes through this gate unopened");
    if (of_tls && !server.has("tls"))
        server.object().objections.push_back(
            {FindingCode::MissingKey,
             server.where(),
             server.path(),
             {"'tls' is missing in a server of TLS", "write tls: {mode: PASSTHROUGH}"}});
    if (!of_tls && mode)
        mode->object_to(FindingCode::ObjectMismatch, "'tls' does not go with this protocol");
}

std::optional<Listener> read_server(const View& server) {
    const View port = server.map("port");
    const auto number = port.port("number");
    const auto protocol = port.value("protocol");
    port.need("number");
    port.need("protocol");
    const auto read = protocol ? read_protocol(*protocol) : std::nullopt;
    Listener listener{.name = server.text("name", port.text("name")),
                      .path = server.path(),
                      .where = server.where()};
    for (const Placed& host : server.values("hosts"))
        if (auto taken = read_listener_host(host)) listener.hosts.push_back(std::move(*taken));
    server.need("hosts");
    if (!number || !read) return std::nullopt;
    listener.port = *number;
    listener.protocol = *read;
    check_tls(server, listener.protocol == Protocol::Tls);
    return listener;
}

}  // namespace

GatewayObject read_gateway(const View& spec, const Kubernetes& settings) {
    GatewayObject gateway{.object = &spec.object(),
                          .ours = picks(spec.labels("selector"), settings)};
    for (const View& server : spec.maps("servers"))
        if (auto listener = read_server(server)) gateway.listeners.push_back(std::move(*listener));
    spec.need("servers");
    return gateway;
}

}  // namespace sallyport::cfg::kubernetes

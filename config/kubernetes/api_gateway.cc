// SPDX-License-Identifier: Apache-2.0
// Gateway of gateway.networking.k8s.io.
#include <algorithm>
#include <utility>

#include "config/kubernetes/listener.h"
#include "config/kubernetes/values.h"
#include "config/shown.h"

namespace sallyport::cfg::kubernetes {
namespace {

// Every namespace carries this label with its own name.
constexpr std::string_view kNameLabel = "kubernetes.io/metadata.name";

std::optional<Protocol> read_listener_protocol(const View& view) {
    const auto value = view.value("protocol");
    if (!value) {
        view.need("protocol");
        return std::nullopt;
    }
    const auto mode = view.map("tls").value("mode");
    if (value->text() == "HTTP") {
        if (view.has("tls"))
            view.map("tls").fail(FindingCode::ObjectMismatch,
                                 "'tls' does not go with protocol HTTP");
        return Protocol::Http;
    }
    if (value->text() == "TLS") {
        // Without a mode it is Terminate.
        if (!mode || mode->text() != "Passthrough") {
            const Placed& at = mode ? *mode : *value;
            at.object_to(FindingCode::RefusedField, "a listener that ends TLS is refused",
                         "write tls: {mode: Passthrough}");
        }
        return Protocol::Tls;
    }
    value->object_to(FindingCode::RefusedField,
                     "listener protocol " + shown(value->text()) + " is refused",
                     "protocols: HTTP, and TLS with mode Passthrough");
    return std::nullopt;
}

// The namespace that a selector of namespaces picks by the label that has its name.
std::vector<std::string> read_selector(const View& namespaces) {
    const std::vector<Label> labels = namespaces.map("selector").labels("matchLabels");
    if (labels.size() == 1 && labels.front().key == kNameLabel) return {labels.front().value};
    const View selector = namespaces.map("selector");
    namespaces.object().objections.push_back(
        {FindingCode::NeedsWorkloads,
         selector.where(),
         selector.path(),
         {"labels of namespaces are not known here",
          "from: Same or All, or matchLabels: {" + std::string(kNameLabel) + ": NAME}"}});
    return {};
}

std::vector<std::string> read_namespaces(const View& allowed) {
    const View namespaces = allowed.map("namespaces");
    const auto from = namespaces.value("from");
    if (!from || from->text() == "Same") return {allowed.object().name_space};
    if (from->text() == "All") return {"*"};
    if (from->text() == "None") return {};
    if (from->text() == "Selector") return read_selector(namespaces);
    from->fail(FindingCode::UnknownChoice, shown(from->text()) + " is not a choice here",
               "choices: Same, All, Selector, None");
    return {};
}

// A kind that is not read here may attach, and never does.
void read_kinds(const View& allowed, Listener& listener) {
    if (!allowed.has("kinds")) return;
    for (const View& view : allowed.maps("kinds")) {
        const std::string kind = view.text("kind");
        if (view.text("group", kApiGroup) != kApiGroup) continue;
        if (kind == info_of(Kind::HttpRoute).name) listener.route_kinds.push_back(Kind::HttpRoute);
        if (kind == info_of(Kind::TlsRoute).name) listener.route_kinds.push_back(Kind::TlsRoute);
    }
    if (listener.route_kinds.empty()) listener.namespaces.clear();
}

std::optional<Listener> read_listener(const View& view) {
    Listener listener{.name = view.text("name"), .path = view.path(), .where = view.where()};
    view.need("name");
    const auto protocol = read_listener_protocol(view);
    const auto port = view.port("port");
    view.need("port");
    ListenerHost host;
    if (const auto value = view.value("hostname")) {
        host.pattern = read_host(*value);
        if (!host.pattern) return std::nullopt;
    }
    listener.hosts.push_back(std::move(host));
    listener.namespaces = read_namespaces(view.map("allowedRoutes"));
    read_kinds(view.map("allowedRoutes"), listener);
    if (!port || !protocol) return std::nullopt;
    listener.port = *port;
    listener.protocol = *protocol;
    return listener;
}

}  // namespace

GatewayObject read_api_gateway(const View& spec, const Kubernetes& settings) {
    const auto& classes = settings.gateway_classes;
    const std::string name = spec.text("gatewayClassName");
    spec.need("gatewayClassName");
    GatewayObject gateway{.object = &spec.object(),
                          .ours = std::ranges::find(classes, name) != classes.end()};
    for (const View& view : spec.maps("listeners"))
        if (auto listener = read_listener(view)) gateway.listeners.push_back(std::move(*listener));
    spec.need("listeners");
    return gateway;
}

}  // namespace sallyport::cfg::kubernetes

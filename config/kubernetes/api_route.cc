// SPDX-License-Identifier: Apache-2.0
// HTTPRoute and TLSRoute. A route whose parent is a ServiceEntry or a Service says how sidecars
// send to a gateway: that is not carried out here.
#include <algorithm>
#include <utility>

#include "config/kubernetes/route.h"
#include "config/kubernetes/values.h"
#include "config/shown.h"

namespace sallyport::cfg::kubernetes {
namespace {

std::optional<ParentRef> read_parent(const View& view) {
    const std::string kind = view.text("kind", "Gateway");
    const std::string group = view.text("group", kApiGroup);
    view.need("name");
    if (kind == "ServiceEntry" || kind == "Service") {
        view.object().not_ours.push_back(view.path());
        return std::nullopt;
    }
    if (kind != "Gateway" || group != kApiGroup) {
        view.object().not_accepted.push_back(
            {"InvalidKind", view.path() + ": a route attaches to a Gateway of " +
                                std::string(kApiGroup) + ", not to " + shown(kind)});
        view.fail(FindingCode::DanglingReference,
                  shown(kind + '.' + group) + " takes no routes here");
        return std::nullopt;
    }
    return ParentRef{.kind = Kind::ApiGateway,
                     .name_space = view.text("namespace", view.object().name_space),
                     .name = view.text("name"),
                     .section = view.text("sectionName"),
                     .port = view.port("port"),
                     .path = view.path(),
                     .where = view.where()};
}

// A name of Istio's registry; everything else is within the cluster.
Backend read_backend(const View& view) {
    Backend backend{.port = view.port("port"),
                    .weight = view.number("weight", 0, kWeightMax).value_or(1),
                    .path = view.path(),
                    .where = view.where()};
    const auto name = view.value("name");
    view.need("name");
    const std::string kind = view.text("kind", "Service");
    const bool is_name = kind == "Hostname" && view.text("group") == kIstioGroup;
    if (is_name && name) {
        if (const auto host = read_host(*name)) backend.host = text_of(*host);
        view.need("port");
        if (view.text("namespace", view.object().name_space) != view.object().name_space) {
            backend.problem = "the reference leads to another namespace";
            backend.problem_reason = "RefNotPermitted";
        }
    } else if (kind == "Service" && name) {
        backend.host = name->text();  // resolved only as the gateway's own service
        backend.problem = "a backend of kind 'Service' is refused: it is within the cluster";
        backend.problem_reason = "InvalidKind";
        backend.problem_code = FindingCode::RefusedField;
    } else if (name) {
        const Placed at = view.value("kind").value_or(*name);
        at.object_to(FindingCode::RefusedField, "a backend of kind " + shown(kind) + " is refused",
                     "write kind: Hostname and group: networking.istio.io");
    }
    return backend;
}

// A condition that every request meets is none; tools write it as a default.
void check_matches(const View& rule) {
    for (const View& match : rule.maps("matches")) {
        const View path = match.map("path");
        if (!match.has("path")) continue;
        if (path.text("type", "PathPrefix") == "PathPrefix" && path.text("value", "/") == "/")
            continue;
        match.object().objections.push_back(
            {FindingCode::RefusedField,
             path.where(),
             path.path(),
             {"'path' is refused", "requests are judged by host and port alone"}});
    }
}

RouteRule read_rule(const View& view, std::size_t index, Protocol protocol) {
    Object& object = view.object();
    RouteRule rule{
        .object = &object,
        .protocol = protocol,
        .given_name = object.name_space + '.' + object.name + '.' + std::to_string(index),
        .index = index,
        .path = view.path(),
        .where = view.where()};
    check_matches(view);
    for (const View& backend : view.maps("backendRefs"))
        rule.backends.push_back(read_backend(backend));
    return rule;
}

}  // namespace

std::vector<RouteRule> read_api_route(const View& spec) {
    const bool tls = spec.object().kind == Kind::TlsRoute;
    std::vector<ParentRef> parents;
    for (const View& view : spec.maps("parentRefs"))
        if (auto parent = read_parent(view)) parents.push_back(std::move(*parent));
    const std::vector<HostPattern> hosts = read_hosts(spec, "hostnames");
    std::vector<RouteRule> rules;
    for (const View& view : spec.maps("rules")) {
        rules.push_back(read_rule(view, rules.size(), tls ? Protocol::Tls : Protocol::Http));
        rules.back().hosts = hosts;
        rules.back().parents = parents;
    }
    if (tls && rules.size() > 1)
        spec.map("rules").fail(FindingCode::ObjectMismatch, "a TLSRoute has one rule",
                               "TLS has no condition that could tell two apart");
    // A list that is there and could not be read must not stand for every name.
    if (hosts.size() != spec.values("hostnames").size()) rules.clear();
    if (!parents.empty() && tls) spec.need("hostnames");
    if (parents.empty()) rules.clear();
    return rules;
}

}  // namespace sallyport::cfg::kubernetes

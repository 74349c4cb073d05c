// SPDX-License-Identifier: Apache-2.0
// The fields of Gateway, HTTPRoute and TLSRoute (gateway.networking.k8s.io) and of NetworkPolicy
// (networking.k8s.io).
#include <array>

#include "config/kubernetes/fields.h"
#include "config/kubernetes/kinds.h"

namespace sallyport::cfg::kubernetes {
namespace {

constexpr auto kListenerTls = std::to_array<ObjectField>({
    honoured("mode", Shape::Text),
    refused("certificateRefs", kNoTermination),
    refused("frontendValidation", kNoTermination),
    refused("options", kNoTermination),
});
constexpr auto kSelector = std::to_array<ObjectField>({
    honoured("matchLabels", Shape::Labels),
    refused("matchExpressions", "write matchLabels"),
});
constexpr auto kNamespaces = std::to_array<ObjectField>({
    honoured("from", Shape::Text),
    honoured("selector", Shape::Map, kSelector),
});
constexpr auto kRouteKind = std::to_array<ObjectField>({
    honoured("group", Shape::Text),
    honoured("kind", Shape::Text),
});
constexpr auto kAllowedRoutes = std::to_array<ObjectField>({
    honoured("namespaces", Shape::Map, kNamespaces),
    honoured("kinds", Shape::Maps, kRouteKind),
});
constexpr auto kListener = std::to_array<ObjectField>({
    honoured("name", Shape::Text),
    honoured("hostname", Shape::Text),
    honoured("port", Shape::Number),
    honoured("protocol", Shape::Text),
    honoured("tls", Shape::Map, kListenerTls),
    honoured("allowedRoutes", Shape::Map, kAllowedRoutes),
});
constexpr auto kGateway = std::to_array<ObjectField>({
    honoured("gatewayClassName", Shape::Text),
    honoured("listeners", Shape::Maps, kListener),
    refused("addresses", "public addresses are those of the egress sets of the native form"),
    refused("backendTLS", kNoTermination),
    refused("tls", kNoTermination),
    warned("infrastructure", "the gate is not deployed from this object"),
    warned("allowedListeners", "listeners of other objects are not drawn in"),
    warned("defaultScope", "a route names its Gateway"),
});

constexpr auto kParentRef = std::to_array<ObjectField>({
    honoured("group", Shape::Text),
    honoured("kind", Shape::Text),
    honoured("namespace", Shape::Text),
    honoured("name", Shape::Text),
    honoured("sectionName", Shape::Text),
    honoured("port", Shape::Number),
});
constexpr auto kBackendRef = std::to_array<ObjectField>({
    honoured("group", Shape::Text),
    honoured("kind", Shape::Text),
    honoured("namespace", Shape::Text),
    honoured("name", Shape::Text),
    honoured("port", Shape::Number),
    honoured("weight", Shape::Number),
});
constexpr auto kHttpBackendRef = std::to_array<ObjectField>({
    honoured("group", Shape::Text),
    honoured("kind", Shape::Text),
    honoured("namespace", Shape::Text),
    honoured("name", Shape::Text),
    honoured("port", Shape::Number),
    honoured("weight", Shape::Number),
    refused("filters", kNoRewriting),
});
constexpr auto kPathMatch = std::to_array<ObjectField>({
    honoured("type", Shape::Text),
    honoured("value", Shape::Text),
});
constexpr auto kHttpMatch = std::to_array<ObjectField>({
    honoured("path", Shape::Map, kPathMatch),
    refused("headers", kHostOnly),
    refused("queryParams", kHostOnly),
    refused("method", kHostOnly),
});
constexpr auto kHttpRule = std::to_array<ObjectField>({
    honoured("name", Shape::Text),
    honoured("matches", Shape::Maps, kHttpMatch),
    honoured("backendRefs", Shape::Maps, kHttpBackendRef),
    refused("filters", kNoRewriting),
    warned("timeouts", "the time of a request is not limited"),
    warned("retry", "the gate tries further addresses by itself, and repeats no request"),
    warned("sessionPersistence", "the gate chooses by load or by turns"),
});
constexpr auto kHttpRoute = std::to_array<ObjectField>({
    honoured("parentRefs", Shape::Maps, kParentRef),
    honoured("hostnames", Shape::Texts),
    honoured("rules", Shape::Maps, kHttpRule),
    warned("useDefaultGateways", "a route names its Gateway"),
});
constexpr auto kTlsRule = std::to_array<ObjectField>({
    honoured("name", Shape::Text),
    honoured("backendRefs", Shape::Maps, kBackendRef),
});
constexpr auto kTlsRoute = std::to_array<ObjectField>({
    honoured("parentRefs", Shape::Maps, kParentRef),
    honoured("hostnames", Shape::Texts),
    honoured("rules", Shape::Maps, kTlsRule),
    warned("useDefaultGateways", "a route names its Gateway"),
});

constexpr auto kIpBlock = std::to_array<ObjectField>({
    honoured("cidr", Shape::Text),
    honoured("except", Shape::Texts),
});
constexpr auto kPeer = std::to_array<ObjectField>({
    honoured("ipBlock", Shape::Map, kIpBlock),
    described("namespaceSelector"),
    described("podSelector"),
});
constexpr auto kPolicyPort = std::to_array<ObjectField>({
    honoured("protocol", Shape::Text),
    honoured("port", Shape::Text),
    honoured("endPort", Shape::Number),
});
constexpr auto kEgressRule = std::to_array<ObjectField>({
    honoured("to", Shape::Maps, kPeer),
    honoured("ports", Shape::Maps, kPolicyPort),
});
constexpr auto kNetworkPolicy = std::to_array<ObjectField>({
    honoured("podSelector", Shape::Map, kSelector),
    honoured("policyTypes", Shape::Texts),
    honoured("egress", Shape::Maps, kEgressRule),
    described("ingress"),
});

}  // namespace

std::span<const ObjectField> api_gateway_fields() {
    return kGateway;
}
std::span<const ObjectField> http_route_fields() {
    return kHttpRoute;
}
std::span<const ObjectField> tls_route_fields() {
    return kTlsRoute;
}
std::span<const ObjectField> network_policy_fields() {
    return kNetworkPolicy;
}

}  // namespace sallyport::cfg::kubernetes

// SPDX-License-Identifier: Apache-2.0
#include "config/kubernetes/kinds.h"

#include <array>

#include "config/kubernetes/fields.h"

namespace sallyport::cfg::kubernetes {
namespace {

constexpr auto kIstioVersions = std::to_array<std::string_view>({"v1", "v1beta1", "v1alpha3"});
constexpr auto kApiVersions = std::to_array<std::string_view>({"v1", "v1beta1"});
constexpr auto kTlsRouteVersions = std::to_array<std::string_view>({"v1", "v1alpha3", "v1alpha2"});
constexpr auto kPolicyVersions = std::to_array<std::string_view>({"v1"});

constexpr auto kMetadata = std::to_array<ObjectField>({
    honoured("name", Shape::Text),
    honoured("namespace", Shape::Text),
    described("labels"),
    described("annotations"),
    described("generateName"),
    described("uid"),
    described("resourceVersion"),
    described("generation"),
    described("creationTimestamp"),
    described("deletionTimestamp"),
    described("deletionGracePeriodSeconds"),
    described("ownerReferences"),
    described("finalizers"),
    described("managedFields"),
    described("selfLink"),
});
// `spec` is checked along the table of the kind.
constexpr auto kObject = std::to_array<ObjectField>({
    honoured("apiVersion", Shape::Text),
    honoured("kind", Shape::Text),
    honoured("metadata", Shape::Map, kMetadata),
    honoured("spec", Shape::Anything),
    described("status"),
});

}  // namespace

std::span<const KindInfo> all_kinds() {
    static const auto kKinds = std::to_array<KindInfo>({
        {Kind::ServiceEntry, "ServiceEntry", kIstioGroup, kIstioVersions, service_entry_fields()},
        {Kind::Gateway, "Gateway", kIstioGroup, kIstioVersions, gateway_fields()},
        {Kind::VirtualService, "VirtualService", kIstioGroup, kIstioVersions,
         virtual_service_fields()},
        {Kind::DestinationRule, "DestinationRule", kIstioGroup, kIstioVersions,
         destination_rule_fields()},
        {Kind::ApiGateway, "Gateway", kApiGroup, kApiVersions, api_gateway_fields()},
        {Kind::HttpRoute, "HTTPRoute", kApiGroup, kApiVersions, http_route_fields()},
        {Kind::TlsRoute, "TLSRoute", kApiGroup, kTlsRouteVersions, tls_route_fields()},
        {Kind::NetworkPolicy, "NetworkPolicy", kNetworkPolicyGroup, kPolicyVersions,
         network_policy_fields()},
    });
    return kKinds;
}

const KindInfo& info_of(Kind kind) {
    return all_kinds()[static_cast<std::size_t>(kind)];
}

std::span<const ObjectField> object_fields() {
    return kObject;
}

}  // namespace sallyport::cfg::kubernetes

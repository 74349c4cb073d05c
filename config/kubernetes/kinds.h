// SPDX-License-Identifier: Apache-2.0
// The kinds of objects that are read, each with its table of fields.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "config/kubernetes/object_field.h"

namespace sallyport::cfg::kubernetes {

enum class Kind : std::uint8_t {
    ServiceEntry,
    Gateway,  // of Istio
    VirtualService,
    DestinationRule,
    ApiGateway,  // kind Gateway of the Gateway API
    HttpRoute,
    TlsRoute,
    NetworkPolicy,
};

struct KindInfo {
    Kind kind;
    std::string_view name;   // as `kind:` says it
    std::string_view group;  // apiVersion before the slash
    std::span<const std::string_view> versions;
    std::span<const ObjectField> spec;
};

inline constexpr std::string_view kIstioGroup = "networking.istio.io";
inline constexpr std::string_view kApiGroup = "gateway.networking.k8s.io";
inline constexpr std::string_view kNetworkPolicyGroup = "networking.k8s.io";

std::span<const KindInfo> all_kinds();
const KindInfo& info_of(Kind kind);
// What stands beside `spec`, the same in every kind.
std::span<const ObjectField> object_fields();

// The tables, one for each kind (fields_*.cc).
std::span<const ObjectField> service_entry_fields();
std::span<const ObjectField> gateway_fields();
std::span<const ObjectField> virtual_service_fields();
std::span<const ObjectField> destination_rule_fields();
std::span<const ObjectField> api_gateway_fields();
std::span<const ObjectField> http_route_fields();
std::span<const ObjectField> tls_route_fields();
std::span<const ObjectField> network_policy_fields();

}  // namespace sallyport::cfg::kubernetes

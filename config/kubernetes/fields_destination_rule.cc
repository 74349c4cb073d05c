// SPDX-License-Identifier: Apache-2.0
// The fields of DestinationRule (networking.istio.io).
#include <array>

#include "config/kubernetes/fields.h"
#include "config/kubernetes/kinds.h"

namespace sallyport::cfg::kubernetes {
namespace {

constexpr auto kPortSelector = std::to_array<ObjectField>({
    honoured("number", Shape::Number),
});
constexpr auto kKeepalive = std::to_array<ObjectField>({
    honoured("probes", Shape::Number),
    honoured("time", Shape::Text),
    honoured("interval", Shape::Text),
});
constexpr auto kTcpPool = std::to_array<ObjectField>({
    honoured("maxConnections", Shape::Number),
    honoured("connectTimeout", Shape::Text),
    honoured("tcpKeepalive", Shape::Map, kKeepalive),
    honoured("maxConnectionDuration", Shape::Text),
    honoured("idleTimeout", Shape::Text),
});
constexpr auto kPool = std::to_array<ObjectField>({
    honoured("tcp", Shape::Map, kTcpPool),
    warned("http", "connections to servers are not pooled"),
});
constexpr auto kBalancer = std::to_array<ObjectField>({
    honoured("simple", Shape::Text),
    warned("consistentHash", "the gate chooses by load or by turns"),
    warned("localityLbSetting", "the gate does not prefer servers by their place"),
    warned("warmupDurationSecs", "new servers get their share at once"),
    warned("warmup", "new servers get their share at once"),
});
constexpr auto kClientTls = std::to_array<ObjectField>({
    honoured("mode", Shape::Text),
    refused("sni", kNoTermination),
    refused("subjectAltNames", kNoTermination),
    refused("caCertificates", kNoTermination),
    refused("clientCertificate", kNoTermination),
    refused("privateKey", kNoTermination),
    refused("credentialName", kNoTermination),
    refused("caCrl", kNoTermination),
    refused("insecureSkipVerify", kNoTermination),
});
constexpr std::string_view kResting = "addresses that fail rest a while by themselves";

constexpr auto kPortPolicy = std::to_array<ObjectField>({
    honoured("port", Shape::Map, kPortSelector),
    honoured("connectionPool", Shape::Map, kPool),
    honoured("loadBalancer", Shape::Map, kBalancer),
    honoured("tls", Shape::Map, kClientTls),
    warned("outlierDetection", kResting),
});
constexpr auto kTrafficPolicy = std::to_array<ObjectField>({
    honoured("connectionPool", Shape::Map, kPool),
    honoured("loadBalancer", Shape::Map, kBalancer),
    honoured("tls", Shape::Map, kClientTls),
    honoured("portLevelSettings", Shape::Maps, kPortPolicy),
    warned("outlierDetection", kResting),
    warned("retryBudget", "the gate repeats no request"),
    refused("tunnel", "the gate does not ask another proxy to connect"),
    refused("proxyProtocol", kNoRewriting),
});
constexpr auto kSubset = std::to_array<ObjectField>({
    honoured("name", Shape::Text),
    honoured("labels", Shape::Labels),
    honoured("trafficPolicy", Shape::Map, kTrafficPolicy),
});
constexpr auto kDestinationRule = std::to_array<ObjectField>({
    honoured("host", Shape::Text),
    honoured("trafficPolicy", Shape::Map, kTrafficPolicy),
    honoured("subsets", Shape::Maps, kSubset),
    honoured("exportTo", Shape::Texts),
    refused("workloadSelector", "the policy would hold for some clients of the host only"),
});

}  // namespace

std::span<const ObjectField> destination_rule_fields() {
    return kDestinationRule;
}

}  // namespace sallyport::cfg::kubernetes

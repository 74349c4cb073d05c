// SPDX-License-Identifier: Apache-2.0
// The fields of ServiceEntry, Gateway and VirtualService (networking.istio.io).
#include <array>

#include "config/kubernetes/fields.h"
#include "config/kubernetes/kinds.h"

namespace sallyport::cfg::kubernetes {
namespace {

constexpr auto kServicePort = std::to_array<ObjectField>({
    honoured("number", Shape::Number),
    honoured("protocol", Shape::Text),
    honoured("name", Shape::Text),
    honoured("targetPort", Shape::Number),
});
constexpr auto kEndpoint = std::to_array<ObjectField>({
    honoured("address", Shape::Text),
    honoured("ports", Shape::Numbers),
    honoured("labels", Shape::Labels),
    honoured("weight", Shape::Number),
    warned("network", kNoMesh),
    warned("locality", "the gate does not prefer servers by their place"),
    warned("serviceAccount", kNoMesh),
});
constexpr auto kServiceEntry = std::to_array<ObjectField>({
    honoured("hosts", Shape::Texts),
    honoured("addresses", Shape::Texts),
    honoured("ports", Shape::Maps, kServicePort),
    honoured("location", Shape::Text),
    honoured("resolution", Shape::Text),
    honoured("endpoints", Shape::Maps, kEndpoint),
    honoured("exportTo", Shape::Texts),
    refused("workloadSelector", "pods are known to Kubernetes alone; list endpoints instead"),
    refused("subjectAltNames", "certificates of servers are not checked"),
});

constexpr auto kServerPort = std::to_array<ObjectField>({
    honoured("number", Shape::Number),
    honoured("protocol", Shape::Text),
    honoured("name", Shape::Text),
    warned("targetPort", "it is deprecated, and the gate listens on the number"),
});
constexpr auto kServerTls = std::to_array<ObjectField>({
    honoured("mode", Shape::Text),
    refused("httpsRedirect", "the gate sends no redirects"),
    refused("serverCertificate", kNoTermination),
    refused("privateKey", kNoTermination),
    refused("caCertificates", kNoTermination),
    refused("caCrl", kNoTermination),
    refused("credentialName", kNoTermination),
    refused("credentialNames", kNoTermination),
    refused("caCertCredentialName", kNoTermination),
    refused("tlsCertificates", kNoTermination),
    refused("subjectAltNames", kNoTermination),
    refused("verifyCertificateSpki", kNoTermination),
    refused("verifyCertificateHash", kNoTermination),
    refused("minProtocolVersion", "versions of TLS are not judged"),
    refused("maxProtocolVersion", "versions of TLS are not judged"),
    refused("cipherSuites", kNoTermination),
    refused("insecureSkipVerify", kNoTermination),
});
constexpr auto kServer = std::to_array<ObjectField>({
    honoured("port", Shape::Map, kServerPort),
    honoured("hosts", Shape::Texts),
    honoured("name", Shape::Text),
    honoured("tls", Shape::Map, kServerTls),
    refused("bind", "the gate takes connections to every address, not to one of its own"),
    warned("defaultEndpoint", "it is not implemented in Istio either"),
});
constexpr auto kGateway = std::to_array<ObjectField>({
    honoured("selector", Shape::Labels),
    honoured("servers", Shape::Maps, kServer),
});

constexpr auto kPortSelector = std::to_array<ObjectField>({
    honoured("number", Shape::Number),
});
constexpr auto kDestination = std::to_array<ObjectField>({
    honoured("host", Shape::Text),
    honoured("subset", Shape::Text),
    honoured("port", Shape::Map, kPortSelector),
});
constexpr auto kRouteDestination = std::to_array<ObjectField>({
    honoured("destination", Shape::Map, kDestination),
    honoured("weight", Shape::Number),
});
constexpr auto kHttpDestination = std::to_array<ObjectField>({
    honoured("destination", Shape::Map, kDestination),
    honoured("weight", Shape::Number),
    refused("headers", kNoRewriting),
});
constexpr auto kStringMatch = std::to_array<ObjectField>({
    honoured("exact", Shape::Text),
    honoured("prefix", Shape::Text),
    honoured("regex", Shape::Text),
});
constexpr auto kHttpMatch = std::to_array<ObjectField>({
    honoured("name", Shape::Text),
    honoured("port", Shape::Number),
    honoured("gateways", Shape::Texts),
    honoured("sourceLabels", Shape::Labels),
    honoured("sourceNamespace", Shape::Text),
    honoured("uri", Shape::Map, kStringMatch),
    described("statPrefix"),
    refused("scheme", kHostOnly),
    refused("method", kHostOnly),
    refused("authority", "write the names as hosts of the object"),
    refused("headers", kHostOnly),
    refused("withoutHeaders", kHostOnly),
    refused("queryParams", kHostOnly),
    refused("ignoreUriCase", kHostOnly),
});
constexpr auto kHttpRule = std::to_array<ObjectField>({
    honoured("name", Shape::Text),
    honoured("match", Shape::Maps, kHttpMatch),
    honoured("route", Shape::Maps, kHttpDestination),
    refused("redirect", "the gate sends no redirects"),
    refused("directResponse", "the gate answers with its own pages alone"),
    refused("delegate", "routes of other objects are not drawn in"),
    refused("rewrite", kNoRewriting),
    refused("fault", "the gate makes no faults"),
    refused("mirror", "each request goes to one server"),
    refused("mirrors", "each request goes to one server"),
    refused("mirrorPercent", "each request goes to one server"),
    refused("mirrorPercentage", "each request goes to one server"),
    refused("corsPolicy", kNoRewriting),
    refused("headers", kNoRewriting),
    warned("timeout", "the time of a request is not limited"),
    warned("retries", "the gate tries further addresses by itself, and repeats no request"),
});
constexpr auto kTlsMatch = std::to_array<ObjectField>({
    honoured("sniHosts", Shape::Texts),
    honoured("port", Shape::Number),
    honoured("gateways", Shape::Texts),
    honoured("sourceLabels", Shape::Labels),
    honoured("sourceNamespace", Shape::Text),
    refused("destinationSubnets", "TLS is judged by name and port"),
});
constexpr auto kTlsRule = std::to_array<ObjectField>({
    honoured("match", Shape::Maps, kTlsMatch),
    honoured("route", Shape::Maps, kRouteDestination),
});
constexpr auto kTcpMatch = std::to_array<ObjectField>({
    honoured("destinationSubnets", Shape::Texts),
    honoured("port", Shape::Number),
    honoured("sourceSubnet", Shape::Text),
    honoured("gateways", Shape::Texts),
    honoured("sourceLabels", Shape::Labels),
    honoured("sourceNamespace", Shape::Text),
});
constexpr auto kTcpRule = std::to_array<ObjectField>({
    honoured("match", Shape::Maps, kTcpMatch),
    honoured("route", Shape::Maps, kRouteDestination),
});
constexpr auto kVirtualService = std::to_array<ObjectField>({
    honoured("hosts", Shape::Texts),
    honoured("gateways", Shape::Texts),
    honoured("exportTo", Shape::Texts),
    honoured("http", Shape::Maps, kHttpRule),
    honoured("tls", Shape::Maps, kTlsRule),
    honoured("tcp", Shape::Maps, kTcpRule),
});

}  // namespace

std::span<const ObjectField> service_entry_fields() {
    return kServiceEntry;
}
std::span<const ObjectField> gateway_fields() {
    return kGateway;
}
std::span<const ObjectField> virtual_service_fields() {
    return kVirtualService;
}

}  // namespace sallyport::cfg::kubernetes

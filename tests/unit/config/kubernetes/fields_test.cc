// SPDX-License-Identifier: Apache-2.0
// Every field of every table. Refused fields are errors that name them, fields without effect are
// warnings, and both only where this gate carries the object out. Honoured fields that depend on a
// value (another mode, another match) are here as well; what the rest come to is in rules_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "config/kubernetes/kinds.h"
#include "config/kubernetes/object_field.h"
#include "tests/unit/config/kubernetes/support.h"

namespace sallyport::cfg::kubernetes::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kHttpObjects = R"(
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: web}
spec:
  hosts: [web.example.com]
  ports: [{number: 80, name: http, protocol: HTTP}]
  resolution: DNS
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: web}
spec:
  selector: {istio: egressgateway}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [web.example.com]}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web}
spec:
  hosts: [web.example.com]
  gateways: [web]
  http:
  - match: [{port: 80}]
    route: [{destination: {host: web.example.com, port: {number: 80}}}]
)";
constexpr std::string_view kTcpObjects = R"(
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: db}
spec:
  hosts: [db.example.com]
  addresses: [192.0.2.0/24]
  ports: [{number: 5432, name: tcp, protocol: TCP}]
  resolution: NONE
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: db}
spec:
  selector: {istio: egressgateway}
  servers: [{port: {number: 5432, name: tcp, protocol: TCP}, hosts: [db.example.com]}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: db}
spec:
  hosts: [db.example.com]
  gateways: [db]
  tcp:
  - match: [{port: 5432}]
    route: [{destination: {host: db.example.com, port: {number: 5432}}}]
)";
constexpr std::string_view kApiObjects = R"(
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: web}
spec:
  hosts: [web.example.com]
  ports: [{number: 80, name: http, protocol: HTTP}]
  resolution: DNS
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: web}
spec:
  gatewayClassName: istio
  listeners: [{name: http, port: 80, protocol: HTTP, hostname: web.example.com}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web}
spec:
  parentRefs: [{name: web}]
  hostnames: [web.example.com]
  rules:
  - matches: [{path: {type: PathPrefix, value: /}}]
    backendRefs: [{kind: Hostname, group: networking.istio.io, name: web.example.com, port: 80}]
)";
constexpr std::string_view kApiTls = R"(
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: web}
spec:
  hosts: [web.example.com]
  ports: [{number: 443, name: tls, protocol: TLS}]
  resolution: DNS
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: web}
spec:
  gatewayClassName: sallyport
  listeners:
  - {name: tls, port: 443, protocol: TLS, tls: {mode: Passthrough}}
---
apiVersion: gateway.networking.k8s.io/v1alpha3
kind: TLSRoute
metadata: {name: web}
spec:
  parentRefs: [{name: web}]
  hostnames: [web.example.com]
  rules:
  - backendRefs: [{kind: Hostname, group: networking.istio.io, name: web.example.com, port: 443}]
)";
constexpr std::string_view kTraffic = R"(
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: traffic}
spec:
  host: web.example.com
  trafficPolicy: {portLevelSettings: [{port: {number: 80}}]}
  subsets: [{name: all, trafficPolicy: {connectionPool: {tcp: {maxConnections: 5}}}}]
)";
constexpr std::string_view kNetworkPolicy = R"(
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: out}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
  - to: [{ipBlock: {cidr: 192.0.2.0/24}}]
    ports: [{protocol: TCP, port: 25}]
)";

// One piece of some objects, replaced.
struct Case {
    std::string_view field;  // as the finding names it
    std::string objects;
    std::string_view piece, by;
    friend std::ostream& operator<<(std::ostream& out, const Case& c) {
        return out << c.field << " by " << c.by;
    }
};

std::string http_and_traffic() {
    return documents({kHttpObjects, kTraffic});
}

LoadResult load(const Case& tested) {
    return load_text(with(tested.objects, tested.piece, tested.by), "objects.yaml");
}

// `key` with any value, as the first key of the map that begins with `piece`.
Case adding(std::string_view field, std::string objects, std::string_view piece,
            std::string_view by) {
    return {field, std::move(objects), piece, by};
}

std::vector<Case> refused_cases() {
    const std::string tls = documents({kEntry, kGateway, kService});
    const std::string http(kHttpObjects), api(kApiObjects), api_tls(kApiTls),
        policy(kNetworkPolicy), traffic = http_and_traffic();
    std::vector<Case> cases = {
        // d.1 ServiceEntry
        adding("workloadSelector", tls, "  resolution: DNS",
               "  resolution: DNS\n  workloadSelector: {labels: {a: b}}"),
        adding("subjectAltNames", tls, "  resolution: DNS",
               "  resolution: DNS\n  subjectAltNames: [a.example]"),
        adding("exportTo", tls, "  resolution: DNS", "  resolution: DNS\n  exportTo: [\".\"]"),
        adding("NONE", tls, "resolution: DNS", "resolution: NONE"),
        adding("addresses", tls, "  resolution: DNS",
               "  resolution: DNS\n  addresses: [192.0.2.1]"),
        adding("HTTP2", http, "protocol: HTTP}]", "protocol: HTTP2}]"),
        adding("GRPC", http, "protocol: HTTP}]", "protocol: GRPC}]"),
        adding("unix", tls, "resolution: DNS",
               "resolution: STATIC\n  endpoints: [{address: \"unix:///tmp/s\"}]"),
        // d.2 Gateway
        adding("bind", tls, "    tls: {mode: PASSTHROUGH}",
               "    tls: {mode: PASSTHROUGH}\n    bind: 192.0.2.1"),
        // d.3 VirtualService
        adding("destinationSubnets", tls, "{port: 443, sniHosts",
               "{destinationSubnets: [192.0.2.0/24], port: 443, sniHosts"),
        adding("sourceLabels", tls, "{port: 443, sniHosts",
               "{sourceLabels: {a: b}, port: 443, sniHosts"),
        adding("sourceNamespace", tls, "{port: 443, sniHosts",
               "{sourceNamespace: web, port: 443, sniHosts"),
        adding("sourceLabels", tls, "{port: 443, sniHosts",
               "{gateways: [mesh], sourceLabels: {a: b}, sniHosts"),
        adding("exportTo", tls, "  gateways: [egress]", "  gateways: [egress]\n  exportTo: [web]"),
        adding("sourceLabels", std::string(kTcpObjects), "[{port: 5432}]",
               "[{port: 5432, sourceLabels: {a: b}}]"),
        adding("uri", http, "[{port: 80}]", "[{port: 80, uri: {exact: /}}]"),
        adding("uri", http, "[{port: 80}]", "[{port: 80, uri: {regex: .*}}]"),
        adding("headers", http, "{destination: {host: web.",
               "{headers: {}, destination: {host: web."),
        // d.4 DestinationRule
        adding("workloadSelector", traffic, "  host: web", "  workloadSelector: {}\n  host: web"),
        adding("exportTo", traffic, "  host: web", "  exportTo: [web]\n  host: web"),
        adding("tunnel", traffic, "{portLevelSettings",
               "{tunnel: {protocol: CONNECT}, portLevelSettings"),
        adding("proxyProtocol", traffic, "{portLevelSettings",
               "{proxyProtocol: {version: V2}, portLevelSettings"),
        adding("tls.mode 'SIMPLE'", traffic, "{portLevelSettings",
               "{tls: {mode: SIMPLE}, portLevelSettings"),
        adding("tls.mode 'MUTUAL'", traffic, "{port: {number: 80}}",
               "{port: {number: 80}, tls: {mode: MUTUAL}}"),
        adding("tls.mode 'ISTIO_MUTUAL'", traffic, "{connectionPool",
               "{tls: {mode: ISTIO_MUTUAL}, connectionPool"),
        adding("PASSTHROUGH", traffic, "{portLevelSettings: [{port: {number: 80}}]}",
               "{loadBalancer: {simple: PASSTHROUGH}}"),
        // d.5 Gateway API
        adding("ends TLS", api_tls, "mode: Passthrough", "mode: Terminate"),
        adding("ends TLS", api_tls, ", tls: {mode: Passthrough}", ""),
        adding("HTTPS", api, "protocol: HTTP,", "protocol: HTTPS,"),
        adding("UDP", api, "protocol: HTTP,", "protocol: UDP,"),
        adding("certificateRefs", api_tls, "{mode: Passthrough}",
               "{mode: Passthrough, certificateRefs: []}"),
        adding("options", api_tls, "{mode: Passthrough}", "{mode: Passthrough, options: {}}"),
        adding("frontendValidation", api_tls, "{mode: Passthrough}",
               "{mode: Passthrough, frontendValidation: {}}"),
        adding("labels of namespaces", api, "protocol: HTTP,",
               "protocol: HTTP, allowedRoutes: {namespaces: {from: Selector, selector: "
               "{matchLabels: {a: b}}}},"),
        adding("addresses", api, "gatewayClassName: istio",
               "gatewayClassName: istio\n  addresses: [{value: 192.0.2.1}]"),
        adding("backendTLS", api, "gatewayClassName: istio",
               "gatewayClassName: istio\n  backendTLS: {}"),
        adding("tls", api, "gatewayClassName: istio", "gatewayClassName: istio\n  tls: {}"),
        adding("path", api, "value: /", "value: /a"),
        adding("path", api, "type: PathPrefix", "type: Exact"),
        adding("filters", api, "{kind: Hostname", "{filters: [], kind: Hostname"),
        adding("kind 'Service'", api, "kind: Hostname, group: networking.istio.io", "kind: Service"),
        adding("kind 'Backend'", api, "kind: Hostname", "kind: Backend"),
        // d.6 NetworkPolicy
        adding("podSelector", policy, "podSelector: {}", "podSelector: {matchLabels: {a: b}}"),
        adding("named port", policy, "port: 25", "port: smtp"),
        adding("SCTP", policy, "protocol: TCP", "protocol: SCTP"),
        adding("all ports", policy, ", port: 25", ""),
        adding("range", policy, "port: 25", "port: 25, endPort: 60000"),
        adding("matchExpressions", policy, "podSelector: {}",
               "podSelector: {matchExpressions: []}"),
    };
    for (const ObjectField& field : gateway_fields()[1].below[3].below)
        if (field.treatment == Treatment::Refused)
            cases.push_back({field.key, tls, "{mode: PASSTHROUGH}", "{}"});
    return cases;
}

class Refused : public ::testing::TestWithParam<Case> {};

TEST_P(Refused, IsAnErrorThatNamesIt) {
    Case tested = GetParam();
    const std::string added = '{' + std::string(tested.field) + ": x}";
    if (tested.by == "{}") tested.by = added;
    const LoadResult result = load(tested);
    EXPECT_FALSE(result.model.has_value());
    std::vector<std::string> said;
    for (const Finding& finding : result.findings)
        if (finding.code == "SP1603" || finding.code == "SP1607") said.push_back(finding.message);
    EXPECT_THAT(said, Contains(HasSubstr(tested.field))) << format_findings(result.findings);
}

INSTANTIATE_TEST_SUITE_P(Fields, Refused, ::testing::ValuesIn(refused_cases()));

// What stands in a table without further ado is put into the objects by its key.
struct Place {
    std::string_view what;
    std::span<const ObjectField> fields;
    std::string objects;
    std::string_view piece;  // ends where a key may be added
    std::string_view separator;
};

std::span<const ObjectField> below(std::span<const ObjectField> fields, std::string_view key) {
    for (const ObjectField& field : fields)
        if (field.key == key) return field.below;
    __builtin_trap();
}

std::vector<Place> places() {
    const auto http = below(virtual_service_fields(), "http");
    const auto api_rule = below(http_route_fields(), "rules");
    const auto policy = below(destination_rule_fields(), "trafficPolicy");
    return {
        {"http", http, std::string(kHttpObjects), "  - match: [{port: 80}]\n    ", "\n    "},
        {"http match", below(http, "match"), std::string(kHttpObjects), "match: [{", ", "},
        {"http route", below(http, "route"), std::string(kHttpObjects), "route: [{", ", "},
        {"entry endpoint", below(service_entry_fields(), "endpoints"),
         with(kHttpObjects, "resolution: DNS",
              "resolution: STATIC\n  endpoints: [{address: 192.0.2.1}]"),
         "endpoints: [{", ", "},
        {"gateway server", below(gateway_fields(), "servers"), std::string(kHttpObjects),
         "servers: [{", ", "},
        {"api gateway", api_gateway_fields(), std::string(kApiObjects),
         "  gatewayClassName: istio\n  ", "\n  "},
        {"http route", http_route_fields(), std::string(kApiObjects),
         "  parentRefs: [{name: web}]\n  ", "\n  "},
        {"api rule", api_rule, std::string(kApiObjects), "  rules:\n  - ", "\n    "},
        {"api match", below(api_rule, "matches"), std::string(kApiObjects), "matches: [{", ", "},
        {"tls route", tls_route_fields(), std::string(kApiTls), "  parentRefs: [{name: web}]\n  ",
         "\n  "},
        {"policy", policy, http_and_traffic(), "trafficPolicy: {", ", "},
        {"port policy", below(policy, "portLevelSettings"), http_and_traffic(),
         "portLevelSettings: [{", ", "},
        {"pool", below(policy, "connectionPool"), http_and_traffic(), "connectionPool: {", ", "},
    };
}

TEST(Fields, OfTheTablesAreRefusedOrWarnedOfByName) {
    for (const Place& place : places())
        for (const ObjectField& field : place.fields) {
            if (field.treatment != Treatment::Refused && field.treatment != Treatment::Warned)
                continue;
            SCOPED_TRACE(std::string(place.what) + ": " + std::string(field.key));
            const std::string by = std::string(place.piece) + std::string(field.key) + ": x" +
                                   std::string(place.separator);
            const LoadResult result =
                load_text(with(place.objects, place.piece, by), "objects.yaml");
            const bool refused = field.treatment == Treatment::Refused;
            ASSERT_THAT(codes_of(result), ElementsAre(refused ? "SP1603" : "SP2201"))
                << format_findings(result.findings);
            EXPECT_THAT(result.findings.front().message,
                        HasSubstr('\'' + std::string(field.key) + '\''));
            EXPECT_EQ(result.findings.front().hint, field.why);
            EXPECT_EQ(result.model.has_value(), !refused);
        }
}

TEST(Fields, WithoutTheOddValueHaveNoFinding) {
    for (const std::string& objects :
         {documents({kEntry, kGateway, kService}), std::string(kHttpObjects),
          std::string(kTcpObjects), std::string(kApiObjects), std::string(kApiTls),
          http_and_traffic(), std::string(kNetworkPolicy)}) {
        const LoadResult result = load_text(objects, "objects.yaml");
        EXPECT_THAT(codes_of(result), IsEmpty()) << format_findings(result.findings);
    }
}

// What somebody else carries out may ask for anything.
TEST(Fields, OfOthersAreNotRefused) {
    const std::string foreign = with(kGateway, "istio: egressgateway", "istio: ingressgateway");
    const std::string mutual = with(foreign, "PASSTHROUGH", "MUTUAL");
    EXPECT_THAT(codes_of(load_objects({mutual})), IsEmpty());
    const LoadResult mesh = load_text(
        with(with(kHttpObjects, "match: [{port: 80}]",
                  "match: [{port: 80, gateways: [mesh], method: {exact: GET}}]\n    rewrite: {}"),
             "host: web.example.com, port", "host: istio-egressgateway, port"),
        "objects.yaml");
    EXPECT_THAT(codes_of(mesh), IsEmpty()) << format_findings(mesh.findings);
    const std::string traffic = with(
        with(kTraffic, "web.example.com", "istio-egressgateway.istio-system.svc.cluster.local"),
        "{portLevelSettings", "{tls: {mode: ISTIO_MUTUAL, sni: a.example}, portLevelSettings");
    EXPECT_THAT(codes_of(load_objects({traffic})), IsEmpty());
}

TEST(Fields, UnknownOnesAreFoundOnEveryLevel) {
    for (const auto& [piece, by] : std::vector<std::pair<std::string_view, std::string_view>>{
             {"  gateways: [web]", "  gateway: [web]"},
             {"match: [{port: 80}]", "match: [{ports: 80}]"},
             {"destination: {host: web", "destination: {hosts: web"},
             {"selector: {istio", "selectors: {istio"}}) {
        const LoadResult result = load_text(with(kHttpObjects, piece, by), "objects.yaml");
        EXPECT_THAT(codes_of(result), Contains("SP1203")) << by;
        EXPECT_FALSE(result.model.has_value());
        EXPECT_THAT(format_findings(result.findings), HasSubstr("did you mean"));
    }
}

void expect_sound(std::span<const ObjectField> fields) {
    for (const ObjectField& field : fields) {
        const bool says_why =
            field.treatment == Treatment::Refused || field.treatment == Treatment::Warned;
        EXPECT_EQ(says_why, !field.why.empty()) << field.key;
        const bool nested = field.shape == Shape::Map || field.shape == Shape::Maps;
        EXPECT_EQ(nested, !field.below.empty()) << field.key;
        expect_sound(field.below);
    }
}

TEST(Fields, TablesAreSound) {
    for (const KindInfo& info : all_kinds()) {
        EXPECT_EQ(&info, &info_of(info.kind));
        expect_sound(info.spec);
    }
    expect_sound(object_fields());
}

}  // namespace
}  // namespace sallyport::cfg::kubernetes::test

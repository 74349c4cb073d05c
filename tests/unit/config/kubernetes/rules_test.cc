// SPDX-License-Identifier: Apache-2.0
// What honoured fields come to: rules, and what the compiled policy says of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "config/kubernetes/view.h"
#include "tests/unit/config/kubernetes/support.h"

namespace sallyport::cfg::kubernetes::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The three objects with one piece of one of them replaced.
LoadResult changed(std::string_view piece, std::string_view by, std::string_view more = {}) {
    return load_text(with(documents({kEntry, kGateway, kService}), piece, by) + std::string(more),
                     "objects.yaml");
}

const Rule& only_rule(const LoadResult& result) {
    EXPECT_THAT(errors_of(result), IsEmpty()) << format_findings(result.findings);
    EXPECT_EQ(result.model.value().policy.rules.size(), 1U);
    return result.model->policy.rules.at(0);
}

TEST(Rules, TakeThreeObjects) {
    const Policy open(load_objects({kEntry, kGateway, kService}));
    EXPECT_TRUE(open.tls("www.example.com"));
    EXPECT_FALSE(open.http("www.example.com", 443) || open.tls("example.com"));
    for (const LoadResult& result :
         {load_objects({kEntry, kGateway}), load_objects({kEntry, kService}),
          load_objects({kGateway, kService}), load_objects({kService})})
        EXPECT_THAT(result.model.value().policy.rules, IsEmpty());
}

TEST(Rules, SayWhereSessionsGo) {
    const LoadResult result = load_objects({kEntry, kGateway, kService});
    const Rule& rule = only_rule(result);
    EXPECT_EQ(rule.name, "default.example.0");
    EXPECT_EQ(rule.upstream.destination, Destination::Resolved);
    EXPECT_EQ(rule.upstream.cluster_host, "www.example.com");
    EXPECT_EQ(rule.upstream.cluster_port, 443);
    EXPECT_EQ(rule.upstream.balance, Balance::LeastLoaded);
    EXPECT_THAT(rule.protocols, ElementsAre(ProtocolPort{Protocol::Tls, 443}));
    EXPECT_THAT(rule.sources, IsEmpty());
    EXPECT_FALSE(rule.allow_private);
}

TEST(Rules, StayClosedWhenOnePartDoesNotFit) {
    struct Case {
        std::string_view piece, by, said;
    };
    for (const Case& tested : std::vector<Case>{
             {"hosts: [www.example.com]\n  ports", "hosts: [other.example]\n  ports",
              "no ServiceEntry has the host"},
             {"[{number: 443, name: tls, protocol: TLS}]",
              "[{number: 444, name: tls, protocol: TLS}]", "has no port 443"},
             {"[{number: 443, name: tls, protocol: TLS}]",
              "[{number: 443, name: tls, protocol: HTTP}]", "is HTTP, and the route is of TLS"},
             {"    hosts: [www.example.com]\n    tls", "    hosts: [other.example]\n    tls",
              "has none of the names"},
             {"  - port: {number: 443, name", "  - port: {number: 8443, name",
              "no listener of TLS on port 443"},
             {"gateways: [egress]", "gateways: [other/egress]", "no Gateway 'other/egress'"},
             {"hosts: [www.example.com]\n    tls", "hosts: [other/www.example.com]\n    tls",
              "has none of the names"},
             {"port: {number: 443}}}]", "port: {number: 443}, subset: v1}}]",
              "has a subset 'v1'"}}) {
        SCOPED_TRACE(tested.by);
        const LoadResult result = changed(tested.piece, tested.by);
        ASSERT_THAT(errors_of(result), IsEmpty()) << format_findings(result.findings);
        EXPECT_THAT(result.model->policy.rules, IsEmpty());
        EXPECT_THAT(format_findings(result.findings), HasSubstr(tested.said));
    }
}

TEST(Rules, HaveTheNamesThatListenerRouteAndEntryShare) {
    const std::string entry =
        with(with(kEntry, "[www.example.com]", "[www.example.com, \"*.cdn.example.com\"]"),
             "resolution: DNS", "resolution: STATIC\n  endpoints: [{address: 192.0.2.7}]");
    const std::string gateway = with(kGateway, "[www.example.com]", "[\"default/*.example.com\"]");
    const std::string service = with(with(kService, "hosts: [www.example.com]", "hosts: [\"*\"]"),
                                     "sniHosts: [www.example.com]", "sniHosts: [\"*\"]");
    const LoadResult result = load_objects({entry, gateway, service});
    const Policy policy(result);
    EXPECT_TRUE(policy.tls("www.example.com"));
    EXPECT_TRUE(policy.tls("a.cdn.example.com"));
    EXPECT_TRUE(policy.tls("a.b.cdn.example.com"));
    EXPECT_FALSE(policy.tls("cdn.example.com"));
    EXPECT_FALSE(policy.tls("mail.example.com"));
}

TEST(Rules, HaveNoNameOfAnotherPort) {
    const std::string other = with(with(kEntry, "name: example}", "name: other}"),
                                   "[www.example.com]", "[other.example.com]");
    const std::string far = with(other, "number: 443", "number: 8443");
    const std::string gateway = with(kGateway, "[www.example.com]", "[\"*\"]");
    const std::string service =
        with(with(kService, "hosts: [www.example.com]", "hosts: [\"*\"]"),
             "sniHosts: [www.example.com]", "sniHosts: [\"*.example.com\"]");
    EXPECT_TRUE(Policy(load_objects({kEntry, other, gateway, service})).tls("other.example.com"));
    const Policy policy(load_objects({kEntry, far, gateway, service}));
    EXPECT_TRUE(policy.tls("www.example.com"));
    EXPECT_FALSE(policy.tls("other.example.com"));
}

TEST(Resolution, DynamicDnsAsksForTheNameOfTheClient) {
    const std::string wild = "\"*.example.com\"";
    const std::string entry =
        with(with(kEntry, "www.example.com", wild), "resolution: DNS", "resolution: DYNAMIC_DNS");
    const std::string gateway = with(kGateway, "www.example.com", wild);
    std::string service = with(kService, "hosts: [www.example.com]", "hosts: [" + wild + "]");
    service = with(service, "sniHosts: [www.example.com]", "sniHosts: [" + wild + "]");
    service = with(service, "host: www.example.com", "host: " + wild);
    const LoadResult result = load_objects({entry, gateway, service});
    const Rule& rule = only_rule(result);
    EXPECT_EQ(rule.upstream.destination, Destination::Resolved);
    EXPECT_EQ(rule.upstream.resolve, "");
    EXPECT_EQ(rule.upstream.cluster_host, "*.example.com");
    EXPECT_TRUE(Policy(result).tls("a.example.com"));
    EXPECT_FALSE(Policy(result).tls("example.com"));
}

TEST(Resolution, DnsOfAWildcardIsRefused) {
    EXPECT_THAT(errors_of(load_objects({with(kEntry, "www.example.com", "\"*.example.com\"")})),
                ElementsAre("SP1608"));
}

TEST(Resolution, RoundRobinGoesByTurns) {
    const LoadResult result = changed("resolution: DNS", "resolution: DNS_ROUND_ROBIN");
    EXPECT_EQ(only_rule(result).upstream.balance, Balance::RoundRobin);
}

TEST(Resolution, StaticHasEndpointsWithPortsAndWeights) {
    const LoadResult result = changed("resolution: DNS",
                                      "resolution: STATIC\n"
                                      "  endpoints:\n"
                                      "  - {address: 192.0.2.7, ports: {tls: 8443}, weight: 3}\n"
                                      "  - {address: 192.0.2.8}");
    const Upstream& upstream = only_rule(result).upstream;
    EXPECT_EQ(upstream.destination, Destination::Static);
    EXPECT_THAT(upstream.endpoints, ElementsAre(Endpoint{*IpAddr::parse("192.0.2.7"), 8443, 3},
                                                Endpoint{*IpAddr::parse("192.0.2.8"), 0, 1}));
}

TEST(Resolution, PrivateEndpointsThatAreListedAreMeant) {
    EXPECT_TRUE(only_rule(changed("resolution: DNS",
                                  "resolution: STATIC\n  endpoints: [{address: 10.9.0.7}]"))
                    .allow_private);
}

TEST(Resolution, TargetPortIsDialled) {
    const LoadResult result = changed("protocol: TLS}]", "protocol: TLS, targetPort: 8443}]");
    EXPECT_EQ(only_rule(result).upstream.port, 8443);
    EXPECT_EQ(only_rule(result).upstream.cluster_port, 443);
}

TEST(Resolution, NoneKeepsTheAddressWithinTheList) {
    const LoadResult result =
        changed("resolution: DNS", "resolution: NONE\n  addresses: [192.0.2.0/24, 198.51.100.1]");
    const Upstream& upstream = only_rule(result).upstream;
    EXPECT_EQ(upstream.destination, Destination::Original);
    EXPECT_THAT(upstream.networks,
                ElementsAre(*IpPrefix::parse("192.0.2.0/24"), *IpPrefix::parse("198.51.100.1/32")));
}

TEST(Resolution, DnsEndpointsAreNamesOfTheirOwn) {
    const LoadResult result =
        changed("resolution: DNS",
                "resolution: DNS\n"
                "  endpoints: [{address: a.example.net, weight: 2}, {address: b.example.net}]");
    const Rule& rule = only_rule(result);
    ASSERT_EQ(rule.split.size(), 2U);
    EXPECT_EQ(rule.split[0].resolve, "a.example.net");
    EXPECT_EQ(rule.split[0].weight, 2U);
    EXPECT_EQ(rule.split[1].resolve, "b.example.net");
}

constexpr std::string_view kStaticEntry = R"(
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: example}
spec:
  hosts: [www.example.com]
  ports: [{number: 443, name: tls, protocol: TLS}]
  resolution: STATIC
  endpoints:
  - {address: 192.0.2.7, labels: {version: v1}}
  - {address: 192.0.2.8, labels: {version: v2}}
)";
constexpr std::string_view kTraffic = R"(
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: traffic}
spec:
  host: www.example.com
  trafficPolicy:
    loadBalancer: {simple: ROUND_ROBIN}
    connectionPool:
      tcp:
        maxConnections: 100
        connectTimeout: 1.5s
        idleTimeout: 1h30m
        maxConnectionDuration: 24h
        tcpKeepalive: {probes: 3, time: 60s, interval: 5s}
  subsets:
  - {name: v1, labels: {version: v1}}
  - name: v2
    labels: {version: v2}
    trafficPolicy:
      connectionPool: {tcp: {maxConnections: 7}}
      portLevelSettings: [{port: {number: 8443}, loadBalancer: {simple: LEAST_REQUEST}}]
)";

std::string splitting(std::string_view routes) {
    return with(kService, "[{destination: {host: www.example.com, port: {number: 443}}}]", routes);
}

TEST(Splitting, SharesByWeightAmongSubsets) {
    const std::string service = splitting(
        "[{destination: {host: www.example.com, subset: v1}, weight: 80}, "
        "{destination: {host: www.example.com, subset: v2}, weight: 20}]");
    const LoadResult result = load_objects({kStaticEntry, kTraffic, kGateway, service});
    const Rule& rule = only_rule(result);
    ASSERT_EQ(rule.split.size(), 2U);
    EXPECT_EQ(rule.split[0].weight, 4 * rule.split[1].weight);
    EXPECT_EQ(rule.split[0].cluster_subset, "v1");
    ASSERT_EQ(rule.split[0].endpoints.size(), 1U);
    EXPECT_EQ(rule.split[0].endpoints[0].address, *IpAddr::parse("192.0.2.7"));
    EXPECT_EQ(rule.split[1].endpoints[0].address, *IpAddr::parse("192.0.2.8"));
}

TEST(Splitting, LeavesOutWhatHasNoWeight) {
    const std::string service = splitting(
        "[{destination: {host: www.example.com, subset: v1}, weight: 1}, "
        "{destination: {host: www.example.com, subset: v2}, weight: 0}]");
    const LoadResult result = load_objects({kStaticEntry, kTraffic, kGateway, service});
    EXPECT_THAT(only_rule(result).split, IsEmpty());
    EXPECT_EQ(only_rule(result).upstream.cluster_subset, "v1");
}

TEST(Splitting, WithOneBadReferenceOpensNothing) {
    const std::string service = splitting(
        "[{destination: {host: www.example.com}, weight: 50}, "
        "{destination: {host: absent.example}, weight: 50}]");
    const LoadResult result = load_objects({kEntry, kGateway, service});
    EXPECT_THAT(result.model.value().policy.rules, IsEmpty());
    EXPECT_THAT(conditions_of(result, "VirtualService", "example"),
                ElementsAre("Accepted=True(Accepted)", "ResolvedRefs=False(BackendNotFound)",
                            "Programmed=False(Pending)"));
}

TEST(Traffic, OfAHostHoldsForItsSubsets) {
    const std::string service = splitting("[{destination: {host: www.example.com, subset: v1}}]");
    const LoadResult result = load_objects({kStaticEntry, kTraffic, kGateway, service});
    const Upstream& upstream = only_rule(result).upstream;
    EXPECT_EQ(upstream.max_connections, 100U);
    EXPECT_EQ(upstream.connect_timeout, 1500ms);
    EXPECT_EQ(upstream.idle_timeout, 90min);
    EXPECT_EQ(upstream.max_duration, 24h);
    EXPECT_EQ(upstream.keepalive, (Keepalive{60s, 5s, 3}));
    EXPECT_EQ(upstream.balance, Balance::RoundRobin);
}

TEST(Traffic, OfASubsetReplacesParts) {
    const std::string service = splitting("[{destination: {host: www.example.com, subset: v2}}]");
    const LoadResult result = load_objects({kStaticEntry, kTraffic, kGateway, service});
    const Upstream& upstream = only_rule(result).upstream;
    EXPECT_EQ(upstream.max_connections, 7U);
    EXPECT_EQ(upstream.idle_timeout, std::nullopt);
    EXPECT_EQ(upstream.balance, Balance::RoundRobin);
}

TEST(Traffic, OfAPortReplacesEverything) {
    const std::string service = splitting("[{destination: {host: www.example.com, subset: v2}}]");
    const std::string traffic = with(kTraffic, "number: 8443", "number: 443");
    const LoadResult result = load_objects({kStaticEntry, traffic, kGateway, service});
    const Upstream& upstream = only_rule(result).upstream;
    EXPECT_EQ(upstream.max_connections, 0U);
    EXPECT_EQ(upstream.balance, Balance::LeastLoaded);
}

TEST(Clients, AreThoseOfTheMapOfWorkloads) {
    const auto opens = [](std::string_view piece, std::string_view by) {
        const LoadResult result =
            load_with_workloads(with(documents({kEntry, kGateway, kService}), piece, by));
        EXPECT_THAT(errors_of(result), IsEmpty()) << format_findings(result.findings);
        const Policy policy(result);
        std::string sources;
        for (const char* source : {"10.10.1.2", "10.10.2.2", "10.10.3.2", "10.10.9.9"})
            sources += policy.tls("www.example.com", 443, source) ? '+' : '-';
        return sources;
    };
    EXPECT_EQ(opens("resolution: DNS", "resolution: DNS\n  exportTo: [\"*\"]"), "++++");
    EXPECT_EQ(opens("resolution: DNS", "resolution: DNS\n  exportTo: [\".\"]"), "++--");
    EXPECT_EQ(opens("resolution: DNS", "resolution: DNS\n  exportTo: [other]"), "--+-");
    EXPECT_EQ(opens("gateways: [egress]", "gateways: [egress]\n  exportTo: [\".\"]"), "++--");
    EXPECT_EQ(opens("{port: 443,", "{sourceLabels: {app: web}, port: 443,"), "+-+-");
    EXPECT_EQ(opens("{port: 443,", "{sourceNamespace: other, port: 443,"), "--+-");
    // The pods that sidecars send to the gateway are its clients.
    EXPECT_EQ(opens("  - match: [{port: 443,",
                    "  - match: [{gateways: [mesh], sniHosts: [www.example.com], sourceLabels: "
                    "{app: batch}}]\n"
                    "    route: [{destination: {host: istio-egressgateway}}]\n"
                    "  - match: [{port: 443,"),
              "-+--");
    EXPECT_EQ(opens("resolution: DNS", "resolution: DNS\n  exportTo: [nobody]"), "----");
}

constexpr std::string_view kExported = R"(
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example}
spec:
  host: www.example.com
  exportTo: ["."]
  trafficPolicy: {connectionPool: {tcp: {maxConnections: 7}}}
  subsets: [{name: v2}]
)";

// The connections that the upstream of each client allows; "-": the client is denied.
std::string limits_of(const LoadResult& result) {
    const auto generation = dp::policy::compile(result.model.value());
    std::string out;
    for (const char* source : {"10.10.1.2", "10.10.2.2", "10.10.3.2", "10.10.9.9"}) {
        const auto verdict = generation.policy.match(
            {*IpAddr::parse(source), "www.example.com", {443}, dp::policy::AppProtocol::Tls});
        const bool passes = verdict.decision == dp::policy::Decision::Allow;
        out += passes ? std::to_string(
                            generation.policy.terms(verdict).upstreams.front().max_connections)
                      : "-";
    }
    return out;
}

TEST(Traffic, IsForTheClientsThatItIsExportedTo) {
    const std::string all = documents({kEntry, kGateway, kService, kExported});
    const auto limits = [&](std::string_view piece, std::string_view by) {
        const LoadResult result = load_with_workloads(with(all, piece, by));
        EXPECT_THAT(errors_of(result), IsEmpty()) << format_findings(result.findings);
        return limits_of(result);
    };
    EXPECT_EQ(limits("exportTo: [\".\"]", "exportTo: [\".\"]"), "7700");
    EXPECT_EQ(limits("exportTo: [\".\"]", "exportTo: [other]"), "0070");
    EXPECT_EQ(limits("exportTo: [\".\"]", "exportTo: [other, \"*\"]"), "7777");
    EXPECT_EQ(limits("exportTo: [\".\"]", "exportTo: [\"~\"]"), "0000");
    EXPECT_EQ(limits("port: {number: 443}}}", "subset: v2}}"), "77--")
        << "nobody else knows the subset";
    EXPECT_EQ(limits("{port: 443,", "{sourceNamespace: other, port: 443,"), "--0-");
}

TEST(Traffic, OfOneRouteHasOneAudience) {
    const std::string entry = with(kEntry, "[www.example.com]", "[www.example.com, b.example.com]");
    const std::string service =
        with(kService, "[{destination: {host: www.example.com, port: {number: 443}}}]",
             "[{destination: {host: www.example.com}, weight: 1}, "
             "{destination: {host: b.example.com}, weight: 1}]");
    const std::string second =
        with(with(with(kExported, "{name: example}", "{name: second}"), "host: www.", "host: b."),
             "[\".\"]", "[other]");
    const LoadResult result =
        load_with_workloads(documents({entry, kGateway, service, kExported, second}));
    EXPECT_THAT(errors_of(result), ElementsAre("SP1603")) << format_findings(result.findings);
}

TEST(Names, OverPublicSuffixesAreWarnedOf) {
    const auto codes = [](const std::string& host) {
        const std::string objects = documents(
            {with(kEntry, "resolution: DNS", "resolution: DYNAMIC_DNS"), kGateway, kService});
        std::string wide = objects;
        for (std::size_t at; (at = wide.find("www.example.com")) != std::string::npos;)
            wide.replace(at, 15, '"' + host + '"');
        const LoadResult result = load_text(wide, "objects.yaml");
        EXPECT_FALSE(result.model.value().policy.rules.empty()) << format_findings(result.findings);
        return codes_of(result);
    };
    EXPECT_THAT(codes("*.example.com"), IsEmpty());
    EXPECT_THAT(codes("*.co.uk"), ElementsAre("SP2104"));
    EXPECT_THAT(codes("*.com"), ElementsAre("SP2101"));
}

TEST(GatewayApi, AttachesByNamespaceSectionAndKind) {
    constexpr std::string_view kObjects = R"(
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: egress}
spec:
  gatewayClassName: istio
  listeners:
  - {name: a, port: 443, protocol: TLS, tls: {mode: Passthrough}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: TLSRoute
metadata: {name: out}
spec:
  parentRefs: [{name: egress, sectionName: a, port: 443}]
  hostnames: [www.example.com]
  rules:
  - backendRefs: [{kind: Hostname, group: networking.istio.io, name: www.example.com, port: 443}]
)";
    struct Case {
        std::string_view piece, by;
        std::string accepted;
    };
    for (const Case& tested : std::vector<Case>{
             {"name: out", "name: out", "Accepted=True(Accepted)"},
             {"sectionName: a", "sectionName: b", "Accepted=False(NoMatchingParent)"},
             {"port: 443}]", "port: 444}]", "Accepted=False(NoMatchingParent)"},
             {"metadata: {name: out}", "metadata: {name: out, namespace: other}",
              "Accepted=False(NoMatchingParent)"},
             {"{name: a,", "{allowedRoutes: {namespaces: {from: None}}, name: a,",
              "Accepted=False(NotAllowedByListeners)"},
             {"{name: a,", "{allowedRoutes: {kinds: [{kind: HTTPRoute}]}, name: a,",
              "Accepted=False(NotAllowedByListeners)"},
             {"{name: a,", "{hostname: other.example, name: a,",
              "Accepted=False(NoMatchingListenerHostname)"},
             {"gatewayClassName: istio", "gatewayClassName: nginx", "Accepted=True(NotOurs)"}}) {
        SCOPED_TRACE(tested.by);
        const LoadResult result = load_objects({kEntry, with(kObjects, tested.piece, tested.by)});
        ASSERT_THAT(errors_of(result), IsEmpty()) << format_findings(result.findings);
        EXPECT_EQ(conditions_of(result, "TLSRoute", "out")[0], tested.accepted);
        EXPECT_EQ(Policy(result).tls("www.example.com"),
                  tested.accepted == "Accepted=True(Accepted)");
    }
}

TEST(GatewayApi, TakesRoutesOfOtherNamespacesWhereItSaysSo) {
    constexpr std::string_view kObjects = R"(
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: egress, namespace: gates}
spec:
  gatewayClassName: istio
  listeners:
  - {name: a, port: 443, protocol: TLS, tls: {mode: Passthrough}, allowedRoutes: {namespaces: FROM}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: TLSRoute
metadata: {name: out, namespace: apps}
spec:
  parentRefs: [{name: egress, namespace: gates}]
  hostnames: [www.example.com]
  rules:
  - backendRefs: [{kind: Hostname, group: networking.istio.io, name: www.example.com, port: 443}]
)";
    const auto opens = [&](std::string_view from) {
        return Policy(load_objects({kEntry, with(kObjects, "FROM", from)})).tls("www.example.com");
    };
    EXPECT_TRUE(opens("{from: All}"));
    EXPECT_FALSE(opens("{from: Same}"));
    const auto selector = [](std::string name) {
        return "{from: Selector, selector: {matchLabels: {kubernetes.io/metadata.name: " + name +
               "}}}";
    };
    EXPECT_TRUE(opens(selector("apps")));
    EXPECT_FALSE(opens(selector("other")));
}

constexpr std::string_view kTcp = R"(
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
    route: [{destination: {host: db.example.com}}]
)";

TEST(Tcp, IsALayer4RuleOfTheEntrysAddresses) {
    const Policy policy(load_objects({kTcp}));
    EXPECT_TRUE(policy.flow("192.0.2.9", 5432));
    EXPECT_FALSE(policy.flow("192.0.3.9", 5432));
    EXPECT_FALSE(policy.flow("192.0.2.9", 5433));
    const Policy narrow(load_objects({with(
        kTcp, "[{port: 5432}]",
        "[{port: 5432, destinationSubnets: [192.0.2.128/25], sourceSubnet: 10.10.1.0/24}]")}));
    EXPECT_TRUE(narrow.flow("192.0.2.129", 5432));
    EXPECT_FALSE(narrow.flow("192.0.2.9", 5432));
    EXPECT_FALSE(narrow.flow("192.0.2.129", 5432, dp::policy::FlowProtocol::Tcp, "10.10.2.2"));
}

TEST(Tcp, WithoutAddressesIsRefused) {
    const std::string objects = with(with(kTcp, "  addresses: [192.0.2.0/24]\n", ""),
                                     "resolution: NONE", "resolution: DNS");
    EXPECT_THAT(errors_of(load_objects({objects})), ElementsAre("SP1603"));
}

constexpr std::string_view kNetworkPolicy = R"(
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: out}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
  - to:
    - ipBlock: {cidr: 192.0.2.0/24, except: [192.0.2.64/26, 192.0.2.1/32]}
    - namespaceSelector: {}
    ports:
    - {protocol: UDP, port: 123}
    - {protocol: TCP, port: 8000, endPort: 8002}
)";

TEST(NetworkPolicy, OpensNetworksWithoutTheirExceptions) {
    using dp::policy::FlowProtocol;
    const LoadResult result = load_objects({kNetworkPolicy});
    EXPECT_THAT(codes_of(result), IsEmpty());
    const Policy policy(result);
    EXPECT_TRUE(policy.flow("192.0.2.2", 123, FlowProtocol::Udp));
    EXPECT_TRUE(policy.flow("192.0.2.0", 123, FlowProtocol::Udp));
    EXPECT_TRUE(policy.flow("192.0.2.200", 8002));
    EXPECT_FALSE(policy.flow("192.0.2.1", 8002));
    EXPECT_FALSE(policy.flow("192.0.2.100", 8002));
    EXPECT_FALSE(policy.flow("192.0.2.200", 8003));
    EXPECT_FALSE(policy.flow("192.0.2.200", 123));
    EXPECT_FALSE(policy.flow("192.0.1.200", 8002));
    EXPECT_EQ(result.model->policy.rules.at(0).name, "default.out.0");
}

TEST(NetworkPolicy, IsForThePodsThatItPicks) {
    using dp::policy::FlowProtocol;
    const Policy policy(load_with_workloads(
        with(kNetworkPolicy, "podSelector: {}", "podSelector: {matchLabels: {app: web}}")));
    EXPECT_TRUE(policy.flow("192.0.2.2", 123, FlowProtocol::Udp, "10.10.1.2"));
    EXPECT_FALSE(policy.flow("192.0.2.2", 123, FlowProtocol::Udp, "10.10.2.2"));
    EXPECT_FALSE(policy.flow("192.0.2.2", 123, FlowProtocol::Udp, "10.10.3.2"));
}

TEST(Durations, AreThoseOfGo) {
    EXPECT_EQ(parse_go_duration("10s"), 10s);
    EXPECT_EQ(parse_go_duration("1.5s"), 1500ms);
    EXPECT_EQ(parse_go_duration("1h30m"), 90min);
    EXPECT_EQ(parse_go_duration("5ms"), 5ms);
    for (const char* bad : {"", "s", "10", "10 s", "-1s", "1e3s", "inf", "10x", "99999999999999h"})
        EXPECT_EQ(parse_go_duration(bad), std::nullopt) << bad;
}

}  // namespace
}  // namespace sallyport::cfg::kubernetes::test

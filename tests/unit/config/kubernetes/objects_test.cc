// SPDX-License-Identifier: Apache-2.0
// Objects as such: lists, names that are taken, conditions, and sets of names.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "config/kubernetes/name_set.h"
#include "config/kubernetes/values.h"
#include "tests/unit/config/kubernetes/support.h"

namespace sallyport::cfg::kubernetes::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Objects, MayStandInAList) {
    const LoadResult result = load_objects({R"(
apiVersion: v1
kind: List
metadata: {resourceVersion: ""}
items:
- apiVersion: networking.istio.io/v1alpha3
  kind: ServiceEntry
  metadata: {name: a, creationTimestamp: null}
  spec: {hosts: [a.example], ports: [{number: 443, name: tls, protocol: TLS}], resolution: DNS}
  status: {}
- apiVersion: v1
  kind: List
  items:
  - apiVersion: networking.istio.io/v1beta1
    kind: ServiceEntry
    metadata: {name: a, namespace: other}
    spec: {hosts: [b.example], ports: [{number: 443, name: tls, protocol: TLS}], resolution: DNS}
)"});
    EXPECT_THAT(codes_of(result), IsEmpty()) << format_findings(result.findings);
    EXPECT_EQ(result.model.value().objects.size(), 2U);
    EXPECT_EQ(result.model->objects[1].name_space, "other");
    EXPECT_EQ(result.model->objects[1].api_version, "networking.istio.io/v1beta1");
}

TEST(Objects, WithOneNameTwiceAreFound) {
    const LoadResult result = load_objects({kEntry, kEntry});
    ASSERT_THAT(errors_of(result), ElementsAre("SP1604"));
    EXPECT_THAT(result.findings[0].message, HasSubstr("objects.yaml:3"));
    // Gateways of the two groups are different kinds.
    const std::string api = R"(
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: egress}
spec:
  gatewayClassName: istio
  listeners: [{name: tls, port: 443, protocol: TLS, tls: {mode: Passthrough}}]
)";
    EXPECT_THAT(errors_of(load_objects({kGateway, api})), IsEmpty());
}

TEST(Objects, GiveTheirRulesNamesOfTheirOwn) {
    const std::string native = R"(
apiVersion: sallyport/v1
ports:
  inside: {device: net_null0, addresses: [10.10.0.1/16]}
  outside: {device: net_null1, addresses: [203.0.113.2/24]}
egress: [{name: public, addresses: [203.0.113.7]}]
policy: {rules: [{name: default.example.0, hosts: [x.example], protocols: [tls/443]}]}
)";
    const LoadResult result =
        load_text(documents({native, kEntry, kGateway, kService}), "objects.yaml");
    ASSERT_THAT(errors_of(result), IsEmpty()) << format_findings(result.findings);
    ASSERT_EQ(result.model->policy.rules.size(), 2U);
    EXPECT_FALSE(result.model->policy.rules[0].imported);
    EXPECT_EQ(result.model->policy.rules[1].name, "default.example.0.2");
    EXPECT_THAT(status_of(result, "VirtualService", "example").rules,
                ElementsAre("default.example.0.2"));
}

TEST(Objects, TakeTheNameOfAnHttpRoute) {
    const std::string objects = R"(
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: web}
spec: {hosts: [web.example], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: web}
spec:
  selector: {istio: egressgateway}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web}
spec:
  hosts: [web.example]
  gateways: [web]
  http: [{name: NAME, route: [{destination: {host: web.example}}]}]
)";
    const auto name = [&](std::string_view given) {
        return load_objects({with(objects, "NAME", given)}).model.value().policy.rules.at(0).name;
    };
    EXPECT_EQ(name("to-the-web"), "to-the-web");
    EXPECT_EQ(name("\"two words\""), "default.web.0");
    EXPECT_EQ(name("default-deny"), "default.web.0");
}

TEST(Conditions, SayWhatBecameOfEachObject) {
    const LoadResult all = load_objects({kEntry, kGateway, kService});
    for (const auto& [kind, name] : {std::pair("ServiceEntry", "example"),
                                     {"Gateway", "egress"},
                                     {"VirtualService", "example"}})
        EXPECT_THAT(conditions_of(all, kind, name),
                    ElementsAre("Accepted=True(Accepted)", "ResolvedRefs=True(ResolvedRefs)",
                                "Programmed=True(Programmed)"))
            << kind;
    const LoadResult some = load_objects({kEntry, kService});
    EXPECT_THAT(conditions_of(some, "ServiceEntry", "example"),
                ElementsAre("Accepted=True(Accepted)", "ResolvedRefs=True(ResolvedRefs)",
                            "Programmed=False(Pending)"));
    EXPECT_THAT(conditions_of(some, "VirtualService", "example"),
                ElementsAre("Accepted=False(NoMatchingParent)", "ResolvedRefs=True(ResolvedRefs)",
                            "Programmed=False(Pending)"));
    const LoadResult foreign =
        load_objects({with(kGateway, "istio: egressgateway", "istio: ingressgateway")});
    EXPECT_THAT(conditions_of(foreign, "Gateway", "egress"),
                ElementsAre("Accepted=True(NotOurs)", "ResolvedRefs=True(ResolvedRefs)",
                            "Programmed=False(NotOurs)"));
}

HostPattern host(std::string_view text) {
    const bool wildcard = text.starts_with("*.");
    return {std::string(wildcard ? text.substr(2) : text), wildcard, {}};
}

TEST(Names, IntersectByTheMeaningOfWildcards) {
    struct Case {
        std::string_view a, b, common;
    };
    for (const auto& [a, b, common] :
         std::initializer_list<Case>{{"a.example", "a.example", "a.example"},
                                     {"*.example", "a.example", "a.example"},
                                     {"*.example", "a.b.example", "a.b.example"},
                                     {"*.example", "example", ""},
                                     {"*.example", "*.b.example", "*.b.example"},
                                     {"*.example", "*.example", "*.example"},
                                     {"*.ample", "a.example", ""},
                                     {"*.b.example", "*.c.example", ""},
                                     {"a.example", "b.example", ""}}) {
        SCOPED_TRACE(std::string(a) + " and " + std::string(b));
        for (const auto& [x, y] : {std::pair(a, b), std::pair(b, a)}) {
            const auto one = intersection(host(x), host(y));
            EXPECT_EQ(one ? text_of(*one) : "", common);
            NameSet set;
            set.add(host(x), 7);
            const auto many = set.intersect(host(y));
            ASSERT_EQ(many.size(), common.empty() ? 0U : 1U);
            for (const NameSet::Match& match : many) EXPECT_EQ(text_of(match.names), common);
        }
    }
}

TEST(Networks, AreCutAtTheirHoles) {
    const auto prefix = [](std::string_view text) { return *IpPrefix::parse(text); };
    EXPECT_THAT(without(prefix("10.0.0.0/30"), {prefix("10.0.0.1/32")}),
                ElementsAre(prefix("10.0.0.0/32"), prefix("10.0.0.2/31")));
    EXPECT_THAT(without(prefix("fd00::/8"), {prefix("fd80::/9")}), ElementsAre(prefix("fd00::/9")));
    EXPECT_THAT(without(prefix("10.0.0.0/8"), {prefix("0.0.0.0/0")}), IsEmpty());
    EXPECT_FALSE(is_private(prefix("0.0.0.0/0")));
    EXPECT_TRUE(holds_private(prefix("0.0.0.0/0")));
    EXPECT_TRUE(is_private(prefix("10.1.0.0/16")));
}

}  // namespace
}  // namespace sallyport::cfg::kubernetes::test

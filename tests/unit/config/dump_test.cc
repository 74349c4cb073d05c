// SPDX-License-Identifier: Apache-2.0
#include "config/dump.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "config/load.h"
#include "tests/unit/config/support.h"

namespace sallyport::cfg::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A value other than the default for every key that this version supports.
constexpr std::string_view kEverything = R"(apiVersion: sallyport/v1
gateway: {name: "yes"}
workers: {count: 3, cpus: [4, 0, 7], idle: poll}
memory: {sessions: 1000, relay_bytes: 1000003, hold_bytes: 1000001, hugepages: "off"}
ports:
  inside:
    device: "0000:8a:00.0"
    addresses: [10.10.0.1/24, 10.11.0.1/24]
    networks: [10.12.0.0/16]
    routes: [{to: 10.20.0.0/16, via: 10.10.0.254}, {to: 10.21.0.0/16, via: 10.11.0.254}]
    mtu: 9000
    vlan: 4094
    queues: 2
  outside:
    device: "0000:8a:00.1"
    addresses: [203.0.113.2/24]
    next_hop: [203.0.113.1]
    mtu: 1400
tcp:
  client_mss: 1200
  hello_timeout: 1500ms
  hello_bytes: 32 KiB
  connect_timeout: 1s
  setup_timeout: 2s
  idle_timeout: 1d1h1m1s1ms
  transitory_timeout: 10s
  user_timeout: 100s
  keepalive: 1m
  timestamps: "off"
tls: {hrr: pass}
fragments: drop
egress: [{name: "123", addresses: [203.0.113.7, 203.0.113.8], ports: 2000-3000}]
resolver:
  servers: [192.0.2.53, "2001:db8::53"]
  source: 192.0.2.1
  device: eth0
  ttl_floor: 1s
  ttl_ceiling: 2h
  grace: 0s
  timeout: 1s
  new_names_per_second: 7
groups: [{name: ci, networks: [10.10.0.0/25, "fd00::/8"]}]
kubernetes:
  selector: ["istio=other", "app.kubernetes.io/name=gw"]
  gateway_classes: [mine]
  workloads: [{namespace: default, labels: ["app=curl"], networks: [10.10.0.0/24]}]
policy:
  default: {action: deny, answer: drop, private: true}
  on_reload: recheck
  rules:
    - name: all
      sources: [ci, 10.10.0.128/25]
      hosts: ["*.co.uk", bücher.example]
      hosts_from: names.txt
      protocols: [tls/443]
      mode: audit
      destination: static
      endpoints: [203.0.113.9, "203.0.113.9:8443", "[2001:db8::1]:443", "2001:db8::1"]
      balance: least_loaded
      connect_timeout: 1500ms
      idle_timeout: 1m
      max_duration: 1h
      wide: true
      expires: 2097-12-31
      schedule: ["Mon-Fri 08:00-18:00", "22:00-06:00", "Sat,Sun"]
      limits:
        max_connections: 100
        new_per_second: 10
        bytes_per_second: 1 MiB
        bytes: 1 GiB
        per_source: {max_connections: 10, new_per_second: 1, bytes_per_second: 64 KiB, bytes: 1 MiB}
    - {name: ntp, networks: [192.0.2.0/24, "2001:db8::/32"], protocols: [udp/123, tcp/22, icmp]}
    - {name: orig, hosts: [o.example], networks: [192.0.2.0/24], protocols: [tls/443], destination: original}
    - {name: strict, hosts: [s.example], protocols: [tls/443], on_mismatch: deny, cross_family: deny}
    - {name: half, hosts: [h.example], protocols: [tls/443], limits: {per_source: {bytes: 1 MiB}}}
    - name: web
      sources: [10.10.0.0/24, 10.20.0.0/16]
      hosts: [a.example, "*.b.example"]
      protocols: [http/80, tls/443, tls/8443]
      action: allow
      mode: enforce
      egress: "123"
      answer: reset
      private: true
    - {name: not, hosts: [c.example, "7-up.example"], protocols: [tls/443], action: deny}
control: {socket: /tmp/a b.sock, state: /tmp/s}
log: {access: {path: "/var/log/\"x\" #1", format: istio, query: omit}, level: error}
)";

LoadResult load_beside_names(std::string_view text) {
    const Texts texts{{"x.yaml", std::string(text)}, {"names.txt", "one.example\n"}};
    return load_file("x.yaml", {.texts = &texts});
}

TEST(Dump, IsReadBackAsTheSameModel) {
    const LoadResult first = load_beside_names(kEverything);
    ASSERT_TRUE(first.model) << format_findings(first.findings);
    const std::string text = dump(*first.model);
    const LoadResult second = load_beside_names(text);
    ASSERT_TRUE(second.model) << format_findings(second.findings) << text;
    EXPECT_EQ(without_marks(*first.model), without_marks(*second.model)) << text;
    EXPECT_EQ(dump(*second.model), text);
}

// The test above says nothing about a key that both ways forget, so each must be seen in the text.
TEST(Dump, WritesEverySupportedKey) {
    const LoadResult loaded = load_beside_names(kEverything);
    ASSERT_TRUE(loaded.model);
    const std::string text = dump(*loaded.model);
    for (const Field& field : kFields) {
        const std::string key = std::string(key_of(field)) + ':';
        if (!field.later.empty()) continue;
        EXPECT_THAT(text, HasSubstr(key)) << field.path;
    }
    EXPECT_THAT(text, Not(HasSubstr("listen")));
}

TEST(Dump, LeavesOutRulesOfObjects) {
    LoadResult loaded = load_beside_names(kMinimal);
    ASSERT_TRUE(loaded.model);
    Rule& rule = loaded.model->policy.rules.emplace_back();
    rule.name = "of-an-object";
    rule.imported = true;
    EXPECT_THAT(dump(*loaded.model), Not(HasSubstr("of-an-object")));
}

TEST(Dump, WritesDefaultsOut) {
    const LoadResult loaded = load_text(kMinimal, "minimal.yaml");
    ASSERT_TRUE(loaded.model);
    const std::string text = dump(*loaded.model);
    EXPECT_THAT(text, HasSubstr("  idle_timeout: 2h4m\n"));
    EXPECT_THAT(text, HasSubstr("  hold_bytes: 64 MiB\n"));
    EXPECT_THAT(text, HasSubstr("  relay_bytes: 256 MiB\n"));
    EXPECT_THAT(text, HasSubstr("    query: keep\n"));
    EXPECT_THAT(text, HasSubstr("    ports: 1024-65535\n"));
    EXPECT_THAT(text, Not(HasSubstr("client_mss")));
}

}  // namespace
}  // namespace sallyport::cfg::test

// SPDX-License-Identifier: Apache-2.0
#include "config/kubernetes/destination_rule.h"

#include <algorithm>
#include <array>
#include <set>

#include "config/kubernetes/values.h"
#include "config/shown.h"

namespace sallyport::cfg::kubernetes {
namespace {

constexpr std::uint32_t kConnectionsMax = 0x7fff'ffff;  // an int32 in Istio
constexpr std::uint32_t kProbesMax = 127;               // as Linux takes them

std::optional<Keepalive> read_keepalive(const View& view) {
    Keepalive keepalive;
    keepalive.probes = view.number("probes", 1, kProbesMax).value_or(keepalive.probes);
    keepalive.time = view.duration("time").value_or(keepalive.time);
    keepalive.interval = view.duration("interval").value_or(keepalive.interval);
    return keepalive;
}

std::optional<Pool> read_pool(const View& policy) {
    if (!policy.has("connectionPool")) return std::nullopt;
    const View tcp = policy.map("connectionPool").map("tcp");
    Pool pool;
    pool.max_connections = tcp.number("maxConnections", 1, kConnectionsMax).value_or(0);
    pool.connect_timeout = tcp.duration("connectTimeout");
    pool.idle_timeout = tcp.duration("idleTimeout");
    pool.max_duration = tcp.duration("maxConnectionDuration");
    if (tcp.has("tcpKeepalive")) pool.keepalive = read_keepalive(tcp.map("tcpKeepalive"));
    return pool;
}

std::optional<Balancer> read_balancer(const View& policy) {
    if (!policy.has("loadBalancer")) return std::nullopt;
    struct Name {
        std::string_view name;
        Balancer balancer;
    };
    constexpr auto kNames = std::to_array<Name>({{"UNSPECIFIED", Balancer::LeastRequest},
                                                 {"LEAST_REQUEST", Balancer::LeastRequest},
                                                 {"LEAST_CONN", Balancer::LeastRequest},
                                                 {"ROUND_ROBIN", Balancer::RoundRobin},
                                                 {"RANDOM", Balancer::RoundRobin},
                                                 {"PASSTHROUGH", Balancer::Passthrough}});
    const auto value = policy.map("loadBalancer").value("simple");
    if (!value) return Balancer::LeastRequest;
    const auto* found = std::ranges::find(kNames, value->text(), &Name::name);
    if (found == kNames.end()) {
        value->fail(FindingCode::UnknownChoice, shown(value->text()) + " is not a choice here",
                    "choices: LEAST_REQUEST, ROUND_ROBIN, RANDOM, PASSTHROUGH");
        return std::nullopt;
    }
    if (value->text() == "RANDOM")
        value->object_to(FindingCode::IgnoredField, "RANDOM is carried out as ROUND_ROBIN",
                         "both give every server the same share");
    return found->balancer;
}

void check_tls(const View& policy) {
    const auto mode = policy.map("tls").value("mode");
    if (!mode || mode->text() == "DISABLE") return;
    mode->object_to(FindingCode::RefusedField, "tls.mode " + shown(mode->text()) + " is refused",
                    "the gate begins no TLS: what comes in clear would leave in clear");
}

Traffic read_traffic(const View& policy) {
    check_tls(policy);
    return {.pool = read_pool(policy), .balancer = read_balancer(policy)};
}

TrafficPolicy read_policy(const View& policy) {
    TrafficPolicy out{.traffic = read_traffic(policy), .ports = {}};
    std::set<std::uint16_t> ports;
    for (const View& view : policy.maps("portLevelSettings")) {
        const auto port = view.map("port").port("number");
        view.map("port").need("number");
        if (!port) continue;
        if (!ports.insert(*port).second)
            view.fail(FindingCode::DuplicateItem, "another item is about this port");
        out.ports.emplace_back(*port, read_traffic(view));
    }
    return out;
}

std::vector<Subset> read_subsets(const View& spec) {
    std::vector<Subset> subsets;
    for (const View& view : spec.maps("subsets")) {
        Subset subset{.name = view.text("name"),
                      .labels = view.labels("labels"),
                      .policy = read_policy(view.map("trafficPolicy"))};
        view.need("name");
        if (std::ranges::find(subsets, subset.name, &Subset::name) != subsets.end())
            view.fail(FindingCode::DuplicateName, "another subset has this name");
        subsets.push_back(std::move(subset));
    }
    return subsets;
}

void replace(Traffic& traffic, const Traffic& by) {
    if (by.pool) traffic.pool = by.pool;
    if (by.balancer) traffic.balancer = by.balancer;
}

void replace(Traffic& traffic, const TrafficPolicy& by, std::uint16_t port) {
    replace(traffic, by.traffic);
    for (const auto& [number, settings] : by.ports)
        if (number == port) traffic = settings;
}

}  // namespace

const Subset* DestinationRule::find_subset(std::string_view name) const {
    const auto found = std::ranges::find(subsets, name, &Subset::name);
    return found == subsets.end() ? nullptr : &*found;
}

Traffic DestinationRule::traffic(const Subset* subset, std::uint16_t port) const {
    Traffic out;
    replace(out, policy, port);
    if (subset != nullptr) replace(out, subset->policy, port);
    return out;
}

std::optional<DestinationRule> read_destination_rule(const View& spec,
                                                     const Kubernetes& settings) {
    DestinationRule rule{.object = &spec.object()};
    const auto host = spec.value("host");
    spec.need("host");
    rule.policy = read_policy(spec.map("trafficPolicy"));
    rule.subsets = read_subsets(spec);
    rule.exported = read_export_to(spec, settings);
    auto pattern = host ? read_host(*host) : std::nullopt;
    if (!pattern) return std::nullopt;
    rule.host = std::move(*pattern);
    return rule;
}

}  // namespace sallyport::cfg::kubernetes

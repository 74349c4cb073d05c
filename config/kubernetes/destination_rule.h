// SPDX-License-Identifier: Apache-2.0
// DestinationRule: how connections to the servers of a host are made.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/kubernetes/sources.h"
#include "config/kubernetes/view.h"
#include "config/model.h"

namespace sallyport::cfg::kubernetes {

enum class Balancer : std::uint8_t { LeastRequest, RoundRobin, Passthrough };

struct Pool {
    std::uint32_t max_connections = 0;  // 0: no limit
    std::optional<std::chrono::milliseconds> connect_timeout = {}, idle_timeout = {},
                                             max_duration = {};
    std::optional<Keepalive> keepalive = {};
};

// One of the levels, or what they come to for one destination.
struct Traffic {
    std::optional<Pool> pool = {};
    std::optional<Balancer> balancer = {};
};

struct TrafficPolicy {
    Traffic traffic = {};
    std::vector<std::pair<std::uint16_t, Traffic>> ports = {};  // portLevelSettings
};

struct Subset {
    std::string name = {};
    std::vector<Label> labels = {};
    TrafficPolicy policy = {};
};

struct DestinationRule {
    Object* object = nullptr;
    HostPattern host = {};
    TrafficPolicy policy = {};
    std::vector<Subset> subsets = {};
    Sources exported = {};

    const Subset* find_subset(std::string_view name) const;
    // As Istio merges it: a subset replaces parts of the host's policy; the settings of a port
    // replace the whole, with nothing inherited.
    Traffic traffic(const Subset* subset, std::uint16_t port) const;
};

// nullopt: without a host it is about nothing.
std::optional<DestinationRule> read_destination_rule(const View& spec, const Kubernetes& settings);

}  // namespace sallyport::cfg::kubernetes

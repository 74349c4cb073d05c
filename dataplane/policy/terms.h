// SPDX-License-Identifier: Apache-2.0
// What a rule says of the sessions that it lets pass: where they go and how much they may use. Part
// of a generation, so a reference is good for the present burst; what a session needs longer it
// copies.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "dataplane/policy/address_ranges.h"
#include "dataplane/policy/verdict.h"
#include "tcpstack/base/ip_addr.h"
#include "tcpstack/base/time.h"

namespace sallyport::dp::policy {

enum class Destination : std::uint8_t { Verified, Resolved, Static, Original };
enum class OnMismatch : std::uint8_t { Redirect, Deny };
enum class CrossFamily : std::uint8_t { Relay, Always, Deny };
enum class Balance : std::uint8_t { RoundRobin, LeastLoaded };

struct Endpoint {
    IpAddr address;
    std::uint16_t port = 0;  // 0: that of the upstream
    std::uint32_t weight = 1;
};

struct Keepalive {
    Duration time{}, interval{};
    std::uint32_t probes = 0;  // 0: no keep-alive
};

struct Upstream {
    Destination destination = Destination::Verified;
    OnMismatch on_mismatch = OnMismatch::Redirect;
    CrossFamily cross_family = CrossFamily::Relay;
    Balance balance = Balance::RoundRobin;
    std::uint16_t port = 0;           // 0: that of the client
    std::uint32_t weight = 1;
    std::uint32_t max_connections = 0;  // 0: none of its own
    std::string resolve;              // empty: the session's name
    std::vector<Endpoint> endpoints;  // of Static
    std::vector<AddressRange> networks;  // of Original, sorted
    Duration connect_timeout{}, idle_timeout{}, max_duration{};  // zero: that of the settings / none
    Keepalive keepalive;
};

struct Quota {
    std::uint32_t max_connections = 0;  // 0 in each: no limit
    std::uint32_t new_per_second = 0;
    std::uint64_t bytes_per_second = 0;
    std::uint64_t bytes = 0;
    bool empty() const {
        return max_connections == 0 && new_per_second == 0 && bytes_per_second == 0 && bytes == 0;
    }
};

struct Terms {
    RuleId of_rule = kDefaultRule;    // whose terms these are; limits are counted for it
    std::vector<Upstream> upstreams;  // one at least
    std::uint32_t total_weight = 1;   // of the upstreams
    Quota rule, source;               // each worker enforces its share (1 / workers, rounded up)
};

}  // namespace sallyport::dp::policy

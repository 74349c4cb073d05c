// SPDX-License-Identifier: Apache-2.0
// One immutable compiled configuration: everything that a worker reads and an operator may change.
// A worker reads the pointer to it once per burst.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dataplane/frame.h"
#include "dataplane/policy/egress_set.h"
#include "dataplane/policy/policy_table.h"
#include "tcpstack/base/time.h"

namespace sallyport::dp {

struct Route {
    IpPrefix to;
    IpAddr via;
};

// What the gate knows of the networks at one port.
struct PortNetworks {
    std::vector<IpAddr> addresses;      // the gate's own, answered in ARP, neighbor discovery and ping
    std::vector<IpPrefix> on_link;      // networks of the addresses, and `networks:`
    std::vector<Route> routes;          // longest prefix first
    std::optional<IpAddr> next_hop_v4;  // default gateway
    std::optional<IpAddr> next_hop_v6;
    std::uint16_t mtu = 1500;

    // The neighbour to which a packet for `destination` goes, or nullopt (no route).
    std::optional<IpAddr> next_hop(const IpAddr& destination) const;
    // Whether there are destinations of the family that have one.
    bool leads_to(Family family) const;
    // Whether a packet from `source` may arrive here: on link or behind a route, no own address and
    // not link-local.
    bool is_source(const IpAddr& source) const;
};

enum class HelloRetry : std::uint8_t { Check, Pass };
enum class Fragments : std::uint8_t { Reassemble, Drop };

struct Settings {
    std::uint16_t client_mss_v4 = 1360, client_mss_v6 = 1340;
    Duration hello_timeout = std::chrono::seconds(5);
    std::uint32_t hello_bytes = 16 * 1024;
    Duration connect_timeout = std::chrono::seconds(5);
    Duration setup_timeout = std::chrono::seconds(15);
    Duration idle_timeout = std::chrono::minutes(124);
    Duration transitory_timeout = std::chrono::minutes(4);
    Duration user_timeout = std::chrono::minutes(2);
    policy::Keepalive keepalive;  // of legs whose upstream says nothing else
    bool timestamps = true;  // mirror the client's offer; false: never negotiate them
    HelloRetry hrr = HelloRetry::Check;
    Fragments fragments = Fragments::Reassemble;
    Duration resolve_timeout = std::chrono::seconds(3);
    Duration answer_grace = std::chrono::minutes(10);  // old addresses still count so long
    std::uint64_t dns_servers = 0;  // tells those that are asked, and the way to them, from others
    std::uint32_t new_names_per_second = 100;          // that one source may have asked
    std::array<PortNetworks, kPortsMax> ports;  // kInsidePort, kOutsidePort
    std::vector<EgressSet> egress;
    // Addresses that an earlier generation had: sessions on them go on, no new one takes them.
    std::vector<EgressSet> draining;
    std::vector<PublicAddress> public_addresses;  // of both: the index for find()
    bool egress_v4 = false, egress_v6 = false;  // whether a set in `egress` has such an address
    std::vector<IpAddr> own;            // all own addresses of all ports and egress sets
    std::vector<IpPrefix> inside;       // networks and routes of the inside port
};

// Whether packets to `destination` can leave at all: there is a next hop, and a public address of its
// family.
bool has_way_out(const Settings& settings, const IpAddr& destination);
// The same by one egress set.
bool has_way_out(const Settings& settings, std::uint16_t egress, const IpAddr& destination);
// The same to some destination of the family. An egress set that is not there has no way out.
bool has_way_out(const Settings& settings, std::uint16_t egress, Family family);

struct Generation {
    std::uint64_t id = 0;
    Settings settings;
    policy::PolicyTable policy;
};

}  // namespace sallyport::dp

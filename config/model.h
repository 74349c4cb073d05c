// SPDX-License-Identifier: Apache-2.0
// What a configuration is, after reading: plain values with every default filled in. The field
// table (schema.h) says how each is written, checked and described; this header says what it holds.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tcpstack/base/endpoint.h"
#include "tcpstack/base/ip_addr.h"

namespace sallyport::cfg {

// Where a value stands in a file; 1-based. Line 0: the value is a default.
struct Mark {
    int line = 0;
    int column = 0;
    friend constexpr auto operator<=>(const Mark&, const Mark&) = default;
};

enum class Idle : std::uint8_t { Sleep, Poll };
enum class Hugepages : std::uint8_t { Auto, On, Off };
enum class Timestamps : std::uint8_t { Mirror, Off };
enum class HelloRetry : std::uint8_t { Check, Pass };
enum class Ech : std::uint8_t { Outer, Deny };
enum class Action : std::uint8_t { Allow, Deny };
enum class Answer : std::uint8_t { Drop, Reset, Alert };
enum class Protocol : std::uint8_t { Tls, Http, Tcp, Udp, Icmp };
enum class Mode : std::uint8_t { Enforce, Audit };
enum class LogFormat : std::uint8_t { Istio, Json };
enum class LogQuery : std::uint8_t { Keep, Omit };

struct Workers {
    std::uint32_t count = 1;
    std::vector<std::uint32_t> cpus;  // empty: the first `count` CPUs that the process may use
    Idle idle = Idle::Sleep;
    friend bool operator==(const Workers&, const Workers&) = default;
};

struct Memory {
    std::uint32_t sessions = 65536;                    // of all workers together
    std::uint64_t relay_bytes = 256ULL * 1024 * 1024;  // of all workers together
    std::uint64_t hold_bytes = 64ULL * 1024 * 1024;    // of all workers together
    Hugepages hugepages = Hugepages::Auto;
    friend bool operator==(const Memory&, const Memory&) = default;
};

// An address of the gate with the network that it stands in: 10.10.0.1/24.
struct InterfaceAddress {
    IpAddr address;
    std::uint8_t prefix_length = 0;
    Mark mark;
    friend bool operator==(const InterfaceAddress&, const InterfaceAddress&) = default;
};

struct Route {
    IpPrefix to;
    IpAddr via;
    Mark mark;
    friend bool operator==(const Route&, const Route&) = default;
};

struct Port {
    std::string device;  // PCI address or vdev arguments, as DPDK writes them
    std::vector<InterfaceAddress> addresses;
    std::vector<IpPrefix> networks;  // further networks that are on link
    std::vector<Route> routes;
    std::vector<IpAddr> next_hop;  // default gateways, at most one of each family
    std::uint16_t mtu = 1500;
    std::optional<std::uint16_t> vlan;
    std::optional<std::uint16_t> queues;  // default: one for each worker, or what the device has
    Mark mark;
    friend bool operator==(const Port&, const Port&) = default;
};

struct Tcp {
    std::optional<std::uint16_t> client_mss;  // default 1360 (IPv4), 1340 (IPv6)
    std::chrono::milliseconds hello_timeout{5000};
    std::uint32_t hello_bytes = 16 * 1024;
    std::chrono::milliseconds connect_timeout{5000};
    std::chrono::milliseconds setup_timeout{15000};
    std::chrono::milliseconds idle_timeout{(2 * 60 + 4) * 60 * 1000};
    std::chrono::milliseconds transitory_timeout{4 * 60 * 1000};
    Timestamps timestamps = Timestamps::Mirror;
    friend bool operator==(const Tcp&, const Tcp&) = default;
};

struct Tls {
    HelloRetry hrr = HelloRetry::Check;
    friend bool operator==(const Tls&, const Tls&) = default;
};

struct EgressSet {
    std::string name;
    std::vector<IpAddr> addresses;
    std::uint16_t first_port = 1024, last_port = 65535;
    Mark mark;
    friend bool operator==(const EgressSet&, const EgressSet&) = default;
};

struct ProtocolPort {
    Protocol protocol = Protocol::Tls;
    std::uint16_t port = 0;  // 1..65535; 0 only with icmp
    friend bool operator==(const ProtocolPort&, const ProtocolPort&) = default;
};

struct HostPattern {
    std::string name;       // normalised: lower case, no trailing dot; without the leading "*."
    bool wildcard = false;  // *.name: one or more labels below it, never name itself
    Mark mark;
    friend bool operator==(const HostPattern&, const HostPattern&) = default;
};

struct Rule {
    std::string name;
    std::vector<IpPrefix> sources;  // empty: every source
    std::vector<HostPattern> hosts;
    std::vector<ProtocolPort> protocols;
    Action action = Action::Allow;
    std::optional<Answer> answer;  // default: the policy's
    std::string egress;            // name of an egress set; empty: the first one
    bool allow_private = false;    // `private:`
    Mode mode = Mode::Enforce;     // only enforce is accepted
    Mark mark;
    friend bool operator==(const Rule&, const Rule&) = default;
};

struct Policy {
    Action default_action = Action::Deny;  // only deny is accepted
    Answer default_answer = Answer::Alert;
    bool allow_private = false;  // `private:` of policy.default
    std::vector<Rule> rules;
    friend bool operator==(const Policy&, const Policy&) = default;
};

struct Control {
    std::string socket = "/run/sallyport/control.sock";
    friend bool operator==(const Control&, const Control&) = default;
};

struct AccessLog {
    std::string path = "stdout";          // or a file
    LogFormat format = LogFormat::Istio;  // only istio is accepted
    LogQuery query = LogQuery::Keep;      // of the path of a request
    friend bool operator==(const AccessLog&, const AccessLog&) = default;
};

struct Model {
    std::string gateway_name = "sallyport";
    Workers workers;
    Memory memory;
    std::vector<Port> inside, outside;  // exactly one of each for now
    Tcp tcp;
    Tls tls;
    std::vector<EgressSet> egress;
    Policy policy;
    Control control;
    AccessLog access_log;
    std::string log_level = "info";
    friend bool operator==(const Model&, const Model&) = default;
};

}  // namespace sallyport::cfg

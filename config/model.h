// SPDX-License-Identifier: Apache-2.0
// What a configuration is, after reading: plain values with every default filled in. The field
// table (schema.h) says how each is written, checked and described; this header says what it holds.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/name_list.h"
#include "tcpstack/base/endpoint.h"
#include "tcpstack/base/ip_addr.h"

namespace sallyport::cfg {

// Where a value stands in a file; 1-based. Line 0: the value is a default.
struct Mark {
    int line = 0;
    int column = 0;
    std::uint16_t file = 0;  // into Model::files
    friend constexpr auto operator<=>(const Mark&, const Mark&) = default;
};

enum class Idle : std::uint8_t { Sleep, Poll };
enum class Hugepages : std::uint8_t { Auto, On, Off };
enum class Timestamps : std::uint8_t { Mirror, Off };
enum class HelloRetry : std::uint8_t { Check, Pass };
enum class Ech : std::uint8_t { Outer, Deny };
enum class Fragments : std::uint8_t { Reassemble, Drop };
enum class Action : std::uint8_t { Allow, Deny };
enum class Answer : std::uint8_t { Drop, Reset, Alert };
enum class Protocol : std::uint8_t { Tls, Http, Tcp, Udp, Icmp };
enum class Mode : std::uint8_t { Enforce, Audit };
enum class Destination : std::uint8_t { Verified, Resolved, Static, Original };
enum class OnMismatch : std::uint8_t { Redirect, Deny };
enum class CrossFamily : std::uint8_t { Relay, Always, Deny };
enum class Balance : std::uint8_t { RoundRobin, LeastLoaded };
enum class OnReload : std::uint8_t { Keep, Recheck };
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
    std::chrono::milliseconds user_timeout{2 * 60 * 1000};
    std::optional<std::chrono::milliseconds> keepalive;  // default: no probes
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

// A network of clients, or the name of a group of them.
struct Source {
    IpPrefix network;
    std::string group;  // not empty: `network` means nothing
    friend bool operator==(const Source&, const Source&) = default;
};

struct Group {
    std::string name;
    std::vector<IpPrefix> networks;
    Mark mark;
    friend bool operator==(const Group&, const Group&) = default;
};

// A server of destination: static.
struct Endpoint {
    IpAddr address;
    std::uint16_t port = 0;    // 0: that of the upstream
    std::uint32_t weight = 1;  // >= 1
    friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

struct Keepalive {
    std::chrono::milliseconds time{7200 * 1000};    // of silence before the first probe
    std::chrono::milliseconds interval{75 * 1000};  // between probes
    std::uint32_t probes = 9;                       // unanswered, then the connection is dead
    friend bool operator==(const Keepalive&, const Keepalive&) = default;
};

// Where an allowed session goes. A rule of the native form has one; a route of Istio or the Gateway
// API may share its sessions out to several (Rule::split).
struct Upstream {
    Destination destination = Destination::Verified;
    OnMismatch on_mismatch = OnMismatch::Redirect;  // of destination: verified
    CrossFamily cross_family = CrossFamily::Relay;  // not of destination: original
    std::vector<Endpoint> endpoints;                // of destination: static
    std::vector<IpPrefix> networks;  // of destination: original; a native rule says Rule::networks
    Balance balance = Balance::RoundRobin;
    std::string resolve;             // the name whose addresses are dialled; empty: the client's
    std::uint16_t port = 0;          // that is dialled; 0: the client's
    std::uint32_t weight = 1;        // among the upstreams of a split; 0: gets nothing
    std::uint32_t max_connections = 0;  // 0: no limit of its own
    std::optional<std::chrono::milliseconds> connect_timeout, idle_timeout, max_duration;
    std::optional<Keepalive> keepalive;
    // For UPSTREAM_CLUSTER, outbound|port|subset|host; empty host: the session's name and port.
    std::string cluster_host, cluster_subset;
    std::uint16_t cluster_port = 0;
    friend bool operator==(const Upstream&, const Upstream&) = default;
};

// What one holder (a rule, or each source of a rule) may use; 0: no limit. Bytes count payload both
// ways.
struct Quota {
    std::uint32_t max_connections = 0;
    std::uint32_t new_per_second = 0;
    std::uint64_t bytes_per_second = 0;
    std::uint64_t bytes = 0;  // in all, until the daemon restarts or the rule goes
    friend bool operator==(const Quota&, const Quota&) = default;
};

struct Limits {
    Quota rule;    // of all sessions of the rule together
    Quota source;  // of each source: `per_source`
    friend bool operator==(const Limits&, const Limits&) = default;
};

// When a rule holds, in UTC: on some days of the week from one minute of the day to another.
struct TimeWindow {
    std::uint8_t days = 0x7f;         // bit 0: Monday
    std::uint16_t from = 0, to = 1440;  // minutes of the day; to <= from: until `to` of the next day
    friend bool operator==(const TimeWindow&, const TimeWindow&) = default;
};

struct Rule {
    std::string name;
    std::vector<Source> sources;  // empty: every source
    std::vector<HostPattern> hosts;
    std::string hosts_from;               // path as written; what it holds is in `listed`
    std::shared_ptr<const NameList> listed;  // null without hosts_from
    std::vector<IpPrefix> networks;  // destinations: of layer-4 protocols, and of original
    std::vector<ProtocolPort> protocols;
    Action action = Action::Allow;
    std::optional<Answer> answer;  // default: the policy's
    std::string egress;            // name of an egress set; empty: the first one
    bool allow_private = false;    // `private:`
    bool wide = false;             // its wildcards may cover public suffixes
    Mode mode = Mode::Enforce;
    Upstream upstream;
    std::vector<Upstream> split;  // not empty: these by weight, and not `upstream`
    std::optional<std::chrono::sys_seconds> expires;
    std::vector<TimeWindow> schedule;  // empty: always
    Limits limits;
    bool imported = false;  // of an Istio or Gateway API object: not written back by dump
    Mark mark;
    friend bool operator==(const Rule& a, const Rule& b);
};

struct Policy {
    Action default_action = Action::Deny;  // only deny is accepted
    Answer default_answer = Answer::Alert;
    bool allow_private = false;  // `private:` of policy.default
    std::vector<Rule> rules;
    friend bool operator==(const Policy&, const Policy&) = default;
};

struct Resolver {
    std::vector<IpAddr> servers;  // empty: those of /etc/resolv.conf
    std::optional<IpAddr> source;
    std::string device;  // kernel interface; empty: as the routes say
    std::chrono::milliseconds ttl_floor{5 * 1000};
    std::chrono::milliseconds ttl_ceiling{60 * 60 * 1000};
    std::chrono::milliseconds grace{10 * 60 * 1000};
    std::chrono::milliseconds timeout{3000};  // that a session waits
    std::uint32_t new_names_per_second = 100;  // of one source
    friend bool operator==(const Resolver&, const Resolver&) = default;
};

struct Label {
    std::string key, value;
    friend bool operator==(const Label&, const Label&) = default;
};

// Which clients a workload of Kubernetes is: what exportTo and sourceLabels are decided with.
struct Workload {
    std::string name_space;  // `namespace:`
    std::vector<Label> labels;
    std::vector<IpPrefix> networks;
    Mark mark;
    friend bool operator==(const Workload&, const Workload&) = default;
};

struct Kubernetes {
    std::vector<Label> selector{{"istio", "egressgateway"}};  // labels of this gateway
    std::vector<std::string> gateway_classes{"istio", "sallyport"};
    std::vector<Workload> workloads;
    friend bool operator==(const Kubernetes&, const Kubernetes&) = default;
};

// A condition in the words of the Gateway API: Accepted, ResolvedRefs, Programmed.
struct Condition {
    std::string type;
    bool status = false;
    std::string reason;  // CamelCase: Accepted, NotOurs, RefNotPermitted, ...
    std::string message;
    friend bool operator==(const Condition&, const Condition&) = default;
};

// What became of an Istio, Gateway API or NetworkPolicy object.
struct ObjectStatus {
    std::string kind, api_version, name_space, name;
    std::vector<Condition> conditions;
    std::vector<std::string> rules;  // names of the rules that it makes
    Mark mark;
    friend bool operator==(const ObjectStatus&, const ObjectStatus&) = default;
};

struct Control {
    std::string socket = "/run/sallyport/control.sock";
    std::string state = "/var/lib/sallyport";  // directory of the last good generations
    friend bool operator==(const Control&, const Control&) = default;
};

struct AccessLog {
    std::string path = "stdout";          // or a file
    LogFormat format = LogFormat::Istio;  // only istio is accepted
    LogQuery query = LogQuery::Keep;      // of the path of a request
    friend bool operator==(const AccessLog&, const AccessLog&) = default;
};

struct Model {
    std::vector<std::string> files;  // that were read, as named; Mark::file counts in it
    bool has_native = false;         // a native document was read; else ports and egress are empty
    std::string gateway_name = "sallyport";
    Workers workers;
    Memory memory;
    std::vector<Port> inside, outside;  // exactly one of each for now
    Tcp tcp;
    Tls tls;
    Fragments fragments = Fragments::Reassemble;
    std::vector<EgressSet> egress;
    Resolver resolver;
    std::vector<Group> groups;
    Policy policy;
    OnReload on_reload = OnReload::Keep;  // `policy.on_reload`: sessions that are no longer allowed
    Kubernetes kubernetes;
    std::vector<ObjectStatus> objects;
    Control control;
    AccessLog access_log;
    std::string log_level = "info";
    friend bool operator==(const Model&, const Model&) = default;
};

// The networks of a rule's sources, groups resolved; empty: every source.
std::vector<IpPrefix> source_networks(const Model& model, const Rule& rule);

}  // namespace sallyport::cfg

// SPDX-License-Identifier: Apache-2.0
#include "control/candidate_text.h"

#include <algorithm>
#include <array>
#include <set>
#include <sstream>

#include "control/text.h"

namespace sallyport::ctl {
namespace {

std::string prefix_text(const IpPrefix& p) {
    return address_text(p.address()) + '/' + std::to_string(p.length());
}

std::string service_text(const cfg::ProtocolPort& s) {
    static constexpr std::array kNames{"tls", "http", "tcp", "udp", "icmp"};
    const std::string name = kNames[static_cast<std::size_t>(s.protocol)];
    return s.protocol == cfg::Protocol::Icmp ? name : name + '/' + std::to_string(s.port);
}

std::string time_of(std::chrono::sys_seconds t) {
    if (t == std::chrono::sys_seconds{}) return "an unknown time";
    return time_text(t).substr(0, 19) + "Z";
}

// Names of rules and objects, each once.
class Names {
   public:
    std::string next(const Candidate& c) {
        std::string base = "suggested-" + (c.domain.empty() ? "network" : c.domain);
        for (char& letter : base)
            if (letter == '.' || letter == '_') letter = '-';
        std::string name = base;
        for (int n = 2; !taken_.insert(name).second; ++n) name = base + '-' + std::to_string(n);
        return name;
    }

   private:
    std::set<std::string> taken_;
};

// A rule that no configuration takes yet is shown as a comment.
bool can_be_used(const Candidate& c) {
    return c.source.family() == Family::V4 &&
           std::ranges::all_of(c.networks,
                               [](const IpPrefix& p) { return p.family() == Family::V4; });
}

template <class List, class Text>
std::string flow_list(const List& list, Text text) {
    std::string out;
    for (const auto& item : list) out += (out.empty() ? "" : ", ") + text(item);
    return '[' + out + ']';
}

std::string quoted(const std::string& text) { return '"' + text + '"'; }

std::string comment_of(const Candidate& c) {
    std::string out = std::to_string(c.count) + (c.count == 1 ? " time, " : " times, ") +
                      time_of(c.first) + " to " + time_of(c.last) + ":";
    for (const auto& [reason, count] : c.reasons)
        out += ' ' + std::string(dp::text(reason)) + ' ' + std::to_string(count);
    return out;
}

std::string rule_lines(const std::string& name, const Candidate& c) {
    std::ostringstream out;
    out << "    - name: " << name << "\n      sources: [" << quoted(prefix_text(c.source)) << "]\n";
    if (!c.hosts.empty()) out << "      hosts: " << flow_list(c.hosts, quoted) << '\n';
    const auto network = [](const IpPrefix& p) { return quoted(prefix_text(p)); };
    if (!c.networks.empty()) out << "      networks: " << flow_list(c.networks, network) << '\n';
    out << "      protocols: " << flow_list(c.protocols, service_text) << '\n';
    if (c.needs_private) out << "      private: true\n";
    return out.str();
}

void add_service_entry(std::ostream& out, const std::string& name, const Candidate& c,
                       const std::string& host) {
    const bool wildcard = host.starts_with("*.");
    out << "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata:\n  name: " << name
        << "\nspec:\n  hosts:\n  - " << quoted(host) << "\n  ports:\n";
    for (const cfg::ProtocolPort& s : c.protocols)
        out << "  - number: " << s.port << "\n    name: "
            << (s.protocol == cfg::Protocol::Tls ? "tls-" : "http-") << s.port
            << "\n    protocol: " << (s.protocol == cfg::Protocol::Tls ? "TLS" : "HTTP") << '\n';
    out << "  resolution: " << (wildcard ? "DYNAMIC_DNS" : "DNS") << "\n---\n";
}

void add_gateway(std::ostream& out, const std::string& name, const Candidate& c,
                 const std::string& host) {
    out << "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata:\n  name: " << name
        << "\nspec:\n  selector:\n    istio: egressgateway\n  servers:\n";
    for (const cfg::ProtocolPort& s : c.protocols) {
        const bool tls = s.protocol == cfg::Protocol::Tls;
        out << "  - port:\n      number: " << s.port << "\n      name: " << (tls ? "tls-" : "http-")
            << s.port << "\n      protocol: " << (tls ? "TLS" : "HTTP") << "\n    hosts:\n    - "
            << quoted(host) << '\n';
        if (tls) out << "    tls:\n      mode: PASSTHROUGH\n";
    }
    out << "---\n";
}

void add_route(std::ostream& out, const std::string& gateway, const cfg::ProtocolPort& s,
               const std::string& host) {
    out << "  - match:\n    - gateways:\n      - " << gateway << "\n      port: " << s.port << '\n';
    if (s.protocol == cfg::Protocol::Tls) out << "      sniHosts:\n      - " << quoted(host) << '\n';
    out << "    route:\n    - destination:\n        host: " << quoted(host)
        << "\n        port:\n          number: " << s.port << '\n';
}

void add_virtual_service(std::ostream& out, const std::string& name, const Candidate& c,
                         const std::string& host) {
    out << "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata:\n  name: " << name
        << "\nspec:\n  hosts:\n  - " << quoted(host) << "\n  gateways:\n  - " << name << '\n';
    for (const cfg::Protocol protocol : {cfg::Protocol::Tls, cfg::Protocol::Http}) {
        bool is_first = true;
        for (const cfg::ProtocolPort& s : c.protocols) {
            if (s.protocol != protocol) continue;
            if (is_first) out << (protocol == cfg::Protocol::Tls ? "  tls:\n" : "  http:\n");
            is_first = false;
            add_route(out, name, s, host);
        }
    }
    out << "---\n";
}

}  // namespace

std::string to_yaml(std::span<const Candidate> candidates) {
    std::ostringstream out;
    Names names;
    const bool any = std::ranges::any_of(candidates, can_be_used);
    out << (any ? "policy:\n  rules:\n" : "# Nothing that a rule would allow.\n");
    for (const Candidate& c : candidates) {
        out << "    # " << comment_of(c) << '\n';
        const std::string lines = rule_lines(names.next(c), c);
        if (can_be_used(c)) {
            out << lines;
            continue;
        }
        out << "    # IPv6 is not forwarded yet:\n";
        std::istringstream each(lines);
        for (std::string line; std::getline(each, line);) out << "    #" << line.substr(4) << '\n';
    }
    return out.str();
}

nlohmann::ordered_json to_json(std::span<const Candidate> candidates) {
    auto out = nlohmann::ordered_json::array();
    Names names;
    for (const Candidate& c : candidates) {
        nlohmann::ordered_json rule{{"name", names.next(c)}, {"sources", {prefix_text(c.source)}}};
        if (!c.hosts.empty()) rule["hosts"] = c.hosts;
        for (const IpPrefix& p : c.networks) rule["networks"].push_back(prefix_text(p));
        for (const cfg::ProtocolPort& s : c.protocols) rule["protocols"].push_back(service_text(s));
        if (c.needs_private) rule["private"] = true;
        nlohmann::ordered_json reasons = nlohmann::ordered_json::object();
        for (const auto& [reason, count] : c.reasons) reasons[std::string(dp::text(reason))] = count;
        out.push_back({{"rule", std::move(rule)},
                       {"count", c.count},
                       {"first", time_of(c.first)},
                       {"last", time_of(c.last)},
                       {"reasons", std::move(reasons)}});
    }
    return out;
}

std::string to_istio(std::span<const Candidate> candidates) {
    std::ostringstream out;
    Names names;
    for (const Candidate& c : candidates) {
        for (const std::string& host : c.hosts) {
            const std::string name = names.next(c);
            out << "# " << comment_of(c) << "; from " << prefix_text(c.source)
                << "\n# Open to every client: these objects know no sources.\n";
            add_service_entry(out, name, c, host);
            add_gateway(out, name, c, host);
            add_virtual_service(out, name, c, host);
        }
        for (const IpPrefix& network : c.networks)
            out << "# " << comment_of(c) << "; from " << prefix_text(c.source) << " to "
                << prefix_text(network) << ' ' << flow_list(c.protocols, service_text)
                << ": needs a rule of the native form\n";
    }
    return out.str();
}

}  // namespace sallyport::ctl

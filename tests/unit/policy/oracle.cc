// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/policy/oracle.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <tuple>

#include "tests/unit/policy/rules.h"

namespace sallyport::test {
namespace {

using namespace dp::policy;
using dp::Reason;

// The greatest decides: longer name or network, exact, deny, earlier in the file.
using Rank = std::tuple<std::size_t, bool, bool, int>;

struct Candidate {
    Rank rank;
    const cfg::Rule* rule;
    RuleId id;
};

bool denies(const cfg::Rule& rule) {
    return rule.action == cfg::Action::Deny;
}
bool audits(const cfg::Rule& rule) {
    return rule.mode == cfg::Mode::Audit;
}

bool source_matches(const cfg::Model& model, const cfg::Rule& rule, const IpAddr& source) {
    if (rule.sources.empty()) return true;
    const std::vector<IpPrefix> networks = cfg::source_networks(model, rule);
    return std::ranges::any_of(networks, [&](const IpPrefix& n) { return n.contains(source); });
}

bool declares(const cfg::Rule& rule, cfg::Protocol protocol, std::uint16_t port) {
    return std::ranges::count(rule.protocols, cfg::ProtocolPort{protocol, port}) != 0;
}

cfg::Protocol protocol_of(AppProtocol protocol) {
    return protocol == AppProtocol::Http ? cfg::Protocol::Http : cfg::Protocol::Tls;
}
cfg::Protocol protocol_of(FlowProtocol protocol) {
    switch (protocol) {
        case FlowProtocol::Tcp: return cfg::Protocol::Tcp;
        case FlowProtocol::Udp: return cfg::Protocol::Udp;
        case FlowProtocol::Icmp: return cfg::Protocol::Icmp;
    }
    __builtin_unreachable();
}

std::vector<cfg::HostPattern> hosts_of(const cfg::Rule& rule) {
    std::vector<cfg::HostPattern> hosts = rule.hosts;
    for (std::size_t i = 0; rule.listed && i < rule.listed->size(); ++i)
        hosts.push_back({std::string((*rule.listed)[i].name), (*rule.listed)[i].wildcard, {}});
    return hosts;
}

bool host_matches(const cfg::HostPattern& host, std::string_view name) {
    return host.wildcard ? name.ends_with("." + host.name) : name == host.name;
}

std::vector<Candidate> by_name(const cfg::Model& model, const Query& query) {
    std::vector<Candidate> out;
    for (std::size_t i = 0; i < model.policy.rules.size(); ++i) {
        const cfg::Rule& rule = model.policy.rules[i];
        if (!declares(rule, protocol_of(query.protocol), query.port.number)) continue;
        if (!source_matches(model, rule, query.source)) continue;
        for (const cfg::HostPattern& host : hosts_of(rule))
            if (host_matches(host, query.name))
                out.push_back(
                    {{host.name.size(), !host.wildcard, denies(rule), -static_cast<int>(i)},
                     &rule,
                     static_cast<RuleId>(i + 1)});
    }
    return out;
}

std::vector<Candidate> by_address(const cfg::Model& model, const FlowQuery& query) {
    std::vector<Candidate> out;
    for (std::size_t i = 0; i < model.policy.rules.size(); ++i) {
        const cfg::Rule& rule = model.policy.rules[i];
        if (!declares(rule, protocol_of(query.protocol), query.port.number)) continue;
        if (!source_matches(model, rule, query.source)) continue;
        for (const IpPrefix& network : rule.networks)
            if (network.contains(query.destination))
                out.push_back({{network.length(), true, denies(rule), -static_cast<int>(i)},
                               &rule,
                               static_cast<RuleId>(i + 1)});
    }
    return out;
}

const Candidate* best(const std::vector<Candidate>& candidates,
                      const std::function<bool(const Candidate&)>& counts) {
    const Candidate* out = nullptr;
    for (const Candidate& c : candidates)
        if (counts(c) && (out == nullptr || c.rank > out->rank)) out = &c;
    return out;
}

Verdict conclude(const std::vector<Candidate>& candidates, Reason denied, Reason unmatched) {
    const Candidate* enforced =
        best(candidates, [](const Candidate& c) { return !audits(*c.rule); });
    const auto comes_first = [&](const Candidate& c) {
        return audits(*c.rule) && (enforced == nullptr || c.rank > enforced->rank);
    };
    const Candidate* audit = best(candidates, comes_first);
    const Candidate* audit_allow =
        best(candidates, [&](const Candidate& c) { return comes_first(c) && !denies(*c.rule); });
    Verdict out;
    if (enforced != nullptr && !denies(*enforced->rule)) {
        const bool objected = audit != nullptr && denies(*audit->rule);
        out.decision = objected ? Decision::WouldDeny : Decision::Allow;
        out.reason = objected ? denied : Reason::None;
        out.rule = objected ? audit->id : enforced->id;
        out.terms = enforced->id - 1;
        return out;
    }
    out.reason = enforced != nullptr ? denied : unmatched;
    out.rule = enforced != nullptr ? enforced->id : kDefaultRule;
    if (audit_allow == nullptr) return out;
    out.decision = Decision::WouldDeny;
    out.rule = audit_allow->id;
    out.terms = audit_allow->id - 1;
    return out;
}

// Of the enforced rules with one of the protocols on the port.
Reason furthest(const cfg::Model& model, const IpAddr& source, cfg::Protocol protocol,
                std::uint16_t port) {
    Reason out = Reason::PortNotAllowed;
    for (const cfg::Rule& rule : model.policy.rules) {
        if (audits(rule) || !declares(rule, protocol, port)) continue;
        if (source_matches(model, rule, source)) return Reason::DstNotAllowed;
        out = Reason::SourceNotAllowed;
    }
    return out;
}

}  // namespace

Verdict plain_match(const cfg::Model& model, const Query& query) {
    const Reason denied =
        query.protocol == AppProtocol::Http ? Reason::HostNotAllowed : Reason::SniNotAllowed;
    return conclude(by_name(model, query), denied, denied);
}

Verdict plain_match_flow(const cfg::Model& model, const FlowQuery& query) {
    return conclude(by_address(model, query), Reason::DstNotAllowed,
                    furthest(model, query.source, protocol_of(query.protocol), query.port.number));
}

Admission plain_admit(const cfg::Model& model, const IpAddr& source, const IpAddr& destination,
                      Port port) {
    const FlowQuery flow{source, destination, port, FlowProtocol::Tcp};
    const std::vector<Candidate> candidates = by_address(model, flow);
    const bool enforced =
        std::ranges::any_of(candidates, [](const Candidate& c) { return !audits(*c.rule); });
    Reason by_name = Reason::PortNotAllowed;
    bool reaches_private = false;
    for (const cfg::Rule& rule : model.policy.rules) {
        if (!declares(rule, cfg::Protocol::Tls, port.number) &&
            !declares(rule, cfg::Protocol::Http, port.number))
            continue;
        if (by_name == Reason::PortNotAllowed) by_name = Reason::SourceNotAllowed;
        if (!source_matches(model, rule, source)) continue;
        by_name = Reason::None;
        const bool opens = rule.allow_private || model.policy.allow_private;
        reaches_private = reaches_private || (opens && rule.action == cfg::Action::Allow);
    }
    if (!enforced && by_name == Reason::None)
        return {.way = Way::Inspect, .verdict = {.allow_private = reaches_private}};
    const Reason by_flow = furthest(model, source, cfg::Protocol::Tcp, port.number);
    const Verdict verdict = conclude(candidates, Reason::DstNotAllowed,
                                     by_flow == Reason::PortNotAllowed ? by_name : by_flow);
    return {verdict.decision == Decision::Deny ? Way::Refuse : Way::Translate, verdict};
}

std::string Dice::name() {
    std::string out(1, letter());
    for (std::uint32_t more = below(4); more-- > 0;) out = std::string(1, letter()) + "." + out;
    return out;
}

std::string Dice::source_text() {
    const std::string host = std::to_string(below(4)) + "." + std::to_string(below(3));
    return below(4) == 0 ? "fd00::" + std::to_string(below(3)) : "10.0." + host;
}
IpAddr Dice::source() {
    return address(source_text());
}

std::string Dice::destination_text() {
    return below(4) == 0 ? "2001:db8::" + std::to_string(below(4))
                         : "192.0.2." + std::to_string(below(8));
}
IpAddr Dice::destination() {
    return address(destination_text());
}

IpPrefix Dice::network() {
    if (below(12) == 0) return prefix(coin() ? "::/0" : "0.0.0.0/0");
    const IpAddr host = destination();
    const unsigned width = host.is_v4() ? 32U : 128U;
    return {host, width - below(4)};
}

Port Dice::port() {
    return Port{static_cast<std::uint16_t>(coin() ? 443 : 8443)};
}

void Dice::add_names(cfg::Rule& rule) {
    for (std::uint32_t n = 1 + below(3); n-- > 0;) rule.hosts.push_back({name(), coin(), {}});
    if (below(4) != 0) return;
    const auto list = std::make_shared<cfg::NameList>();
    for (std::uint32_t n = 1 + below(4); n-- > 0;) list->add(name(), coin());
    rule.listed = list;
}

void Dice::add_sources(cfg::Rule& rule) {
    for (std::uint32_t n = below(3); n-- > 0;) {
        if (below(4) == 0) {
            rule.sources.push_back({{}, coin() ? "some" : "none"});
            continue;
        }
        const IpAddr host = source();
        rule.sources.push_back({{host, (host.is_v4() ? 32U : 128U) - 8 * below(2)}, {}});
    }
}

void Dice::add_protocols(cfg::Rule& rule) {
    constexpr cfg::Protocol kAll[] = {cfg::Protocol::Tls, cfg::Protocol::Http, cfg::Protocol::Tcp,
                                      cfg::Protocol::Udp, cfg::Protocol::Icmp};
    for (std::uint32_t n = 1 + below(3); n-- > 0;) {
        const cfg::Protocol protocol = kAll[below(5)];
        const std::uint16_t number = port().number;
        rule.protocols.push_back(
            {protocol, protocol == cfg::Protocol::Icmp ? std::uint16_t{0} : number});
    }
}

cfg::Rule Dice::rule() {
    cfg::Rule rule;
    rule.action = coin() ? cfg::Action::Allow : cfg::Action::Deny;
    rule.mode = below(4) == 0 ? cfg::Mode::Audit : cfg::Mode::Enforce;
    rule.allow_private = coin();
    add_names(rule);
    add_sources(rule);
    add_protocols(rule);
    for (std::uint32_t n = below(4); n-- > 0;) rule.networks.push_back(network());
    return rule;
}

cfg::Model Dice::model(std::uint32_t most) {
    cfg::Model model;
    model.groups = {{"some", {prefix("10.0.0.0/23"), prefix("fd00::1")}, {}}, {"none", {}, {}}};
    for (std::uint32_t n = below(most + 1); n-- > 0;) model.policy.rules.push_back(rule());
    return model;
}

}  // namespace sallyport::test

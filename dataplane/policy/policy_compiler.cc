// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/policy_compiler.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "dataplane/policy/rule_terms.h"
#include "dataplane/policy/rule_times.h"
#include "tcpstack/base/check.h"
#include "tcpstack/base/rng.h"

namespace sallyport::dp::policy {

// Here and not with the look-up, because they free.
PolicyTable::PolicyTable() = default;
PolicyTable::PolicyTable(PolicyTable&&) noexcept = default;
PolicyTable& PolicyTable::operator=(PolicyTable&&) noexcept = default;
PolicyTable::~PolicyTable() = default;

namespace {

Answer answer_of(cfg::Answer answer) {
    switch (answer) {
        case cfg::Answer::Drop: return Answer::Drop;
        case cfg::Answer::Reset: return Answer::Reset;
        case cfg::Answer::Alert: return Answer::Alert;
    }
    __builtin_unreachable();
}

// Of the protocols in which a client says a name; the others are not matched by name.
std::optional<AppProtocol> named_protocol(cfg::Protocol protocol) {
    switch (protocol) {
        case cfg::Protocol::Tls: return AppProtocol::Tls;
        case cfg::Protocol::Http: return AppProtocol::Http;
        case cfg::Protocol::Tcp:
        case cfg::Protocol::Udp:
        case cfg::Protocol::Icmp: return std::nullopt;
    }
    __builtin_unreachable();
}

// Of the protocols that are matched by address.
std::optional<FlowProtocol> flow_protocol(cfg::Protocol protocol) {
    switch (protocol) {
        case cfg::Protocol::Tcp: return FlowProtocol::Tcp;
        case cfg::Protocol::Udp: return FlowProtocol::Udp;
        case cfg::Protocol::Icmp: return FlowProtocol::Icmp;
        case cfg::Protocol::Tls:
        case cfg::Protocol::Http: return std::nullopt;
    }
    __builtin_unreachable();
}

std::uint16_t egress_index(const cfg::Model& model, const std::string& name) {
    if (name.empty()) return 0;
    const auto at = std::ranges::find(model.egress, name, &cfg::EgressSet::name);
    SP_CHECK(at != model.egress.end());  // the reader of the configuration refuses this
    return static_cast<std::uint16_t>(at - model.egress.begin());
}

template <class List>
std::uint32_t length_of(const List& list) {
    return static_cast<std::uint32_t>(list.size());
}

Verdict verdict_of(const cfg::Model& model, const cfg::Rule& rule, RuleId id, std::uint32_t terms) {
    const bool allows = rule.action == cfg::Action::Allow;
    return {.decision = allows ? Decision::Allow : Decision::Deny,
            .reason = Reason::None,  // of a denial, the look-up says it
            .rule = id,
            .answer = answer_of(rule.answer.value_or(model.policy.default_answer)),
            .egress = egress_index(model, rule.egress),
            .allow_private = rule.allow_private || model.policy.allow_private,
            .terms = terms};
}

// Whether an upstream may have servers of the family for a client of the other one, which has no way out.
bool crosses_to(const Settings& settings, std::uint16_t egress, const Upstream& upstream,
                Family family) {
    if (upstream.cross_family != CrossFamily::Always) return false;
    switch (upstream.destination) {
        case Destination::Original: return false;  // the client's own address
        case Destination::Verified:
        case Destination::Resolved: return has_way_out(settings, egress, family);
        case Destination::Static: break;
    }
    return has_way_out(settings, egress, family) &&
           std::ranges::any_of(upstream.endpoints, [&](const Endpoint& e) {
               return e.address.family() == family && has_way_out(settings, egress, e.address);
           });
}

// Whether what the verdict lets pass may cross, by the family of the client.
std::array<bool, 2> crossings(const Settings& settings, const Verdict& verdict, const Terms& terms) {
    const auto leads_to = [&](Family family) {
        return verdict.decision == Decision::Allow &&
               std::ranges::any_of(terms.upstreams, [&](const Upstream& u) {
                   return crosses_to(settings, verdict.egress, u, family);
               });
    };
    return {leads_to(Family::V6), leads_to(Family::V4)};
}

NameIndexBuilder builder_for(const std::vector<cfg::Rule>& rules, std::uint64_t seed) {
    std::size_t patterns = 0, octets = 0;
    for (const cfg::Rule& rule : rules) {
        patterns += rule.hosts.size();
        for (const cfg::HostPattern& host : rule.hosts) octets += host.name.size();
        if (!rule.listed) continue;
        patterns += rule.listed->size();
        octets += rule.listed->octets();
    }
    return {seed, patterns, octets};
}

PatternKind kind_of(bool wildcard) {
    return wildcard ? PatternKind::Wildcard : PatternKind::Exact;
}

}  // namespace

PolicyCompiler::PolicyCompiler(const cfg::Model& model, const Settings& settings)
    : model_(model), settings_(settings), table_(std::make_unique<PolicyTable::Impl>()) {}

PolicyTable PolicyCompiler::compile(const CompileOptions& options) {
    table_->default_answer = answer_of(model_.policy.default_answer);
    const std::vector<cfg::Rule>& rules = model_.policy.rules;
    NameIndexBuilder names = builder_for(rules, Rng(options.generation_id).next());
    for (std::uint32_t i = 0; i < rules.size(); ++i) {
        const RuleId id = options.rule_ids.empty() ? i + 1 : options.rule_ids[i];
        const bool does_hold = !options.at || holds(rules[i], *options.at);
        add_rule(rules[i], id, does_hold);
        if (does_hold) add_names(rules[i], i, names);
    }
    std::ranges::sort(table_->known, {}, &PolicyTable::Impl::KnownRule::rule);
    finish_ports();
    finish_flows();
    table_->names = names.finish([&](std::uint32_t n) { return !table_->rules[n].allows(); });
    PolicyTable out;
    out.impl_ = std::move(table_);
    return out;
}

void PolicyCompiler::add_rule(const cfg::Rule& rule, RuleId id, bool does_hold) {
    const std::uint32_t number = length_of(table_->rules), terms = length_of(table_->terms);
    table_->terms.push_back(terms_of(rule, id));
    table_->known.push_back({id, terms});
    PolicyTable::Impl::Rule compiled{.sources = {},
                                     .services = {},
                                     .audits = rule.mode == cfg::Mode::Audit,
                                     .verdict = verdict_of(model_, rule, id, terms)};
    if (does_hold) {
        const Ranges sources =
            rule.sources.empty() ? every_address() : ranges_of(cfg::source_networks(model_, rule));
        compiled.sources = keep_ranges(sources);
        compiled.services = add_services(rule, sources, compiled);
        add_flows(rule, number, sources);
    }
    table_->rules.push_back(compiled);
}

Slice PolicyCompiler::add_services(const cfg::Rule& rule, const Ranges& sources,
                                   const PolicyTable::Impl::Rule& compiled) {
    const std::uint32_t first = length_of(table_->services);
    const auto add = [&](bool wanted, Ranges& to) {
        if (wanted) to.insert(to.end(), sources.begin(), sources.end());
    };
    const std::array<bool, 2> crosses = crossings(settings_, compiled.verdict, table_->terms.back());
    for (const cfg::ProtocolPort& declared : rule.protocols) {
        const auto protocol = named_protocol(declared.protocol);
        if (!protocol) continue;
        table_->services.push_back({declared.port, *protocol});
        PortSources& port = ports_[declared.port];
        port.protocols |= PolicyTable::Impl::bit(*protocol);
        add(true, port.all);
        add(compiled.allows() && compiled.verdict.allow_private, port.may_reach_private);
        for (std::size_t family = 0; family < crosses.size(); ++family)
            add(crosses[family], port.may_cross[family]);
    }
    return {first, length_of(table_->services) - first};
}

void PolicyCompiler::add_names(const cfg::Rule& rule, std::uint32_t number,
                               NameIndexBuilder& names) {
    for (const cfg::HostPattern& host : rule.hosts)
        names.add(host.name, kind_of(host.wildcard), number);
    for (std::size_t i = 0; rule.listed && i < rule.listed->size(); ++i) {
        const cfg::NameList::Item item = (*rule.listed)[i];
        names.add(item.name, kind_of(item.wildcard), number);
    }
}

void PolicyCompiler::add_flows(const cfg::Rule& rule, std::uint32_t number, const Ranges& sources) {
    std::vector<FlowIndex::Key> keys;
    for (const cfg::ProtocolPort& declared : rule.protocols)
        if (const auto protocol = flow_protocol(declared.protocol))
            keys.push_back(FlowIndex::key(*protocol, Port{declared.port}));
    flows_.add(number, rule.action == cfg::Action::Deny, keys, rule.networks);
    if (rule.mode == cfg::Mode::Audit) return;
    for (const FlowIndex::Key key : keys)
        flow_sources_[key].insert(flow_sources_[key].end(), sources.begin(), sources.end());
}

Slice PolicyCompiler::keep_ranges(Ranges ranges) {
    const Ranges kept = joined(std::move(ranges));
    const Slice slice{length_of(table_->ranges), length_of(kept)};
    table_->ranges.insert(table_->ranges.end(), kept.begin(), kept.end());
    return slice;
}

void PolicyCompiler::finish_ports() {
    for (const auto& [port, sources] : ports_)
        table_->ports.push_back(
            {port, sources.protocols, keep_ranges(sources.all), keep_ranges(sources.may_reach_private),
             {keep_ranges(sources.may_cross[0]), keep_ranges(sources.may_cross[1])}});
}

void PolicyCompiler::finish_flows() {
    table_->flows = flows_.finish();
    for (FlowIndex::Service& service : table_->flows.services) {
        const auto enforced = flow_sources_.find(service.key);
        if (enforced == flow_sources_.end()) continue;
        service.enforced = true;
        service.sources = keep_ranges(std::move(enforced->second));
    }
}

}  // namespace sallyport::dp::policy

// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/policy_compiler.h"

#include <algorithm>
#include <bit>
#include <optional>

#include "tcpstack/base/check.h"

namespace sallyport::dp::policy {

// Here and not with the look-up, because they free.
PolicyTable::PolicyTable() = default;
PolicyTable::PolicyTable(PolicyTable&&) noexcept = default;
PolicyTable& PolicyTable::operator=(PolicyTable&&) noexcept = default;
PolicyTable::~PolicyTable() = default;

namespace {

using Ranges = std::vector<AddressRange>;
constexpr std::size_t kNameMax = 253;  // RFC 1035 section 2.3.4
using AddressOctets = std::array<std::uint8_t, 16>;

constexpr AddressOctets filled(std::uint8_t value) {
    AddressOctets octets{};
    octets.fill(value);
    return octets;
}
constexpr IpAddr kLowest{Ipv6Addr{filled(0)}}, kHighest{Ipv6Addr{filled(0xff)}};
constexpr IpAddr kFirstMapped{Ipv4Addr{{0, 0, 0, 0}}}, kLastMapped{Ipv4Addr{{255, 255, 255, 255}}};

// The neighbours on the line of all addresses; neither is asked for at its end.
IpAddr after(const IpAddr& a) {
    AddressOctets octets = a.octets();
    for (std::size_t i = octets.size(); i-- > 0;)
        if (++octets[i] != 0) break;
    return Ipv6Addr{octets};
}
IpAddr before(const IpAddr& a) {
    AddressOctets octets = a.octets();
    for (std::size_t i = octets.size(); i-- > 0;)
        if (octets[i]-- != 0) break;
    return Ipv6Addr{octets};
}

IpAddr last_of(const IpPrefix& prefix) {
    const unsigned length = prefix.length() + (prefix.family() == Family::V4 ? 96 : 0);
    AddressOctets octets = prefix.address().octets();
    for (unsigned bit = length; bit < 128; ++bit)
        octets[bit / 8] |= static_cast<std::uint8_t>(0x80U >> (bit % 8));
    return Ipv6Addr{octets};
}

// An IPv6 prefix around the mapped addresses, such as ::/0, says nothing of IPv4: they are cut out.
void add_prefix(const IpPrefix& prefix, Ranges& out) {
    const AddressRange whole{prefix.address(), last_of(prefix)};
    const bool around_v4 = prefix.family() == Family::V6 &&
                           whole.first.octets() <= kFirstMapped.octets() &&
                           kLastMapped.octets() <= whole.last.octets();
    if (!around_v4) {
        out.push_back(whole);
        return;
    }
    if (whole.first != kFirstMapped) out.push_back({whole.first, before(kFirstMapped)});
    if (whole.last != kLastMapped) out.push_back({after(kLastMapped), whole.last});
}

Ranges networks_of(const std::vector<IpPrefix>& networks) {
    Ranges out;
    for (const IpPrefix& prefix : networks) add_prefix(prefix, out);
    return out;
}

Ranges ranges_of(const std::vector<IpPrefix>& sources) {
    if (sources.empty()) return {{kLowest, kHighest}};
    return networks_of(sources);
}

Ranges sorted_without_overlap(Ranges ranges) {
    std::sort(ranges.begin(), ranges.end(), [](const AddressRange& a, const AddressRange& b) {
        return a.first.octets() < b.first.octets();
    });
    Ranges out;
    for (const AddressRange& range : ranges) {
        if (out.empty() || out.back().last.octets() < range.first.octets())
            out.push_back(range);
        else if (out.back().last.octets() < range.last.octets())
            out.back().last = range.last;
    }
    return out;
}

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

Upstream upstream_of(const cfg::Rule& rule, const cfg::Upstream& u) {
    Upstream out;
    out.destination = static_cast<Destination>(u.destination);
    out.on_mismatch = static_cast<OnMismatch>(u.on_mismatch);
    out.balance = static_cast<Balance>(u.balance);
    out.port = u.port;
    out.weight = u.weight;
    out.max_connections = u.max_connections;
    out.resolve = u.resolve;
    for (const cfg::Endpoint& e : u.endpoints)
        out.endpoints.push_back({e.address, e.port, e.weight});
    out.networks = sorted_without_overlap(
        networks_of(u.networks.empty() ? rule.networks : u.networks));
    const auto zero = std::chrono::milliseconds(0);
    out.connect_timeout = u.connect_timeout.value_or(zero);
    out.idle_timeout = u.idle_timeout.value_or(zero);
    out.max_duration = u.max_duration.value_or(zero);
    if (u.keepalive) out.keepalive = {u.keepalive->time, u.keepalive->interval, u.keepalive->probes};
    return out;
}

Quota quota_of(const cfg::Quota& q) {
    return {q.max_connections, q.new_per_second, q.bytes_per_second, q.bytes};
}

Terms terms_of(const cfg::Rule& rule) {
    Terms out{.upstreams = {},
              .total_weight = 0,
              .rule = quota_of(rule.limits.rule),
              .source = quota_of(rule.limits.source)};
    if (rule.split.empty()) out.upstreams.push_back(upstream_of(rule, rule.upstream));
    for (const cfg::Upstream& u : rule.split) out.upstreams.push_back(upstream_of(rule, u));
    for (const Upstream& u : out.upstreams) out.total_weight += u.weight;
    return out;
}

std::uint16_t egress_index(const cfg::Model& model, const std::string& name) {
    if (name.empty()) return 0;
    const auto at = std::find_if(model.egress.begin(), model.egress.end(),
                                 [&](const cfg::EgressSet& set) { return set.name == name; });
    SP_CHECK(at != model.egress.end());  // the reader of the configuration refuses this
    return static_cast<std::uint16_t>(at - model.egress.begin());
}

Verdict verdict_of(const cfg::Model& model, const cfg::Rule& rule, RuleId id) {
    const bool allows = rule.action == cfg::Action::Allow;
    return {.decision = allows ? Decision::Allow : Decision::Deny,
            .reason = Reason::None,  // of a denial, the look-up says it
            .rule = id,
            .answer = answer_of(rule.answer.value_or(model.policy.default_answer)),
            .egress = egress_index(model, rule.egress),
            .allow_private = rule.allow_private || model.policy.allow_private};
}

template <class List>
std::uint32_t length_of(const List& list) {
    return static_cast<std::uint32_t>(list.size());
}

}  // namespace

PolicyCompiler::PolicyCompiler(std::uint64_t seed) : table_(std::make_unique<PolicyTable::Impl>()) {
    table_->names.seed = seed;
}

PolicyTable PolicyCompiler::compile(const cfg::Model& model, std::span<const RuleId> ids) {
    table_->default_answer = answer_of(model.policy.default_answer);
    const std::vector<cfg::Rule>& rules = model.policy.rules;
    for (std::size_t i = 0; i < rules.size(); ++i) {
        const RuleId id = ids.empty() ? static_cast<RuleId>(i + 1) : ids[i];
        add_rule(model, rules[i], verdict_of(model, rules[i], id));
    }
    std::ranges::sort(table_->known, {}, &PolicyTable::Impl::KnownRule::rule);
    finish_ports();
    finish_names();
    PolicyTable out;
    out.impl_ = std::move(table_);
    return out;
}

void PolicyCompiler::add_rule(const cfg::Model& model, const cfg::Rule& rule, Verdict verdict) {
    const std::uint32_t number = length_of(table_->rules);
    const std::uint32_t first_service = length_of(table_->services);
    const Ranges sources = ranges_of(cfg::source_networks(model, rule));
    const bool reaches_private = verdict.decision == Decision::Allow && verdict.allow_private;
    for (const cfg::ProtocolPort& declared : rule.protocols) {
        const auto protocol = named_protocol(declared.protocol);
        if (!protocol) continue;
        table_->services.push_back({declared.port, *protocol});
        add_to_port(table_->services.back(), sources, reaches_private);
    }
    const Slice services{first_service, length_of(table_->services) - first_service};
    const std::uint32_t first_flow_service = length_of(table_->flow_services);
    for (const cfg::ProtocolPort& declared : rule.protocols)
        if (const auto protocol = flow_protocol(declared.protocol))
            table_->flow_services.push_back({declared.port, *protocol});
    const Slice flow_services{first_flow_service,
                              length_of(table_->flow_services) - first_flow_service};
    const Slice networks{length_of(table_->networks), length_of(rule.networks)};
    table_->networks.insert(table_->networks.end(), rule.networks.begin(), rule.networks.end());
    verdict.terms = length_of(table_->terms);
    table_->known.push_back({verdict.rule, verdict.terms});
    table_->terms.push_back(terms_of(rule));
    table_->rules.push_back({keep_ranges(sources), services, networks, flow_services, verdict});

    for (const cfg::HostPattern& host : rule.hosts) {
        const PatternKind kind = host.wildcard ? PatternKind::Wildcard : PatternKind::Exact;
        std::vector<std::uint32_t>& numbers = names_[{host.name, kind}];
        if (numbers.empty() || numbers.back() != number) numbers.push_back(number);
    }
}

void PolicyCompiler::add_to_port(const Service& service, const Ranges& sources,
                                 bool reaches_private) {
    PortSources& port = ports_[service.port];
    port.protocols |= PolicyTable::Impl::bit(service.protocol);
    port.all.insert(port.all.end(), sources.begin(), sources.end());
    if (!reaches_private) return;
    port.may_reach_private.insert(port.may_reach_private.end(), sources.begin(), sources.end());
}

Slice PolicyCompiler::keep_ranges(Ranges ranges) {
    const Ranges kept = sorted_without_overlap(std::move(ranges));
    const Slice slice{length_of(table_->ranges), length_of(kept)};
    table_->ranges.insert(table_->ranges.end(), kept.begin(), kept.end());
    return slice;
}

void PolicyCompiler::finish_ports() {
    for (const auto& [port, sources] : ports_)
        table_->ports.push_back({port, sources.protocols, keep_ranges(sources.all),
                                 keep_ranges(sources.may_reach_private)});
}

void PolicyCompiler::finish_names() {
    NameIndex& index = table_->names;
    index.slots.resize(std::bit_ceil(2 * names_.size() + 2));
    for (auto& [pattern, numbers] : names_) {
        const auto& [name, kind] = pattern;
        SP_CHECK(name.size() <= kNameMax);  // the reader of the configuration refuses this
        // The order in which rules of one pattern are tried: deny beats allow, then the file's.
        const auto is_allow = [&](std::uint32_t number) {
            return table_->rules[number].verdict.decision != Decision::Deny;
        };
        std::sort(numbers.begin(), numbers.end(), [&](std::uint32_t a, std::uint32_t b) {
            return std::pair(is_allow(a), a) < std::pair(is_allow(b), b);
        });
        const Slice rules{length_of(table_->rule_numbers), length_of(numbers)};
        table_->rule_numbers.insert(table_->rule_numbers.end(), numbers.begin(), numbers.end());
        index.entries.push_back(
            {length_of(index.texts), static_cast<std::uint8_t>(name.size()), kind, rules});
        index.texts += name;
        place_name(length_of(index.entries) - 1);
    }
}

void PolicyCompiler::place_name(std::uint32_t entry) {
    NameIndex& index = table_->names;
    const NameEntry& named = index.entries[entry];
    const std::string_view name = index.text_of(named);
    NameHash running(index.seed);
    for (std::size_t at = name.size(); at-- > 0;) running.add(name[at]);
    const std::uint64_t hash = running.value(named.kind);
    const std::size_t mask = index.slots.size() - 1;
    std::size_t at = hash & mask;
    while (index.slots[at].entry != NameIndex::kEmpty) at = (at + 1) & mask;
    index.slots[at] = {static_cast<std::uint32_t>(hash >> 32), entry};
}

}  // namespace sallyport::dp::policy

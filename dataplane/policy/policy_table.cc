// SPDX-License-Identifier: Apache-2.0
// The look-up. Construction and destruction, which allocate and free, are in policy_compiler.cc.
#include "dataplane/policy/policy_table.h"

#include <algorithm>

#include "dataplane/policy/policy_table_impl.h"
#include "tcpstack/base/check.h"

namespace sallyport::dp::policy {
namespace {

// A rule may hold for both protocols, so only the query tells which name was not allowed.
Reason not_allowed(AppProtocol protocol) {
    switch (protocol) {
        case AppProtocol::Tls: return Reason::SniNotAllowed;
        case AppProtocol::Http: return Reason::HostNotAllowed;
    }
    __builtin_unreachable();
}

}  // namespace

auto PolicyTable::Impl::find_port(Port port) const -> const PortEntry* {
    const auto at =
        std::lower_bound(ports.begin(), ports.end(), port.number,
                         [](const PortEntry& e, std::uint16_t number) { return e.port < number; });
    return at != ports.end() && at->port == port.number ? &*at : nullptr;
}

bool PolicyTable::Impl::matches(const Rule& rule, const Query& query) const {
    const auto of_rule = std::span(services).subspan(rule.services.first, rule.services.count);
    const Service wanted{query.port.number, query.protocol};
    if (std::find(of_rule.begin(), of_rule.end(), wanted) == of_rule.end()) return false;
    return contains(ranges_of(rule.sources), query.source);
}

auto PolicyTable::Impl::first_match(const NameEntry* entry, const Query& query) const
    -> const Rule* {
    if (entry == nullptr) return nullptr;
    const auto numbers = std::span(rule_numbers).subspan(entry->rules.first, entry->rules.count);
    for (const std::uint32_t number : numbers)
        if (matches(rules[number], query)) return &rules[number];
    return nullptr;
}

// From the shortest wildcard to the exact name: what matches later is longer and wins.
auto PolicyTable::Impl::find_rule(const Query& query) const -> const Rule* {
    const std::string_view name = query.name;
    const Rule* best = nullptr;
    const auto try_pattern = [&](const NameHash& hash, std::size_t from, PatternKind kind) {
        const std::string_view pattern(name.data() + from, name.size() - from);
        const NameEntry* entry = names.find(hash.value(kind), pattern, kind);
        if (const Rule* rule = first_match(entry, query)) best = rule;
    };
    NameHash hash(names.seed);
    for (std::size_t at = name.size(); at-- > 0;) {
        if (name[at] == '.') try_pattern(hash, at + 1, PatternKind::Wildcard);
        hash.add(name[at]);
    }
    try_pattern(hash, 0, PatternKind::Exact);
    return best;
}

Verdict PolicyTable::match(const Query& query) const {
    const Impl::Rule* rule = impl_ && !query.name.empty() ? impl_->find_rule(query) : nullptr;
    Verdict verdict;
    verdict.answer = default_answer();
    if (rule != nullptr) verdict = rule->verdict;
    if (verdict.decision == Decision::Deny) verdict.reason = not_allowed(query.protocol);
    return verdict;
}

bool PolicyTable::Impl::serves(const Rule& rule, const FlowQuery& query) const {
    const auto of_rule =
        std::span(flow_services).subspan(rule.flow_services.first, rule.flow_services.count);
    return std::any_of(of_rule.begin(), of_rule.end(), [&](const FlowService& s) {
        return s.protocol == query.protocol && s.port == query.port.number;
    });
}

Verdict PolicyTable::match_flow(const FlowQuery& query) const {
    Verdict verdict;
    verdict.reason = Reason::PortNotAllowed;
    verdict.answer = default_answer();
    if (!impl_) return verdict;
    const Impl::Rule* best = nullptr;
    unsigned longest = 0;
    for (const Impl::Rule& rule : impl_->rules) {
        if (!impl_->serves(rule, query)) continue;
        if (!contains(impl_->ranges_of(rule.sources), query.source)) {
            if (verdict.reason == Reason::PortNotAllowed) verdict.reason = Reason::SourceNotAllowed;
            continue;
        }
        verdict.reason = Reason::DstNotAllowed;
        for (const IpPrefix& network : impl_->networks_of(rule)) {
            if (!network.contains(query.destination)) continue;
            const unsigned length = network.length() + 1U;
            const bool denies = rule.verdict.decision == Decision::Deny;
            if (length < longest) continue;
            if (length == longest && (!denies || best->verdict.decision == Decision::Deny)) continue;
            best = &rule;
            longest = length;
        }
    }
    if (best == nullptr) return verdict;
    verdict = best->verdict;
    if (verdict.decision == Decision::Deny) verdict.reason = Reason::DstNotAllowed;
    return verdict;
}

const Terms& PolicyTable::terms(const Verdict& verdict) const {
    SP_ASSERT(impl_ && verdict.terms < impl_->terms.size());
    return impl_->terms[verdict.terms];
}

const Terms* PolicyTable::terms_of(RuleId rule) const {
    if (!impl_) return nullptr;
    const auto at = std::lower_bound(impl_->known.begin(), impl_->known.end(), rule,
                                     [](const auto& k, RuleId id) { return k.rule < id; });
    return at != impl_->known.end() && at->rule == rule ? &impl_->terms[at->terms] : nullptr;
}

Reason PolicyTable::admit(const IpAddr& source, Port port) const {
    const Impl::PortEntry* entry = impl_ ? impl_->find_port(port) : nullptr;
    if (entry == nullptr) return Reason::PortNotAllowed;
    return contains(impl_->ranges_of(entry->sources), source) ? Reason::None
                                                              : Reason::SourceNotAllowed;
}

bool PolicyTable::may_reach_private(const IpAddr& source, Port port) const {
    const Impl::PortEntry* entry = impl_ ? impl_->find_port(port) : nullptr;
    return entry != nullptr && contains(impl_->ranges_of(entry->private_sources), source);
}

bool PolicyTable::declares(Port port, AppProtocol protocol) const {
    const Impl::PortEntry* entry = impl_ ? impl_->find_port(port) : nullptr;
    return entry != nullptr && (entry->protocols & Impl::bit(protocol)) != 0;
}

Answer PolicyTable::default_answer() const {
    return impl_ ? impl_->default_answer : Answer::Drop;
}

}  // namespace sallyport::dp::policy

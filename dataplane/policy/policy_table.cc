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

void PolicyTable::Impl::Choice::put_before(const Choice& specific) {
    if (specific.enforced != nullptr) {
        *this = specific;
        return;
    }
    if (specific.audit != nullptr) audit = specific.audit;
    if (specific.audit_allow != nullptr) audit_allow = specific.audit_allow;
}

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

template <class Matches>
auto PolicyTable::Impl::first_of(std::span<const std::uint32_t> numbers,
                                 const Matches& matches) const -> Choice {
    Choice choice;
    for (const std::uint32_t number : numbers) {
        const Rule& rule = rules[number];
        if (!matches(rule)) continue;
        if (!rule.audits) {
            choice.enforced = &rule;
            break;
        }
        if (choice.audit == nullptr) choice.audit = &rule;
        if (choice.audit_allow == nullptr && rule.allows()) choice.audit_allow = &rule;
    }
    return choice;
}

// From the shortest wildcard to the exact name: what matches later is more specific.
auto PolicyTable::Impl::choose(const Query& query) const -> Choice {
    const std::string_view name = query.name;
    Choice choice;
    const auto try_pattern = [&](const NameHash& hash, std::size_t from, PatternKind kind) {
        const std::string_view pattern(name.data() + from, name.size() - from);
        const Slice found = names.rules_of(hash.value(kind), pattern, kind);
        if (found.count == 0) return;
        const auto numbers = std::span(names.rule_numbers).subspan(found.first, found.count);
        choice.put_before(first_of(numbers, [&](const Rule& r) { return matches(r, query); }));
    };
    NameHash hash(names.seed);
    for (std::size_t at = name.size(); at-- > 0;) {
        if (name[at] == '.') try_pattern(hash, at + 1, PatternKind::Wildcard);
        hash.add(name[at]);
    }
    try_pattern(hash, 0, PatternKind::Exact);
    return choice;
}

auto PolicyTable::Impl::choose(const FlowIndex::Service& service, const FlowQuery& query) const
    -> Choice {
    return first_of(flows.rules_for(service, query.destination), [&](const Rule& rule) {
        return contains(ranges_of(rule.sources), query.source);
    });
}

Reason PolicyTable::Impl::unmatched(const FlowIndex::Service* service, const IpAddr& source) const {
    if (service == nullptr || !service->enforced) return Reason::PortNotAllowed;
    return contains(ranges_of(service->sources), source) ? Reason::DstNotAllowed
                                                         : Reason::SourceNotAllowed;
}

Verdict PolicyTable::Impl::conclude(const Choice& choice, Reason denied, Reason unmatched) const {
    Verdict enforced{.reason = unmatched, .answer = default_answer};
    if (choice.enforced != nullptr) {
        enforced = choice.enforced->verdict;
        if (!choice.enforced->allows()) enforced.reason = denied;
    }
    if (enforced.decision == Decision::Allow) {
        if (choice.audit == nullptr || choice.audit->allows()) return enforced;
        enforced.decision = Decision::WouldDeny;
        enforced.reason = denied;
        enforced.rule = choice.audit->verdict.rule;
        return enforced;
    }
    if (choice.audit_allow == nullptr) return enforced;
    Verdict audited = choice.audit_allow->verdict;
    audited.decision = Decision::WouldDeny;
    audited.reason = enforced.reason;
    return audited;
}

Verdict PolicyTable::match(const Query& query) const {
    const Reason denied = not_allowed(query.protocol);
    if (!impl_) return {.reason = denied};
    const Impl::Choice choice = query.name.empty() ? Impl::Choice{} : impl_->choose(query);
    return impl_->conclude(choice, denied, denied);
}

Verdict PolicyTable::match_flow(const FlowQuery& query) const {
    if (!impl_) return {.reason = Reason::PortNotAllowed};
    const FlowIndex::Service* service = impl_->flows.find(query.protocol, query.port);
    const Impl::Choice choice = service ? impl_->choose(*service, query) : Impl::Choice{};
    return impl_->conclude(choice, Reason::DstNotAllowed, impl_->unmatched(service, query.source));
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

Admission PolicyTable::admit(const IpAddr& source, const IpAddr& destination, Port port) const {
    Admission refused{.way = Way::Refuse, .verdict = {.reason = Reason::PortNotAllowed}};
    if (!impl_) return refused;
    const Reason by_name = admit(source, port);
    const FlowIndex::Service* service = impl_->flows.find(FlowProtocol::Tcp, port);
    const FlowQuery flow{source, destination, port, FlowProtocol::Tcp};
    const Impl::Choice choice = service ? impl_->choose(*service, flow) : Impl::Choice{};
    // Where names are inspected, a layer-4 rule in audit has nothing to say: what they allow is not
    // known yet.
    if (choice.enforced == nullptr && by_name == Reason::None)
        return {.way = Way::Inspect, .verdict = {.allow_private = may_reach_private(source, port)}};
    Reason unmatched = impl_->unmatched(service, source);
    if (unmatched == Reason::PortNotAllowed) unmatched = by_name;
    refused.verdict = impl_->conclude(choice, Reason::DstNotAllowed, unmatched);
    const bool passes = refused.verdict.decision != Decision::Deny;
    return {passes ? Way::Translate : Way::Refuse, refused.verdict};
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

bool PolicyTable::may_cross(const IpAddr& source, Port port) const {
    const Impl::PortEntry* entry = impl_ ? impl_->find_port(port) : nullptr;
    return entry != nullptr &&
           contains(impl_->ranges_of(entry->crossing_sources[Impl::number(source.family())]), source);
}

bool PolicyTable::declares(Port port, AppProtocol protocol) const {
    const Impl::PortEntry* entry = impl_ ? impl_->find_port(port) : nullptr;
    return entry != nullptr && (entry->protocols & Impl::bit(protocol)) != 0;
}

Answer PolicyTable::default_answer() const {
    return impl_ ? impl_->default_answer : Answer::Drop;
}

}  // namespace sallyport::dp::policy

// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/explain.h"

#include <algorithm>

#include "dataplane/policy/admission.h"
#include "dataplane/policy/rule_patterns.h"

namespace sallyport::dp::policy {
namespace {

Admission refused(const PolicyTable& policy, Reason reason) {
    return {.way = Way::Refuse, .verdict = {.reason = reason, .answer = policy.default_answer()}};
}

// As the workers take a first packet: a SYN, or a packet of a flow that nobody inspects.
Admission admit(const Generation& generation, const Question& q) {
    const PolicyTable& policy = generation.policy;
    if (q.flow == FlowProtocol::Tcp) {
        if (q.destination) return policy::admit(generation, q.source, *q.destination, q.port);
        const Reason reason = policy.admit(q.source, q.port);
        if (reason != Reason::None) return refused(policy, reason);
        return {.way = Way::Inspect, .verdict = {}};
    }
    if (!q.destination) return refused(policy, Reason::DstNotAllowed);
    const Verdict verdict = match_flow(generation, {q.source, *q.destination, q.port, q.flow});
    return {verdict.decision == Decision::Deny ? Way::Refuse : Way::Translate, verdict};
}

// Where the address itself is refused, no rule comes near to allowing it.
bool is_vetting(Reason reason) {
    return reason == Reason::DstReserved || reason == Reason::DstOwn ||
           reason == Reason::DstInside || reason == Reason::DstNotPublic;
}

Reason no_name(const PolicyTable& policy, const Question& q) {
    const bool tls = policy.declares(q.port, AppProtocol::Tls);
    return tls ? Reason::NoSni : Reason::NoHost;
}

Admission judge(const Generation& generation, const Question& q) {
    const PolicyTable& policy = generation.policy;
    Admission out = admit(generation, q);
    if (out.way != Way::Inspect) return out;
    out.verdict = q.name.empty() ? refused(policy, no_name(policy, q)).verdict
                                 : policy.match({q.source, q.name, q.port, q.protocol});
    return out;
}

std::optional<std::size_t> number_of(RuleId id, std::span<const RuleId> ids) {
    if (id == kDefaultRule) return std::nullopt;
    if (ids.empty()) return id - 1;
    const auto at = std::ranges::find(ids, id);
    if (at == ids.end()) return std::nullopt;
    return static_cast<std::size_t>(at - ids.begin());
}

Matched matched_by(const cfg::Rule& rule, const Explanation& e, const Question& q) {
    if (e.way == Way::Inspect) {
        const auto pattern = best_pattern(rule, q.name);
        if (!pattern) return {};
        return {pattern->wildcard ? MatchedBy::Wildcard : MatchedBy::Exact, pattern->text(),
                pattern->mark};
    }
    const auto network = q.destination ? best_network(rule, *q.destination) : std::nullopt;
    if (!network) return {};
    return {MatchedBy::Network, network_text(*network), {}};
}

}  // namespace

Explanation explain(const cfg::Model& model, const Generation& generation, const Question& question,
                    const ExplainOptions& options) {
    const Admission judged = judge(generation, question);
    Explanation out;
    out.way = judged.way;
    out.verdict = judged.verdict;
    out.rule = number_of(out.verdict.rule, options.rule_ids);
    if (out.rule) out.matched = matched_by(model.policy.rules[*out.rule], out, question);
    if (out.verdict.decision != Decision::Deny) {
        const Terms& terms = generation.policy.terms(out.verdict);
        out.terms_of = number_of(terms.of_rule, options.rule_ids);
        return out;
    }
    if (!is_vetting(out.verdict.reason))
        out.nearest = nearest_rule(model, question, options.at, options.registrable);
    return out;
}

std::string sentence(const cfg::Model& model, const Explanation& e) {
    const auto name = [&](std::size_t rule) {
        return "rule '" + model.policy.rules[rule].name + "'";
    };
    const std::string how = e.matched.pattern.empty() ? "" : " by " + e.matched.pattern;
    switch (e.verdict.decision) {
        case Decision::Allow: return e.rule ? name(*e.rule) + " allows it" + how : "";
        case Decision::WouldDeny:
            if (!e.rule || !e.terms_of) return "";
            if (e.rule == e.terms_of)
                return "only " + name(*e.rule) + ", in audit, allows it" + how;
            return name(*e.rule) + ", in audit, would deny it" + how + "; " + name(*e.terms_of) +
                   " allows it";
        case Decision::Deny: break;
    }
    if (!e.rule) return "no rule allows it";
    if (model.policy.rules[*e.rule].action == cfg::Action::Deny)
        return name(*e.rule) + " denies it" + how;
    return name(*e.rule) + " would allow it" + how + ", but this address is never dialled";
}

}  // namespace sallyport::dp::policy

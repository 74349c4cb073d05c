// SPDX-License-Identifier: Apache-2.0
#include "tools/sallyctl/replay/judge.h"

#include "dataplane/policy/admission.h"
#include "dataplane/policy/vetting.h"

namespace sallyport::replay {

using dp::policy::FlowProtocol;
using dp::policy::Verdict;
using dp::policy::Way;

namespace {

Judgement of(const Verdict& verdict) {
    return {.decision = verdict.decision,
            .reason = verdict.decision == Decision::Allow ? Reason::None : verdict.reason,
            .rule = verdict.rule,
            .egress = verdict.egress};
}

void deny(Judgement& judgement, Reason reason) {
    judgement.decision = Decision::Deny;
    judgement.reason = reason;
}

}  // namespace

Judgement Judge::flow(const FourTuple& client, FlowProtocol protocol) const {
    return of(dp::policy::match_flow(policy_.generation(),
                                     {client.src, client.dst, client.dst_port, protocol}));
}

Opening Judge::open_tcp(const FourTuple& client) const {
    const auto admission =
        dp::policy::admit(policy_.generation(), client.src, client.dst, client.dst_port);
    if (admission.way == Way::Inspect) return {};
    return {true, of(admission.verdict)};
}

void Judge::bind(const FourTuple& client, std::string_view name, const Verdict& verdict,
                 Judgement& out) const {
    const auto& upstream = table().terms(verdict).upstreams.front();
    const std::string_view resolved = upstream.resolve.empty() ? name : upstream.resolve;
    const auto known = answers_ != nullptr ? answers_->of(resolved) : std::span<const IpAddr>{};
    const auto bound = dp::policy::bind_known(policy_.generation(), verdict, client.dst, known);
    out.binding = bound.binding;
    out.redirected_to = bound.redirected_to;
    if (bound.refused != Reason::None) deny(out, bound.refused);
}

Judgement Judge::ask(const FourTuple& client, const Asked& asked) const {
    Judgement out;
    const Reason unfit = table().declares(client.dst_port, asked.protocol)
                             ? asked.refused
                             : Reason::ProtocolMismatch;
    if (unfit != Reason::None) return deny(out, unfit), out;
    if (asked.port != 0 && asked.port != client.dst_port.number)
        return deny(out, Reason::PortNotAllowed), out;
    const Verdict verdict = table().match({client.src, asked.name, client.dst_port, asked.protocol});
    out = of(verdict);
    if (verdict.decision == Decision::Deny) return out;
    // Before the SYN-ACK the widest rule of the port counted; now this one does.
    const dp::Settings& settings = policy_.generation().settings;
    const Reason vetted = dp::policy::vet_destination(
        client.dst, {settings.own, settings.inside},
        verdict.allow_private ? dp::policy::PrivateAddresses::Allow
                              : dp::policy::PrivateAddresses::Refuse);
    if (vetted != Reason::None) return deny(out, vetted), out;
    bind(client, asked.name, verdict, out);
    return out;
}

}  // namespace sallyport::replay

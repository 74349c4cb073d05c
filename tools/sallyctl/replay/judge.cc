// SPDX-License-Identifier: Apache-2.0
#include "tools/sallyctl/replay/judge.h"

#include <algorithm>

#include "dataplane/policy/terms.h"
#include "dataplane/policy/vetting.h"

namespace sallyport::replay {

using dp::policy::Destination;
using dp::policy::FlowProtocol;
using dp::policy::OnMismatch;
using dp::policy::PrivateAddresses;
using dp::policy::Upstream;
using dp::policy::Verdict;

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

std::string_view text(Binding binding) {
    switch (binding) {
        case Binding::None: return "-";
        case Binding::NotChecked: return "not_checked";
        case Binding::Verified: return "verified";
        case Binding::Mismatch: return "mismatch";
        case Binding::Resolved: return "resolved";
        case Binding::Static: return "static";
        case Binding::Original: return "original";
    }
    __builtin_unreachable();
}

Reason Judge::vet(const IpAddr& address, bool allow_private) const {
    const dp::Settings& settings = policy_.generation().settings;
    return dp::policy::vet_destination(
        address, {settings.own, settings.inside},
        allow_private ? PrivateAddresses::Allow : PrivateAddresses::Refuse);
}

Judgement Judge::flow(const FourTuple& client, FlowProtocol protocol) const {
    const Verdict verdict =
        table().match_flow({client.src, client.dst, client.dst_port, protocol});
    Judgement out = of(verdict);
    if (out.decision == Decision::Deny) return out;
    if (const Reason vetted = vet(client.dst, verdict.allow_private); vetted != Reason::None)
        deny(out, vetted);
    return out;
}

// A layer-4 rule that covers the destination comes before the rules that want to see a name.
Opening Judge::open_tcp(const FourTuple& client) const {
    const Judgement translated = flow(client, FlowProtocol::Tcp);
    if (translated.rule != dp::policy::kDefaultRule) return {true, translated};
    Opening out;
    Reason refused = table().admit(client.src, client.dst_port);
    if (refused == Reason::None)
        refused = vet(client.dst, table().may_reach_private(client.src, client.dst_port));
    out.is_final = refused != Reason::None;
    if (out.is_final) deny(out.judgement, refused);
    return out;
}

void Judge::bind_answers(const FourTuple& client, std::string_view name, const Upstream& upstream,
                         bool allow_private, Judgement& out) const {
    const bool is_resolved = upstream.destination == Destination::Resolved;
    out.binding = Binding::NotChecked;
    if (answers_ == nullptr) return;
    const auto known = answers_->of(upstream.resolve.empty() ? name : upstream.resolve);
    if (known.empty()) return;
    out.binding = is_resolved ? Binding::Resolved : Binding::Mismatch;
    if (std::ranges::find(known, client.dst) != known.end()) {
        if (!is_resolved) out.binding = Binding::Verified;
        return;
    }
    if (!is_resolved && upstream.on_mismatch == OnMismatch::Deny)
        return deny(out, Reason::DstMismatch);
    const auto usable = std::ranges::find_if(known, [&](const IpAddr& a) {
        return a.family() == client.dst.family() && vet(a, allow_private) == Reason::None;
    });
    if (usable == known.end()) return deny(out, Reason::DnsFailed);
    out.redirected_to = *usable;
}

void Judge::bind(const FourTuple& client, std::string_view name, const Verdict& verdict,
                 Judgement& out) const {
    const Upstream& upstream = table().terms(verdict).upstreams.front();
    switch (upstream.destination) {
        case Destination::Original:
            out.binding = Binding::Original;
            if (!dp::policy::contains(upstream.networks, client.dst))
                deny(out, Reason::DstMismatch);
            return;
        case Destination::Static:
            out.binding = Binding::Static;
            if (!upstream.endpoints.empty() && upstream.endpoints.front().address != client.dst)
                out.redirected_to = upstream.endpoints.front().address;
            return;
        case Destination::Verified:
        case Destination::Resolved:
            return bind_answers(client, name, upstream, verdict.allow_private, out);
    }
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
    if (const Reason vetted = vet(client.dst, verdict.allow_private); vetted != Reason::None)
        return deny(out, vetted), out;
    bind(client, asked.name, verdict, out);
    return out;
}

}  // namespace sallyport::replay

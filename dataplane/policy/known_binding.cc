// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/known_binding.h"

#include <algorithm>

#include "dataplane/policy/vetting.h"

namespace sallyport::dp::policy {
namespace {

bool may_dial(const Generation& generation, const Verdict& verdict, const IpAddr& address) {
    return vet_destination(address, {generation.settings.own, generation.settings.inside},
                           verdict.allow_private ? PrivateAddresses::Allow
                                                 : PrivateAddresses::Refuse) == Reason::None;
}

KnownBinding bind_original(const Upstream& upstream, const IpAddr& destination) {
    KnownBinding out{.binding = Binding::Original};
    if (!contains(upstream.networks, destination)) out.refused = Reason::DstMismatch;
    return out;
}

// The first that may be dialled, of the client's family: the server leg stays in it.
template <class Addresses>
void redirect(KnownBinding& out, const Addresses& addresses, const IpAddr& destination,
              const auto& usable) {
    const auto same_family = [&](const IpAddr& a) { return a.family() == destination.family(); };
    if (std::ranges::find(addresses, destination) != addresses.end()) return;
    const auto at = std::ranges::find_if(
        addresses, [&](const IpAddr& a) { return same_family(a) && usable(a); });
    if (at != addresses.end()) {
        out.redirected_to = *at;
        return;
    }
    const bool any = std::ranges::any_of(addresses, usable);
    out.refused = any ? Reason::NoFamily : Reason::DnsFailed;
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

KnownBinding bind_known(const Generation& generation, const Verdict& verdict,
                        const std::optional<IpAddr>& destination, std::span<const IpAddr> known) {
    const Upstream& upstream = generation.policy.terms(verdict).upstreams.front();
    const auto usable = [&](const IpAddr& a) { return may_dial(generation, verdict, a); };
    KnownBinding out;
    switch (upstream.destination) {
        case Destination::Original:
            out.binding = Binding::Original;
            return destination ? bind_original(upstream, *destination) : out;
        case Destination::Static: {
            out.binding = Binding::Static;
            std::vector<IpAddr> endpoints;
            for (const Endpoint& e : upstream.endpoints) endpoints.push_back(e.address);
            if (destination) redirect(out, endpoints, *destination, usable);
            if (out.refused == Reason::DnsFailed) out.refused = Reason::DstNotPublic;
            return out;
        }
        case Destination::Resolved: out.binding = Binding::Resolved; break;
        case Destination::Verified: break;
    }
    if (known.empty() || !destination) {
        out.binding = Binding::NotChecked;
        return out;
    }
    if (out.binding != Binding::Resolved) {
        const bool is_known = std::ranges::find(known, *destination) != known.end();
        out.binding = is_known ? Binding::Verified : Binding::Mismatch;
        if (is_known) return out;
        if (upstream.on_mismatch == OnMismatch::Deny) {
            out.refused = Reason::DstMismatch;
            return out;
        }
    }
    redirect(out, known, *destination, usable);
    return out;
}

}  // namespace sallyport::dp::policy

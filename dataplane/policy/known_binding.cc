// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/known_binding.h"

#include <algorithm>
#include <vector>

#include "dataplane/policy/client_choice.h"
#include "dataplane/policy/vetting.h"

namespace sallyport::dp::policy {
namespace {

bool may_dial(const Generation& generation, const Verdict& verdict, const IpAddr& address) {
    return has_way_out(generation.settings, verdict.egress, address) &&
           vet_destination(address, {generation.settings.own, generation.settings.inside},
                           verdict.allow_private ? PrivateAddresses::Allow
                                                 : PrivateAddresses::Refuse) == Reason::None;
}

// The first that may be dialled; of the client's family if there is one, because the server leg stays in
// it where it can.
void redirect(KnownBinding& out, const Upstream& upstream, std::span<const IpAddr> addresses,
              const IpAddr& destination, const auto& usable) {
    const auto same_family = [&](const IpAddr& a) { return a.family() == destination.family(); };
    auto at = std::ranges::find_if(
        addresses, [&](const IpAddr& a) { return same_family(a) && usable(a); });
    const auto other = std::ranges::find_if(addresses, usable);
    if (at == addresses.end() && upstream.cross_family != CrossFamily::Deny) at = other;
    if (at != addresses.end()) {
        out.redirected_to = *at;
        return;
    }
    out.refused = other != addresses.end() ? Reason::NoFamily : Reason::DnsFailed;
}

bool binds_by_name(Destination destination) {
    return destination == Destination::Verified || destination == Destination::Resolved;
}

Binding binding_of(Destination destination, bool known) {
    switch (destination) {
        case Destination::Verified: return known ? Binding::Verified : Binding::Mismatch;
        case Destination::Resolved: return Binding::Resolved;
        case Destination::Static: return Binding::Static;
        case Destination::Original: return Binding::Original;
    }
    __builtin_unreachable();
}

std::vector<IpAddr> addresses_of(const std::vector<Endpoint>& endpoints) {
    std::vector<IpAddr> out;
    for (const Endpoint& e : endpoints) out.push_back(e.address);
    return out;
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
    const bool by_name = binds_by_name(upstream.destination);
    if (by_name && (known.empty() || !destination)) return {};
    if (!destination) return {.binding = binding_of(upstream.destination, false)};
    const std::vector<IpAddr> endpoints = addresses_of(upstream.endpoints);
    const bool is_known = std::ranges::find(known, *destination) != known.end();
    KnownBinding out{.binding = binding_of(upstream.destination, is_known)};
    switch (judge_choice(upstream, *destination, is_known)) {
        case Choice::Keep: break;
        case Choice::Refuse: out.refused = Reason::DstMismatch; break;
        case Choice::Redirect:
            redirect(out, upstream, by_name ? known : endpoints, *destination, usable);
            if (!by_name && out.refused == Reason::DnsFailed) out.refused = Reason::DstNotPublic;
    }
    return out;
}

}  // namespace sallyport::dp::policy

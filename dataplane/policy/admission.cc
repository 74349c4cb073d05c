// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/admission.h"

#include "dataplane/policy/vetting.h"

namespace sallyport::dp::policy {
namespace {

Reason vet(const Settings& settings, const IpAddr& destination, const Verdict& verdict) {
    return vet_destination(
        destination, {settings.own, settings.inside},
        verdict.allow_private ? PrivateAddresses::Allow : PrivateAddresses::Refuse);
}

}  // namespace

Admission admit(const Generation& generation, const IpAddr& source, const IpAddr& destination,
                Port port) {
    Admission out = generation.policy.admit(source, destination, port);
    if (out.way == Way::Refuse) return out;
    const Reason vetted = vet(generation.settings, destination, out.verdict);
    if (vetted == Reason::None) return out;
    out.way = Way::Refuse;
    out.verdict.decision = Decision::Deny;
    out.verdict.reason = vetted;
    return out;
}

Verdict match_flow(const Generation& generation, const FlowQuery& query) {
    Verdict out = generation.policy.match_flow(query);
    if (out.decision == Decision::Deny) return out;
    const Reason vetted = vet(generation.settings, query.destination, out);
    if (vetted == Reason::None) return out;
    out.decision = Decision::Deny;
    out.reason = vetted;
    return out;
}

}  // namespace sallyport::dp::policy

// SPDX-License-Identifier: Apache-2.0
// What becomes of a first packet: what the policy says of it, and whether its destination may be
// dialled at all (vetting.h). The same for workers and for explain().
#pragma once
#include "dataplane/policy/generation.h"

namespace sallyport::dp::policy {

// Of a SYN. Refused as well: DstReserved, DstOwn, DstInside, DstNotPublic, with the layer-4 rule
// that would have let it pass, if it was one.
Admission admit(const Generation& generation, const IpAddr& source, const IpAddr& destination,
                Port port);

// Of a packet of a flow that nobody inspects. Denied as well: the same reasons.
Verdict match_flow(const Generation& generation, const FlowQuery& query);

}  // namespace sallyport::dp::policy

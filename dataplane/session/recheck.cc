// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/recheck.h"

#include <array>

#include "dataplane/policy/admission.h"
#include "dataplane/session/binding.h"
#include "dataplane/session/ending.h"
#include "dataplane/session/records.h"
#include "dataplane/session/server_search.h"
#include "dataplane/session/translated.h"

namespace sallyport::dp {
namespace {

using policy::Decision;

policy::Way way_of_syn(const Core& core, const FourTuple& client) {
    return policy::admit(*core.generation, client.src, client.dst, client.dst_port).way;
}

bool is_flow_allowed(const Core& core, SessionIndex s) {
    const FourTuple client = core.store.client(s);
    const RecordProtocol protocol = core.store.sessions[s].protocol;
    if (protocol == RecordProtocol::Tcp) return way_of_syn(core, client) == policy::Way::Translate;
    return decide_flow(core, client, protocol).decision != Decision::Deny;
}

// An HTTP client that has not named anybody since it connected, or not yet again.
bool may_ask(const Core& core, SessionIndex s) {
    return way_of_syn(core, core.store.client(s)) == policy::Way::Inspect &&
           core.generation->policy.declares(core.store.client(s).dst_port,
                                            policy::AppProtocol::Http);
}

bool is_allowed(const Core& core, SessionIndex s) {
    const Session& session = core.store.sessions[s];
    if (session.translated) return is_flow_allowed(core, s);
    if (session.name == kNoIndex) return may_ask(core, s);
    const policy::Verdict verdict = present_verdict(core, s);
    if (verdict.decision == Decision::Deny) return false;
    if (!session.has_server) return true;
    std::array<char, kNameMax> name;
    return is_bound(core, verdict, name_of(core.store, s, name), s);
}

}  // namespace

void recheck_session(Core& core, SessionIndex s) {
    const SessionState state = core.store.sessions[s].state;
    if (state == SessionState::Closed || state == SessionState::Hold) return;
    core.counters.sessions_rechecked.add(1);
    if (!is_allowed(core, s)) abort_session(core, s, Reason::PolicyRecheck);
}

}  // namespace sallyport::dp

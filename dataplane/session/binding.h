// SPDX-License-Identifier: Apache-2.0
// From a name that the policy allows to the server addresses that may be dialled for it. The client
// chooses both the name and the address; only together with an address that the gate itself knows to
// be the name's is a name worth anything.
//
//   original  the client's address, inside the networks that the rule lists; else dst_mismatch
//   static    the endpoints of the rule
//   resolved  the addresses that the gate's own resolver has for the name
//   verified  the client's address when it is one of those, now or within the grace time, and then
//             the others; else, as the rule says, only the others (redirect) or dst_mismatch
//
// Only addresses of the client's family count, as long as there is one and the rule's egress set has
// the family too; else those of the other, unless the rule says `cross_family: deny`. A name is asked
// for when the policy allows it and its addresses are not known, and once more before a client is
// refused that may know a newer answer than the gate.
#pragma once
#include <string_view>

#include "dataplane/session/candidates.h"
#include "dataplane/session/core.h"

namespace sallyport::dp {

// What an allowed session or request wants.
struct Wanted {
    FourTuple client;  // src: the client; dst: where it wanted to go
    Instant since{};   // when it had chosen that address
    std::string_view name;
    policy::RuleId rule = policy::kDefaultRule;
    std::uint16_t egress = 0;  // index into Settings::egress
    const policy::Upstream& upstream;
};

struct Binding {
    Reason refused = Reason::None;  // not None: there is no address
    bool redirected = false;        // the client's own address is none of the candidates
    // Not kNoIndex: the addresses are not known yet; bind again when the answer for it has come.
    NameEntryIndex awaits = kNoIndex;
    Candidates candidates;  // not vetted yet
};
Binding bind(Core& core, const Wanted& wanted);

// Whether the server that a session has may go on to be the name's under a verdict of the present
// generation.
bool is_bound(const Core& core, const policy::Verdict& verdict, std::string_view name,
              SessionIndex s);

// Which of the rule's upstreams the next session gets, by weight.
std::uint8_t share_out(Core& core, policy::RuleId rule, const policy::Terms& terms);

ServerHash server_hash(const Core& core, const Endpoint& server);

// The server that a session dialled; it has one.
Endpoint server_of(const SessionStore& store, SessionIndex s);

}  // namespace sallyport::dp

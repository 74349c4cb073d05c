// SPDX-License-Identifier: Apache-2.0
// Which way a packet takes. A pure decision: nothing is changed, sent or counted here.
#pragma once
#include "dataplane/session/core.h"

namespace sallyport::dp {

enum class Way : std::uint8_t {
    Splice,     // a joined session: headers only
    Session,    // a session in set-up: the gate is an endpoint
    Translate,  // a flow of a layer-4 rule: addresses and ports only
    Listen,     // TCP from inside without a session
    Open,       // UDP or an echo request from inside without a flow
    Neighbor,   // ARP
    Echo,       // ping to an own address
    Handover,   // another worker owns it
    Drop,       // with a reason
};

struct Routed {
    Packet packet;
    Way way = Way::Drop;
    Reason why = Reason::None;         // of Drop
    WorkerIndex owner = 0;             // of Handover
    std::uint32_t record = kNoIndex;   // of Splice, Session and Translate
    FlowKey4 key;
    std::uint64_t hash = 0;
};

// First pass: parse, validate, find the owner, prefetch the flow table. `handed_over`: this worker
// is the owner already.
void classify_headers(const Core& core, Routed& r, bool handed_over);
// Second pass, for those that classify_headers left without a decision (Way::Listen): look up.
void classify_flow(const Core& core, Routed& r);

}  // namespace sallyport::dp

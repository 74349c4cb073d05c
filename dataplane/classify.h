// SPDX-License-Identifier: Apache-2.0
// Which way a packet takes. A decision: nothing is sent or counted here, and nothing changed but that
// extension headers of IPv6 and Ethernet padding are left off.
#pragma once
#include "dataplane/session/core.h"

namespace sallyport::dp {

enum class Way : std::uint8_t {
    Splice,     // a joined session: headers only
    Session,    // a session in set-up: the gate is an endpoint
    Translate,  // a flow of a layer-4 rule: addresses and ports only
    IcmpError,  // about a flow or session
    Listen,     // TCP from inside without a session
    Open,       // UDP or an echo request from inside without a flow
    Fragment,   // waits for the rest of its datagram; then the whole takes a way
    Neighbor,   // ARP or neighbor discovery
    Echo,       // ping to an own address
    Handover,   // another worker owns it
    Drop,       // with a reason
};

struct Routed {
    Packet packet;
    Way way = Way::Drop;
    Reason why = Reason::None;         // of Drop
    WorkerIndex owner = 0;             // of Handover
    RecordProtocol protocol = RecordProtocol::Tcp;  // of the flow below
    std::uint32_t record = kNoIndex;   // of Splice, Session, Translate and IcmpError
    AnyFlowKey key;  // of the packet's family
    std::uint64_t hash = 0;
};

// First pass: parse, validate, find the owner, prefetch the flow table. `handed_over`: this worker
// is the owner already.
void classify_headers(const Core& core, Routed& r, bool handed_over);
// Second pass, for those that classify_headers left without a decision (Way::Listen): look up.
void classify_flow(const Core& core, Routed& r);
// Both, for a datagram that has been gathered: its packet is parsed and has its later fragments.
void classify_gathered(const Core& core, Routed& r);

}  // namespace sallyport::dp

// SPDX-License-Identifier: Apache-2.0
// The compiled policy: immutable, shared by all workers, looked up without allocation.
//
// Order (documented for operators in config/REFERENCE.md, policy.rules; tested as a table):
//
//   A name rule matches when its source, its port and protocol and one of its hosts match; the
//   hosts of a rule are alternatives, each as if it stood in a rule of its own. A longer name beats
//   a shorter one, an exact name beats a wildcard; at equal names deny beats allow, then the rule
//   that stands first in the file wins.
//
//   A layer-4 rule matches when its source, its port and protocol and one of its networks match. A
//   longer prefix beats a shorter one; at equal prefixes as with names.
//
//   On a TCP port that both kinds have, an address in a network is more specific than any name: a
//   layer-4 rule that matches decides first (allow: translated without a look at the name; deny:
//   refused); else names are inspected.
//
//   Rules in audit change nothing that enforced rules allow, and deny nothing. Decision::WouldDeny
//   lets pass and says so: a session that only a rule in audit allows (its rule and terms; the
//   reason that the enforced rules give), or that a rule in audit would have denied before the
//   enforced rule that allows it (the id of the former, the terms of the latter). Where names are
//   inspected, a layer-4 rule in audit says nothing.
//
//   Rules past `expires` or outside `schedule` are left out when a generation is compiled.
#pragma once
#include <cstdint>
#include <memory>
#include <string_view>

#include "dataplane/policy/terms.h"
#include "dataplane/policy/verdict.h"
#include "tcpstack/base/endpoint.h"

namespace sallyport::dp::policy {

struct Query {
    IpAddr source;
    std::string_view name;  // normalised (inspect/host_name.h)
    Port port;
    AppProtocol protocol = AppProtocol::Tls;
};

// A packet of a flow that nobody inspects.
struct FlowQuery {
    IpAddr source, destination;
    Port port;  // of the destination; 0 with icmp
    FlowProtocol protocol = FlowProtocol::Tcp;
};

// What becomes of a TCP connection, before any octet of payload.
enum class Way : std::uint8_t {
    Inspect,    // ended here and judged by name
    Translate,  // let pass by a layer-4 rule, with NAT and nothing more
    Refuse,
};
struct Admission {
    Way way = Way::Refuse;
    // Translate, Refuse: the verdict. Inspect: only allow_private has a meaning, which is whether
    // some rule for this source and port may reach private addresses.
    Verdict verdict;
};

class PolicyTable {
   public:
    PolicyTable();  // denies everything, answer: drop
    PolicyTable(PolicyTable&&) noexcept;
    PolicyTable& operator=(PolicyTable&&) noexcept;
    ~PolicyTable();

    // What the name rules say. Denied: SniNotAllowed or HostNotAllowed.
    Verdict match(const Query& query) const;
    // What the layer-4 rules say of a flow. Denied: DstNotAllowed by a rule; without one
    // PortNotAllowed (no layer-4 rule has protocol and port), SourceNotAllowed (none of those has
    // the source) or DstNotAllowed, and the rule is kDefaultRule.
    Verdict match_flow(const FlowQuery& query) const;
    // Of a verdict of this table that lets something pass.
    const Terms& terms(const Verdict& verdict) const;
    // Of a rule by its id, whether it holds at present or not. Null: there is no such rule.
    const Terms* terms_of(RuleId rule) const;

    // Before the SYN-ACK, when no name is known yet. Refused: DstNotAllowed by a layer-4 rule; else
    // PortNotAllowed (no rule of either kind has the port), SourceNotAllowed (rules have it, none
    // for this source) or DstNotAllowed (layer-4 rules have both, none the destination).
    Admission admit(const IpAddr& source, const IpAddr& destination, Port port) const;
    // Name rules alone. None: some rule inspects this port for this source. Else PortNotAllowed or
    // SourceNotAllowed.
    Reason admit(const IpAddr& source, Port port) const;
    // Whether some name rule for this source and port may lead a connection of the source's family to
    // servers of the other one, and there is a way out to those.
    bool may_cross(const IpAddr& source, Port port) const;
    // Whether some rule declares this protocol on this port.
    bool declares(Port port, AppProtocol protocol) const;
    // How a client is answered when no rule was reached.
    Answer default_answer() const;

    // For status, not for the packet path: how many different host patterns there are, and what the
    // table takes in memory.
    std::size_t pattern_count() const;
    std::size_t memory_bytes() const;

   private:
    friend class PolicyCompiler;
    bool may_reach_private(const IpAddr& source, Port port) const;
    struct Impl;
    std::unique_ptr<const Impl> impl_;
};

}  // namespace sallyport::dp::policy

// SPDX-License-Identifier: Apache-2.0
// The compiled policy: immutable, shared by all workers, looked up without allocation.
//
// Order (documented for operators, tested): a rule matches when its source, its port and protocol
// and one of its hosts match. A longer name beats a shorter one; an exact name beats a wildcard;
// at equal names deny beats allow, then the rule that stands first in the file wins.
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

class PolicyTable {
   public:
    PolicyTable();  // denies everything, answer: drop
    PolicyTable(PolicyTable&&) noexcept;
    PolicyTable& operator=(PolicyTable&&) noexcept;
    ~PolicyTable();

    Verdict match(const Query& query) const;
    // What the layer-4 rules say of a flow: the longest network wins, at equal ones deny beats
    // allow, then the first in the file. Without a rule: denied, PortNotAllowed (no layer-4 rule has
    // protocol and port), SourceNotAllowed or DstNotAllowed; the rule is kDefaultRule.
    Verdict match_flow(const FlowQuery& query) const;
    // Of a verdict of this table that lets something pass.
    const Terms& terms(const Verdict& verdict) const;
    // Of a rule by its id, whether it holds at present or not. Null: there is no such rule.
    const Terms* terms_of(RuleId rule) const;

    // Before the SYN-ACK, when no name is known yet. None: some rule inspects this port for this
    // source. Else PortNotAllowed (no rule has the port) or SourceNotAllowed (rules have it, none
    // for this source).
    Reason admit(const IpAddr& source, Port port) const;
    // Whether some rule for this source and port may reach private addresses.
    bool may_reach_private(const IpAddr& source, Port port) const;
    // Whether some rule declares this protocol on this port.
    bool declares(Port port, AppProtocol protocol) const;
    // How a client is answered when no rule was reached.
    Answer default_answer() const;

   private:
    friend class PolicyCompiler;
    struct Impl;
    std::unique_ptr<const Impl> impl_;
};

}  // namespace sallyport::dp::policy

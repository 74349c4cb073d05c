// SPDX-License-Identifier: Apache-2.0
// What the gate would say to a client, with the policy and the look-ups of the workers. Nothing is
// resolved: a name is bound to addresses only when they are given.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dataplane/policy/known_binding.h"
#include "tools/sallyctl/answers.h"
#include "tools/sallyctl/offline_policy.h"
#include "tools/sallyctl/replay/client_reader.h"

namespace sallyport::replay {

using dp::policy::Binding;
using dp::policy::Decision;
using dp::policy::RuleId;

struct Judgement {
    Decision decision = Decision::Deny;
    Reason reason = Reason::None;
    RuleId rule = dp::policy::kDefaultRule;
    Binding binding = Binding::None;
    std::uint16_t egress = 0;              // index into Settings::egress
    std::optional<IpAddr> redirected_to = {};   // another address than the client's is dialled
};

// What the first packet of a session decides.
struct Opening {
    bool is_final = false;  // refused, or translated by a layer-4 rule; else the name decides
    Judgement judgement;
};

class Judge {
   public:
    // `answers` may be null. Both must outlive this object.
    Judge(const ctl::OfflinePolicy& policy, const ctl::Answers* answers)
        : policy_(policy), answers_(answers) {}

    const ctl::OfflinePolicy& policy() const { return policy_; }

    Opening open_tcp(const FourTuple& client) const;
    // UDP, ICMP echo (ports 0), or TCP that is to be translated.
    Judgement flow(const FourTuple& client, dp::policy::FlowProtocol protocol) const;
    Judgement ask(const FourTuple& client, const Asked& asked) const;

   private:
    const dp::policy::PolicyTable& table() const { return policy_.generation().policy; }
    void bind(const FourTuple& client, std::string_view name, const dp::policy::Verdict& verdict,
              Judgement& out) const;

    const ctl::OfflinePolicy& policy_;
    const ctl::Answers* answers_;
};

}  // namespace sallyport::replay

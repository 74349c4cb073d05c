// SPDX-License-Identifier: Apache-2.0
// Why a client may reach something or may not: the verdict of the workers' own look-up, and what in
// the model it comes from. For commands and for the API; it allocates, and takes as long as the
// policy is large.
#pragma once
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "config/model.h"
#include "dataplane/policy/generation.h"
#include "dataplane/policy/near_miss.h"

namespace sallyport::dp::policy {

// A TCP connection in which a client says a name; with an empty name, or another protocol than TCP,
// a flow that is known by its address alone.
struct Question {
    IpAddr source;
    std::optional<IpAddr> destination;  // nullopt: not asked about
    Port port;                          // 0 with ICMP
    FlowProtocol flow = FlowProtocol::Tcp;
    std::string name;  // normalised (inspect/host_name.h)
    AppProtocol protocol = AppProtocol::Tls;
};

enum class MatchedBy : std::uint8_t { Nothing, Exact, Wildcard, Network };

// What of a rule matched: the most specific of its patterns.
struct Matched {
    MatchedBy by = MatchedBy::Nothing;
    std::string pattern;  // "a.example", "*.example", "192.0.2.0/24"
    cfg::Mark mark;       // line 0: the pattern is in the rule's hosts_from, or has no mark
};

struct Explanation {
    Way way = Way::Refuse;  // Inspect: the name decided
    Verdict verdict;
    // Indices into Model::policy.rules. `rule` is that of the verdict; nullopt: none. `terms_of` is
    // the rule that lets pass; another one when a rule in audit objects.
    std::optional<std::size_t> rule, terms_of;
    Matched matched;                  // of `rule`
    std::optional<NearMiss> nearest;  // of a denial: the rule that comes nearest to allowing it
};

struct ExplainOptions {
    // As the generation was compiled (CompileOptions).
    std::span<const RuleId> rule_ids = {};
    std::optional<std::chrono::sys_seconds> at = {};
    RegistrablePart registrable = last_two_labels;
};

// `generation` is compiled from `model`. A connection on an inspected port without a name is denied
// as the workers deny it (NoSni, NoHost). Where there is a destination it is vetted as before the
// SYN-ACK. Which address is dialled in the end, and whether there is a route to it, is not asked.
Explanation explain(const cfg::Model& model, const Generation& generation, const Question& question,
                    const ExplainOptions& options = {});

// One sentence of the explanation, for people: "rule 'github' allows it by *.github.com".
std::string sentence(const cfg::Model& model, const Explanation& explanation);

}  // namespace sallyport::dp::policy

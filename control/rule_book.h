// SPDX-License-Identifier: Apache-2.0
// The rules by their ids, as logs and answers need them. The packet path carries an id and the
// generation that decided; the texts of that time are found here. A rule keeps its id over
// generations, by its name.
#pragma once
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "config/model.h"
#include "dataplane/policy/verdict.h"

namespace sallyport::ctl {

// UPSTREAM_CLUSTER is outbound|port|subset|host; what is 0 or empty is that of the session.
struct ClusterText {
    std::uint16_t port = 0;
    std::string subset, host;
    friend bool operator==(const ClusterText&, const ClusterText&) = default;
};

struct RuleText {
    std::string name;
    std::string at;                     // "sallyport.yaml:14"; empty: of no file
    std::vector<ClusterText> clusters;  // by AccessRecord::upstream
    friend bool operator==(const RuleText&, const RuleText&) = default;
};

// May be used from any thread.
class RuleBook {
   public:
    RuleBook();

    // The ids of the rules in file order, for policy::compile. Their texts hold from `generation`
    // on; rules of earlier generations that the model has no more are kept for their sessions.
    std::vector<dp::policy::RuleId> enter(const cfg::Model& model, std::uint64_t generation);

    // What the rule was in that generation; "default-deny" for kDefaultRule, "-" for an id that is
    // not known. Never null.
    std::shared_ptr<const RuleText> find(dp::policy::RuleId id, std::uint64_t generation) const;

    // Forgets what only generations before `oldest` had.
    void forget_before(std::uint64_t oldest);
    std::size_t size() const;  // texts that are kept, those of kDefaultRule excepted

   private:
    struct Version {
        std::uint64_t from = 0;  // generation
        std::shared_ptr<const RuleText> text;
    };
    struct Entry {
        std::vector<Version> versions;  // oldest first, never empty
        std::uint64_t gone_since = 0;   // first generation without the rule; 0: it is in force
    };
    void update(Entry& entry, RuleText text, std::uint64_t generation) const;

    mutable std::mutex mutex_;
    std::shared_ptr<const RuleText> default_rule_, unknown_;
    std::unordered_map<std::string, dp::policy::RuleId> ids_;
    std::unordered_map<dp::policy::RuleId, Entry> entries_;
    dp::policy::RuleId last_id_ = dp::policy::kDefaultRule;
};

}  // namespace sallyport::ctl

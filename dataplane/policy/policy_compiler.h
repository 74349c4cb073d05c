// SPDX-License-Identifier: Apache-2.0
// The rules of a checked model to a PolicyTable.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "dataplane/policy/compile.h"
#include "dataplane/policy/flow_index_builder.h"
#include "dataplane/policy/name_index_builder.h"
#include "dataplane/policy/policy_table.h"
#include "dataplane/policy/policy_table_impl.h"
#include "dataplane/policy/range_list.h"

namespace sallyport::dp::policy {

class PolicyCompiler {
   public:
    // Both are those of the generation, and outlive this object.
    PolicyCompiler(const cfg::Model& model, const Settings& settings);

    PolicyTable compile(const CompileOptions& options);

   private:
    struct PortSources {
        std::uint8_t protocols = 0;
        Ranges all, may_reach_private;
        std::array<Ranges, 2> may_cross;  // by the family of the client
    };

    // A rule that does not hold at present is kept for its terms only.
    void add_rule(const cfg::Rule& rule, RuleId id, bool does_hold);
    Slice add_services(const cfg::Rule& rule, const Ranges& sources,
                       const PolicyTable::Impl::Rule& compiled);
    void add_names(const cfg::Rule& rule, std::uint32_t number, NameIndexBuilder& names);
    void add_flows(const cfg::Rule& rule, std::uint32_t number, const Ranges& sources);
    Slice keep_ranges(Ranges ranges);
    void finish_ports();
    void finish_flows();

    const cfg::Model& model_;
    const Settings& settings_;
    std::unique_ptr<PolicyTable::Impl> table_;
    std::map<std::uint16_t, PortSources> ports_;
    FlowIndexBuilder flows_;
    std::map<FlowIndex::Key, Ranges> flow_sources_;  // of enforced rules
};

}  // namespace sallyport::dp::policy

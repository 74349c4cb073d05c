// SPDX-License-Identifier: Apache-2.0
// The rules of a checked model to a PolicyTable.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "config/model.h"
#include "dataplane/policy/policy_table.h"
#include "dataplane/policy/policy_table_impl.h"

namespace sallyport::dp::policy {

class PolicyCompiler {
   public:
    // `seed` spreads the names in their hash table; any number does.
    explicit PolicyCompiler(std::uint64_t seed);

    // `ids` of the rules in file order; empty: 1, 2, 3, ...
    PolicyTable compile(const cfg::Model& model, std::span<const RuleId> ids = {});

   private:
    using Ranges = std::vector<AddressRange>;
    struct PortSources {
        std::uint8_t protocols = 0;
        Ranges all, may_reach_private;
    };

    void add_rule(const cfg::Model& model, const cfg::Rule& rule, Verdict verdict);
    void add_to_port(const Service& service, const Ranges& sources, bool reaches_private);
    Slice keep_ranges(Ranges ranges);
    void finish_ports();
    void finish_names();
    void place_name(std::uint32_t entry);

    std::unique_ptr<PolicyTable::Impl> table_;
    std::map<std::uint16_t, PortSources> ports_;
    // Rule numbers by pattern, in file order.
    std::map<std::pair<std::string, PatternKind>, std::vector<std::uint32_t>> names_;
};

}  // namespace sallyport::dp::policy

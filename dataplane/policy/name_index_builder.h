// SPDX-License-Identifier: Apache-2.0
// Fills a NameIndex: patterns come rule by rule, in file order.
#pragma once
#include <cstdint>
#include <functional>
#include <string_view>

#include "dataplane/policy/name_index.h"
#include "dataplane/policy/rule_lists.h"

namespace sallyport::dp::policy {

class NameIndexBuilder {
   public:
    // At most so many patterns, with so many octets of names together, will be added. `seed`
    // spreads the names in their hash table; any number does.
    NameIndexBuilder(std::uint64_t seed, std::size_t patterns, std::size_t octets);

    // At most 253 octets of name; `rule` is not below that of the call before.
    void add(std::string_view name, PatternKind kind, std::uint32_t rule);
    // `denies`: of a rule by its number. The builder is empty afterwards.
    NameIndex finish(const std::function<bool(std::uint32_t)>& denies);

   private:
    NameIndex index_;
    RuleLists lists_;
};

}  // namespace sallyport::dp::policy

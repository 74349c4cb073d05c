// SPDX-License-Identifier: Apache-2.0
// Lists of rule numbers that many patterns share: a million names of one rule have one list. Each
// list is another one and one number more, so a pattern's list grows rule by rule, and equal ones
// are the same.
#pragma once
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace sallyport::dp::policy {

using RuleListId = std::uint32_t;

class RuleLists {
   public:
    static constexpr RuleListId kEmpty = 0;

    // The list with `rule` behind it; the list itself when that is its last already.
    RuleListId with(RuleListId list, std::uint32_t rule);
    // In the order in which the numbers came.
    std::vector<std::uint32_t> numbers(RuleListId list) const;
    std::size_t size() const { return nodes_.size(); }  // ids are below

   private:
    struct Node {
        RuleListId before = kEmpty;
        std::uint32_t rule = 0;
    };
    std::vector<Node> nodes_{Node{}};
    std::unordered_map<std::uint64_t, RuleListId> known_;  // (list, rule) to the list with it
    // The last answer: names come in long runs of one rule.
    std::uint64_t last_key_ = UINT64_MAX;
    RuleListId last_ = kEmpty;
};

}  // namespace sallyport::dp::policy

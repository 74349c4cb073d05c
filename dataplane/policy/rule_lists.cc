// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/rule_lists.h"

#include <algorithm>

namespace sallyport::dp::policy {

RuleListId RuleLists::with(RuleListId list, std::uint32_t rule) {
    if (list != kEmpty && nodes_[list].rule == rule) return list;
    const std::uint64_t key = std::uint64_t{list} << 32 | rule;
    if (key == last_key_) return last_;
    const auto [at, is_new] = known_.try_emplace(key, static_cast<RuleListId>(nodes_.size()));
    if (is_new) nodes_.push_back({list, rule});
    last_key_ = key;
    last_ = at->second;
    return last_;
}

std::vector<std::uint32_t> RuleLists::numbers(RuleListId list) const {
    std::vector<std::uint32_t> out;
    for (; list != kEmpty; list = nodes_[list].before) out.push_back(nodes_[list].rule);
    std::ranges::reverse(out);
    return out;
}

}  // namespace sallyport::dp::policy

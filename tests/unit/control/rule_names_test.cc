// SPDX-License-Identifier: Apache-2.0
#include "control/rule_names.h"

#include <gtest/gtest.h>

namespace sallyport::ctl {
namespace {

cfg::Policy policy_of(std::initializer_list<const char*> names) {
    cfg::Policy policy;
    for (const char* name : names) policy.rules.emplace_back().name = name;
    return policy;
}

TEST(RuleNames, DefaultRuleIsDefaultDeny) {
    EXPECT_EQ(RuleNames().name(dp::policy::kDefaultRule), "default-deny");
}

TEST(RuleNames, ARuleKeepsItsIdOverGenerations) {
    using Ids = std::vector<dp::policy::RuleId>;
    RuleNames rules;
    EXPECT_EQ(rules.add(policy_of({"a", "b"})), (Ids{1, 2}));
    EXPECT_EQ(rules.add(policy_of({"b", "c"})), (Ids{2, 3}));
    EXPECT_EQ(rules.name(1), "a");
    EXPECT_EQ(rules.name(2), "b");
    EXPECT_EQ(rules.name(3), "c");
}

TEST(RuleNames, UnknownIdIsADash) {
    EXPECT_EQ(RuleNames().name(1), "-");
}

}  // namespace
}  // namespace sallyport::ctl

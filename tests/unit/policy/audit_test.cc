// SPDX-License-Identifier: Apache-2.0
// What rules in audit do to a verdict: nothing but to say what they would have done, and to let
// pass what only they allow.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dataplane/policy/policy_table.h"
#include "tests/unit/policy/rules.h"

namespace sallyport::dp::policy {
namespace {

using namespace test;

constexpr Reason kNone = Reason::None, kSni = Reason::SniNotAllowed;

struct Row {
    std::string description;
    std::vector<cfg::Rule> rules;
    Decision decision;
    Reason reason;
    RuleId rule, terms_of;  // 0: none
};

const Row kRows[] = {
    {"an allow in audit lets pass what no rule allows",
     {audit(allow({"a.example"}))},
     Decision::WouldDeny,
     kSni,
     1,
     1},
    {"an allow in audit lets pass what a less specific rule denies",
     {deny({"*.example"}), audit(allow({"a.example"}))},
     Decision::WouldDeny,
     kSni,
     2,
     2},
    {"a deny that is more specific holds",
     {deny({"a.example"}), audit(allow({"*.example"}))},
     Decision::Deny,
     kSni,
     1,
     0},
    {"a deny of the same name holds",
     {audit(allow({"a.example"})), deny({"a.example"})},
     Decision::Deny,
     kSni,
     2,
     0},
    {"what is allowed anyway is no finding",
     {allow({"*.example"}), audit(allow({"a.example"}))},
     Decision::Allow,
     kNone,
     1,
     1},
    {"a deny in audit reports and lets pass",
     {allow({"*.example"}), audit(deny({"a.example"}))},
     Decision::WouldDeny,
     kSni,
     2,
     1},
    {"a deny in audit of the same name",
     {allow({"a.example"}), audit(deny({"a.example"}))},
     Decision::WouldDeny,
     kSni,
     2,
     1},
    {"a deny in audit that is less specific would not decide",
     {allow({"a.example"}), audit(deny({"*.example"}))},
     Decision::Allow,
     kNone,
     1,
     1},
    {"a deny in audit where nothing is allowed",
     {audit(deny({"a.example"}))},
     Decision::Deny,
     kSni,
     0,
     0},
    {"a deny in audit where a rule denies",
     {deny({"*.example"}), audit(deny({"a.example"}))},
     Decision::Deny,
     kSni,
     1,
     0},
    {"a deny in audit takes nothing from an allow in audit",
     {audit(deny({"a.example"})), audit(allow({"*.example"}))},
     Decision::WouldDeny,
     kSni,
     2,
     2},
    {"an allow in audit shields from a deny in audit",
     {allow({"*.example"}), audit(deny({"*.b.example"})), audit(allow({"a.b.example"}))},
     Decision::Allow,
     kNone,
     1,
     1},
    {"of two allows in audit the more specific",
     {audit(allow({"*.example"})), audit(allow({"a.example"}))},
     Decision::WouldDeny,
     kSni,
     2,
     2},
    {"a rule in audit for another source",
     {audit(allow({"a.example"}, {"10.9.0.0/16"}))},
     Decision::Deny,
     kSni,
     0,
     0},
};

TEST(Audit, ChangesNothingThatEnforcedRulesAllow) {
    for (const Row& row : kRows) {
        const PolicyTable table = table_of(row.rules);
        const std::string name =
            row.description.starts_with("an allow in audit shields") ? "a.b.example" : "a.example";
        const Verdict verdict =
            table.match({address("10.10.0.5"), name, Port{443}, AppProtocol::Tls});
        EXPECT_EQ(verdict.decision, row.decision) << row.description;
        EXPECT_EQ(text(verdict.reason), text(row.reason)) << row.description;
        EXPECT_EQ(verdict.rule, row.rule) << row.description;
        if (row.terms_of != 0) {
            ASSERT_NE(verdict.terms, kNoTerms) << row.description;
            EXPECT_EQ(table.terms(verdict).of_rule, row.terms_of) << row.description;
        }
    }
}

TEST(Audit, LeavesEgressAndPrivateToTheRuleThatAllows) {
    cfg::Model model;
    model.egress = {{"public", {}, 1024, 65535, {}}, {"partners", {}, 1024, 65535, {}}};
    model.policy.rules = {allow({"*.example"}), audit(deny({"a.example"}))};
    model.policy.rules[0].egress = "partners";
    model.policy.rules[0].allow_private = true;
    const Verdict verdict = compile(model).policy.match(
        {address("10.10.0.5"), "a.example", Port{443}, AppProtocol::Tls});
    EXPECT_EQ(verdict.egress, 1);
    EXPECT_TRUE(verdict.allow_private);
}

TEST(Audit, SaysWhyTheOthersWouldHaveDeniedAFlow) {
    const auto reason = [](std::vector<cfg::Rule> others) {
        others.push_back(audit(allow_to({"192.0.2.0/24"})));
        const Verdict verdict = table_of(others).match_flow(
            {address("10.10.0.5"), address("192.0.2.9"), Port{53}, FlowProtocol::Udp});
        EXPECT_EQ(verdict.decision, Decision::WouldDeny);
        return text(verdict.reason);
    };
    EXPECT_EQ(reason({}), text(Reason::PortNotAllowed));
    EXPECT_EQ(reason({allow_to({"192.0.2.0/24"}, {"10.9.0.0/16"})}),
              text(Reason::SourceNotAllowed));
    EXPECT_EQ(reason({allow_to({"198.51.100.0/24"})}), text(Reason::DstNotAllowed));
    EXPECT_EQ(reason({deny_to({"192.0.0.0/16"})}), text(Reason::DstNotAllowed));
}

}  // namespace
}  // namespace sallyport::dp::policy

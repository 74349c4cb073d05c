// SPDX-License-Identifier: Apache-2.0
// Random policies against the order of policy_table.h written down as plainly as can be.
#include <gtest/gtest.h>

#include "dataplane/policy/policy_table.h"
#include "tests/unit/policy/oracle.h"
#include "tests/unit/policy/rules.h"

namespace sallyport::dp::policy {
namespace {

using namespace test;

constexpr std::uint64_t kSeed = 7;

void expect_same(const PolicyTable& table, const Verdict& verdict, const Verdict& expected,
                 const std::string& what) {
    ASSERT_EQ(verdict.decision, expected.decision) << what;
    ASSERT_EQ(verdict.rule, expected.rule) << what;
    ASSERT_EQ(text(verdict.reason), text(expected.reason)) << what;
    if (verdict.decision != Decision::Deny) {
        ASSERT_EQ(table.terms(verdict).of_rule, expected.terms + 1) << what;
    }
}

// How often each decision was seen: rules that never meet a query prove nothing.
struct Seen {
    int allow = 0, deny = 0, would_deny = 0, by_default = 0;
    void count(const Verdict& v) {
        allow += v.decision == Decision::Allow;
        deny += v.decision == Decision::Deny && v.rule != kDefaultRule;
        would_deny += v.decision == Decision::WouldDeny;
        by_default += v.rule == kDefaultRule;
    }
    void expect_each(int least) const {
        EXPECT_GE(allow, least);
        EXPECT_GE(deny, least);
        EXPECT_GE(would_deny, least);
        EXPECT_GE(by_default, least);
    }
};

TEST(PolicyTable, AgreesWithThePlainRenderingOnNames) {
    Dice dice(kSeed);
    Seen seen;
    for (int round = 0; round < 400; ++round) {
        const cfg::Model model = dice.model(12);
        const PolicyTable table = std::move(compile(model).policy);
        for (int i = 0; i < 60; ++i) {
            const std::string name = dice.name();
            const AppProtocol protocol = dice.coin() ? AppProtocol::Tls : AppProtocol::Http;
            const Query query{dice.source(), name, dice.port(), protocol};
            const Verdict expected = plain_match(model, query);
            expect_same(table, table.match(query), expected,
                        "seed 7 round " + std::to_string(round) + " name " + name);
            seen.count(expected);
            // A connection that a rule would decide must have been let in.
            if (expected.rule != kDefaultRule) {
                ASSERT_EQ(table.admit(query.source, query.port), Reason::None);
            }
        }
    }
    seen.expect_each(200);
}

TEST(PolicyTable, AgreesWithThePlainRenderingOnFlows) {
    Dice dice(kSeed + 1);
    Seen seen;
    for (int round = 0; round < 400; ++round) {
        const cfg::Model model = dice.model(12);
        const PolicyTable table = std::move(compile(model).policy);
        for (int i = 0; i < 60; ++i) {
            constexpr FlowProtocol kAll[] = {FlowProtocol::Tcp, FlowProtocol::Udp,
                                             FlowProtocol::Icmp};
            const FlowProtocol protocol = kAll[dice.below(3)];
            const FlowQuery query{dice.source(), dice.destination(),
                                  protocol == FlowProtocol::Icmp ? Port{} : dice.port(), protocol};
            const Verdict expected = plain_match_flow(model, query);
            expect_same(table, table.match_flow(query), expected,
                        "seed 8 round " + std::to_string(round) + " query " + std::to_string(i));
            seen.count(expected);
        }
    }
    seen.expect_each(200);
}

TEST(PolicyTable, AgreesWithThePlainRenderingOnAdmission) {
    Dice dice(kSeed + 2);
    int ways[3] = {};
    for (int round = 0; round < 400; ++round) {
        const cfg::Model model = dice.model(6);
        const PolicyTable table = std::move(compile(model).policy);
        for (int i = 0; i < 60; ++i) {
            const IpAddr source = dice.source(), destination = dice.destination();
            const Port port = dice.port();
            const Admission expected = plain_admit(model, source, destination, port);
            const Admission admission = table.admit(source, destination, port);
            const std::string what =
                "seed 9 round " + std::to_string(round) + " query " + std::to_string(i);
            ASSERT_EQ(admission.way, expected.way) << what;
            ++ways[static_cast<std::size_t>(expected.way)];
            if (expected.way != Way::Inspect)
                expect_same(table, admission.verdict, expected.verdict, what);
            else
                ASSERT_EQ(admission.verdict.allow_private, expected.verdict.allow_private) << what;
        }
    }
    for (const int count : ways) EXPECT_GT(count, 1000);
}

}  // namespace
}  // namespace sallyport::dp::policy

// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/limits.h"

#include <gtest/gtest.h>

#include <vector>

#include "tcpstack/base/rng.h"
#include "tests/unit/policy/rules.h"

namespace sallyport::dp {
namespace {

using namespace test;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant kNow = Instant{} + seconds(50);
constexpr SourceHash kAlice = 11, kBob = 13;
constexpr std::uint64_t kPart = 3000;

Generation generation_with(std::vector<cfg::Limits> limits, std::uint64_t id = 1) {
    cfg::Model model;
    for (const cfg::Limits& l : limits) {
        cfg::Rule rule =
            allow({std::string(1, static_cast<char>('a' + model.policy.rules.size()))});
        rule.limits = l;
        model.policy.rules.push_back(rule);
    }
    return policy::compile(model, {.generation_id = id});
}

struct Gate {
    explicit Gate(cfg::Limits of_a, cfg::Limits of_b = {}, std::uint32_t workers = 1,
                  std::size_t places = 64)
        : generation(generation_with({of_a, of_b})), entries(places), limits(entries, workers) {}

    policy::Verdict verdict(std::string_view name) const {
        return generation.policy.match(
            {address("10.0.0.1"), name, Port{443}, policy::AppProtocol::Tls});
    }
    std::string_view open(LimitHold& hold, SourceHash source = kAlice, Instant now = kNow,
                          std::string_view name = "a") {
        return text(limits.open(hold, generation, verdict(name), source, now));
    }
    std::string_view open(SourceHash source = kAlice, Instant now = kNow) {
        LimitHold hold;
        return open(hold, source, now);
    }
    std::string_view take(const LimitHold& hold, std::uint64_t octets, Instant now = kNow) {
        return text(limits.take(hold, generation, octets, now));
    }

    Generation generation;
    std::vector<Limits::Entry> entries;
    Limits limits;
};

constexpr std::string_view kNone = text(Reason::None), kConnections = text(Reason::ConnectionLimit),
                           kRate = text(Reason::RateLimit), kBudget = text(Reason::BudgetExceeded),
                           kOver = text(Reason::OverRate), kFull = text(Reason::LimitTableFull);

TEST(Limits, LeaveARuleWithoutThemAlone) {
    Gate gate({});
    LimitHold hold;
    EXPECT_EQ(gate.open(hold), kNone);
    EXPECT_FALSE(hold.any());
    EXPECT_EQ(gate.take(hold, UINT64_MAX), kNone);
    EXPECT_EQ(gate.limits.allowance(hold, gate.generation, 1, kNow), UINT64_MAX);
    gate.limits.close(hold);
}

TEST(Limits, CountConnectionsOfTheRule) {
    Gate gate({.rule = {.max_connections = 2}, .source = {}});
    LimitHold first, second, third;
    EXPECT_EQ(gate.open(first, kAlice), kNone);
    EXPECT_EQ(gate.open(second, kBob), kNone);
    EXPECT_EQ(gate.open(third, kBob), kConnections);
    EXPECT_FALSE(third.any());
    gate.limits.close(first);
    EXPECT_EQ(gate.open(third, kBob), kNone);
}

TEST(Limits, CountConnectionsOfEachSource) {
    Gate gate({.rule = {}, .source = {.max_connections = 1}});
    LimitHold hold;
    EXPECT_EQ(gate.open(hold, kAlice), kNone);
    EXPECT_EQ(gate.open(kAlice), kConnections);
    EXPECT_EQ(gate.open(kBob), kNone);
    gate.limits.close(hold);
    EXPECT_EQ(gate.open(kAlice), kNone);
}

TEST(Limits, CountRulesApart) {
    const cfg::Limits one{.rule = {.max_connections = 1}, .source = {.max_connections = 1}};
    Gate gate(one, one);
    LimitHold a, b;
    EXPECT_EQ(gate.open(a, kAlice, kNow, "a"), kNone);
    EXPECT_EQ(gate.open(b, kAlice, kNow, "b"), kNone);
    EXPECT_EQ(gate.open(b, kAlice, kNow, "b"), kConnections);
}

TEST(Limits, CountNothingForTheRuleWhenTheSourceIsRefused) {
    Gate gate(
        {.rule = {.max_connections = 2, .new_per_second = 2}, .source = {.max_connections = 1}});
    EXPECT_EQ(gate.open(kAlice), kNone);
    for (int i = 0; i < 10; ++i) EXPECT_EQ(gate.open(kAlice), kConnections);
    EXPECT_EQ(gate.open(kBob), kNone) << "neither a place nor a part of the rate was lost";
}

TEST(Limits, AllowsSoManyOpeningsASecond) {
    Gate gate({.rule = {.new_per_second = 3}, .source = {}});
    for (int i = 0; i < 3; ++i) EXPECT_EQ(gate.open(), kNone) << i;
    EXPECT_EQ(gate.open(), kRate);
    EXPECT_EQ(gate.open(kAlice, kNow + milliseconds(333)), kRate);
    EXPECT_EQ(gate.open(kAlice, kNow + milliseconds(334)), kNone)
        << "a third of a second earns one";
    EXPECT_EQ(gate.open(kAlice, kNow + milliseconds(335)), kRate);
}

TEST(Limits, SharesAQuotaOutToTheWorkersRoundedUp) {
    Gate gate({.rule = {.max_connections = 5, .bytes = 7}, .source = {}}, {}, 2);
    LimitHold hold;
    for (int i = 0; i < 3; ++i) EXPECT_EQ(gate.open(hold), kNone);
    EXPECT_EQ(gate.open(), kConnections);
    EXPECT_EQ(gate.take(hold, 4), kNone);
    EXPECT_EQ(gate.take(hold, 1), kBudget);
}

TEST(Limits, LetsNoOctetPassBeyondABudget) {
    Gate gate({.rule = {.bytes = 1000}, .source = {}});
    LimitHold hold;
    ASSERT_EQ(gate.open(hold), kNone);
    EXPECT_EQ(gate.take(hold, 999), kNone);
    EXPECT_EQ(gate.limits.allowance(hold, gate.generation, kPart, kNow), 1U) << "a rest is no part";
    EXPECT_EQ(gate.take(hold, 2), kBudget);
    EXPECT_EQ(gate.limits.allowance(hold, gate.generation, kPart, kNow), 0U);
    EXPECT_EQ(gate.take(hold, 1), kBudget) << "what crossed the end has spent it";
    EXPECT_EQ(gate.open(), kBudget);
    gate.limits.close(hold);
    EXPECT_EQ(gate.open(kAlice, kNow + std::chrono::hours(1000)), kBudget) << "time earns nothing";
}

TEST(Limits, ABudgetCanBeUsedToItsLastOctet) {
    Gate gate({.rule = {}, .source = {.bytes = 1000}});
    LimitHold hold;
    ASSERT_EQ(gate.open(hold), kNone);
    EXPECT_EQ(gate.take(hold, 1000), kNone);
    EXPECT_EQ(gate.take(hold, 1), kBudget);
    EXPECT_EQ(gate.open(kBob), kNone) << "another source has its own";
}

TEST(Limits, KeepsARateOverTime) {
    constexpr std::uint64_t kRateOctets = 100'000, kSegment = 1400;
    Gate gate({.rule = {.bytes_per_second = kRateOctets}, .source = {}});
    LimitHold hold;
    ASSERT_EQ(gate.open(hold), kNone);
    std::uint64_t passed = 0;
    for (Instant now = kNow; now < kNow + seconds(10); now += milliseconds(1))
        if (gate.take(hold, kSegment, now) == kNone) passed += kSegment;
    EXPECT_LE(passed, 11 * kRateOctets + kSegment) << "ten seconds, and the burst of one";
    EXPECT_GE(passed, 10 * kRateOctets);
}

TEST(Limits, SaysWhenTheNextSegmentMayPass) {
    Gate gate({.rule = {.bytes_per_second = 1000}, .source = {.bytes_per_second = 500}});
    LimitHold hold;
    ASSERT_EQ(gate.open(hold), kNone);
    EXPECT_LE(gate.limits.ready_at(hold, gate.generation), kNow);
    EXPECT_EQ(gate.take(hold, 1400), kNone) << "a segment beyond the rate passes in time";
    EXPECT_EQ(gate.take(hold, 1), kOver);
    EXPECT_EQ(gate.limits.allowance(hold, gate.generation, kPart, kNow), kPart) << "what to ask for then";
    const Instant ready = gate.limits.ready_at(hold, gate.generation);
    EXPECT_EQ(ready, kNow + milliseconds(1800) + Duration(1)) << "1400 octets at 500 a second";
    EXPECT_EQ(gate.take(hold, 1, ready - Duration(1)), kOver);
    EXPECT_EQ(gate.take(hold, 1, ready), kNone);
}

TEST(Limits, AnAllowanceIsWhatTheBurstHolds) {
    Gate gate({.rule = {.bytes_per_second = 2000}, .source = {}});
    LimitHold hold;
    ASSERT_EQ(gate.open(hold), kNone);
    EXPECT_NEAR(static_cast<double>(gate.limits.allowance(hold, gate.generation, 1, kNow)), 2000, 2);
    EXPECT_EQ(gate.take(hold, 1500), kNone);
    EXPECT_NEAR(static_cast<double>(gate.limits.allowance(hold, gate.generation, 1, kNow)), 500, 2);
    EXPECT_EQ(gate.limits.allowance(hold, gate.generation, kPart, kNow), kPart);
}

TEST(Limits, TakesNothingFromOneWhenTheOtherRefuses) {
    Gate gate({.rule = {.bytes = 1000}, .source = {.bytes = 10}});
    LimitHold alice, bob;
    ASSERT_EQ(gate.open(alice, kAlice), kNone);
    ASSERT_EQ(gate.open(bob, kBob), kNone);
    EXPECT_EQ(gate.take(alice, 500), kBudget);
    EXPECT_EQ(gate.limits.allowance(bob, gate.generation, kPart, kNow), 10U);
    EXPECT_EQ(gate.entries[alice.rule].used, 0U);
}

TEST(Limits, SurviveANewGenerationAndFollowItsQuotas) {
    Gate gate({.rule = {.max_connections = 2, .bytes = 1000}, .source = {}});
    LimitHold hold, second;
    ASSERT_EQ(gate.open(hold), kNone);
    ASSERT_EQ(gate.take(hold, 600), kNone);
    gate.generation =
        generation_with({{.rule = {.max_connections = 1, .bytes = 700}, .source = {}}}, 2);
    EXPECT_EQ(gate.open(second), kConnections) << "the one that is open counts";
    EXPECT_EQ(gate.limits.allowance(hold, gate.generation, kPart, kNow), 100U) << "and what it used";
    gate.generation = generation_with({{.rule = {.max_connections = 1}, .source = {}}}, 3);
    EXPECT_EQ(gate.take(hold, 1 << 20), kNone) << "the budget was taken away";
    gate.generation = generation_with({}, 4);
    EXPECT_EQ(gate.take(hold, 1 << 20), kNone) << "the rule was taken away";
    gate.limits.close(hold);
}

TEST(Limits, RefuseASourceThatTheyCannotCount) {
    Gate gate({.rule = {}, .source = {.max_connections = 1, .new_per_second = 1}}, {}, 1,
              Limits::kWays);
    std::vector<LimitHold> holds(Limits::kWays);
    for (std::size_t i = 0; i < holds.size(); ++i) ASSERT_EQ(gate.open(holds[i], 100 + i), kNone);
    EXPECT_EQ(gate.open(kAlice), kFull);
    gate.limits.close(holds[3]);
    EXPECT_EQ(gate.open(kAlice), kFull) << "its rate is still owed";
    EXPECT_EQ(gate.open(kAlice, kNow + seconds(1)), kNone) << "now it says nothing any more";
    EXPECT_EQ(gate.open(kBob, kNow + seconds(1)), kFull);
}

TEST(Limits, KeepUsedBudgetsUntilTheRuleIsGone) {
    Gate gate({.rule = {}, .source = {.bytes = 10}}, {.rule = {}, .source = {.bytes = 10}}, 1,
              Limits::kWays);
    for (SourceHash source = 100; source < 100 + Limits::kWays; ++source) {
        LimitHold hold;
        ASSERT_EQ(gate.open(hold, source), kNone);
        ASSERT_EQ(gate.take(hold, 10), kNone);
        gate.limits.close(hold);
    }
    const Instant later = kNow + std::chrono::hours(24);
    EXPECT_EQ(gate.open(kAlice, later), kFull);
    cfg::Model model;
    model.policy.rules = {allow({"b"})};
    model.policy.rules[0].limits.source.bytes = 10;
    const std::vector<policy::RuleId> ids{2};
    gate.generation = policy::compile(model, {.generation_id = 2, .rule_ids = ids});
    LimitHold hold;
    EXPECT_EQ(gate.open(hold, kAlice, later, "b"), kNone);
}

TEST(Limits, TheRuleIsNotForgottenForItsFirstSource) {
    for (SourceHash source = 1; source < 2000; ++source) {
        Gate gate({.rule = {.max_connections = 9}, .source = {.max_connections = 9}}, {}, 1,
                  Limits::kWays);
        LimitHold hold;
        ASSERT_EQ(gate.open(hold, source), kNone);
        ASSERT_NE(hold.rule, hold.source);
    }
}

TEST(Limits, CountForTheRuleThatLetsPassWhenOneInAuditObjects) {
    cfg::Model model;
    model.policy.rules = {allow({"*.example"}), audit(deny({"a.example"}))};
    model.policy.rules[0].limits.rule.max_connections = 1;
    const Generation generation = policy::compile(model);
    std::vector<Limits::Entry> entries(64);
    Limits limits(entries, 1);
    const auto open = [&](std::string_view name) {
        LimitHold hold;
        const policy::Verdict verdict = generation.policy.match(
            {address("10.0.0.1"), name, Port{443}, policy::AppProtocol::Tls});
        return text(limits.open(hold, generation, verdict, kAlice, kNow));
    };
    EXPECT_EQ(open("a.example"), kNone);
    EXPECT_EQ(open("b.example"), kConnections) << "both are of the one rule";
}

// Whatever happens, what is open is what was opened and not closed.
TEST(Limits, BalanceTheirCounts) {
    constexpr std::uint32_t kMost = 5;
    Gate gate({.rule = {.max_connections = 3 * kMost}, .source = {.max_connections = kMost}});
    Rng rng(3);
    std::vector<std::pair<SourceHash, LimitHold>> open;
    for (int i = 0; i < 20'000; ++i) {
        if (!open.empty() && rng.below(2) == 0) {
            const std::size_t at = rng.below(static_cast<std::uint32_t>(open.size()));
            gate.limits.close(open[at].second);
            open.erase(open.begin() + static_cast<std::ptrdiff_t>(at));
            continue;
        }
        const SourceHash source = 1 + rng.below(7);
        std::size_t own = 0;
        for (const auto& [of, hold] : open) own += of == source ? 1 : 0;
        LimitHold hold;
        const bool room = open.size() < 3 * kMost && own < kMost;
        ASSERT_EQ(gate.open(hold, source), room ? kNone : kConnections) << "step " << i;
        if (room) open.emplace_back(source, hold);
    }
}

}  // namespace
}  // namespace sallyport::dp

// SPDX-License-Identifier: Apache-2.0
// A million random questions: what explain() says from the configuration is what a worker does with
// the generation that it runs, although the two were compiled apart, under other ids and another
// seed of the names.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "dataplane/policy/admission.h"
#include "dataplane/policy/compile.h"
#include "dataplane/policy/explain.h"
#include "dataplane/session/verdicts.h"
#include "tests/unit/policy/oracle.h"
#include "tests/unit/policy/rules.h"

namespace sallyport::dp {
namespace {

using namespace test;
using namespace std::chrono_literals;
using policy::Way;

constexpr std::uint64_t kSeed = 11;
constexpr int kPolicies = 2000, kQuestions = 500;
constexpr std::chrono::sys_seconds kNow = std::chrono::sys_days(2026y / 11 / 23) + 12h;

// The words of a worker: listener, then the verdict on the name.
policy::Admission worker(const Generation& generation, const FourTuple& client,
                         const std::string& name, policy::AppProtocol protocol) {
    policy::Admission out = policy::admit(generation, client.src, client.dst, client.dst_port);
    if (out.way == Way::Inspect) out.verdict = decide(generation, client, name, protocol);
    return out;
}

std::vector<policy::RuleId> shuffled_ids(std::size_t n, Dice& dice) {
    std::vector<policy::RuleId> ids;
    for (std::size_t i = 0; i < n; ++i) ids.push_back(static_cast<policy::RuleId>(100 + 3 * i));
    for (std::size_t i = n; i > 1; --i)
        std::swap(ids[i - 1], ids[dice.below(static_cast<std::uint32_t>(i))]);
    return ids;
}

cfg::Model random_model(Dice& dice) {
    cfg::Model model = dice.model(12);
    for (cfg::Rule& rule : model.policy.rules) {
        if (dice.below(8) == 0) rule.expires = kNow + (dice.coin() ? 1h : -1h);
        if (dice.below(8) == 0)
            rule.schedule = {{0x7f, 0, static_cast<std::uint16_t>(dice.coin() ? 60 : 1440)}};
    }
    return model;
}

void compare(const policy::Explanation& told, const policy::Admission& done,
             std::span<const policy::RuleId> ids, const std::string& what) {
    ASSERT_EQ(told.way, done.way) << what;
    ASSERT_EQ(told.verdict.decision, done.verdict.decision) << what;
    ASSERT_EQ(text(told.verdict.reason), text(done.verdict.reason)) << what;
    ASSERT_EQ(told.verdict.allow_private, done.verdict.allow_private) << what;
    ASSERT_EQ(told.rule ? ids[*told.rule] : policy::kDefaultRule, done.verdict.rule) << what;
    ASSERT_EQ(told.rule.has_value(), told.matched.by != policy::MatchedBy::Nothing) << what;
}

TEST(Explain, AgreesWithTheWorker) {
    Dice dice(kSeed);
    std::uint64_t decided[3] = {}, ways[3] = {};
    for (int p = 0; p < kPolicies; ++p) {
        const cfg::Model model = random_model(dice);
        const std::vector<policy::RuleId> ids = shuffled_ids(model.policy.rules.size(), dice);
        const Generation running = policy::compile(
            model,
            {.generation_id = 1000 + static_cast<std::uint64_t>(p), .rule_ids = ids, .at = kNow});
        const Generation asked = policy::compile(model, {.at = kNow});
        for (int q = 0; q < kQuestions; ++q) {
            policy::Question question;
            question.source = dice.source();
            question.destination = dice.destination();
            question.port = dice.port();
            question.name = dice.name();
            question.protocol = dice.coin() ? policy::AppProtocol::Tls : policy::AppProtocol::Http;
            const FourTuple client{question.source, *question.destination, Port{40000},
                                   question.port};
            const policy::Admission done =
                worker(running, client, question.name, question.protocol);
            const policy::Explanation told = policy::explain(model, asked, question, {.at = kNow});
            compare(told, done, ids,
                    "seed 11 policy " + std::to_string(p) + " question " + std::to_string(q));
            if (HasFatalFailure()) return;
            ++decided[static_cast<std::size_t>(done.verdict.decision)];
            ++ways[static_cast<std::size_t>(done.way)];
        }
    }
    for (const std::uint64_t count : decided) EXPECT_GT(count, 10'000U);
    for (const std::uint64_t count : ways) EXPECT_GT(count, 10'000U);
}

}  // namespace
}  // namespace sallyport::dp

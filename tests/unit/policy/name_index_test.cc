// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/name_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "dataplane/policy/name_index_builder.h"
#include "dataplane/policy/rule_lists.h"
#include "tcpstack/base/rng.h"
#include "tests/unit/policy/rules.h"

namespace sallyport::dp::policy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint64_t kSeed = 5;

bool denies_none(std::uint32_t) {
    return false;
}

std::vector<std::uint32_t> rules_of(const NameIndex& index, std::string_view name,
                                    PatternKind kind = PatternKind::Exact) {
    const Slice found = index.rules_of(name_hash(index.seed, name, kind), name, kind);
    const auto first = index.rule_numbers.begin() + found.first;
    return {first, first + found.count};
}

TEST(NameIndex, IsEmptyAtFirst) {
    const NameIndex index = NameIndexBuilder(kSeed, 0, 0).finish(denies_none);
    EXPECT_THAT(rules_of(index, "a.example"), IsEmpty());
    EXPECT_THAT(rules_of(index, ""), IsEmpty());
}

TEST(NameIndex, KeepsKindsAndNamesApart) {
    NameIndexBuilder builder(kSeed, 3, 30);
    builder.add("a.example", PatternKind::Exact, 0);
    builder.add("a.example", PatternKind::Wildcard, 1);
    builder.add("b.example", PatternKind::Exact, 2);
    const NameIndex index = builder.finish(denies_none);
    EXPECT_THAT(rules_of(index, "a.example"), ElementsAre(0));
    EXPECT_THAT(rules_of(index, "a.example", PatternKind::Wildcard), ElementsAre(1));
    EXPECT_THAT(rules_of(index, "b.example"), ElementsAre(2));
    EXPECT_THAT(rules_of(index, "b.example", PatternKind::Wildcard), IsEmpty());
    EXPECT_EQ(index.patterns, 3U);
}

TEST(NameIndex, PutsRulesThatDenyFirstAndNamesEachOnce) {
    NameIndexBuilder builder(kSeed, 6, 60);
    for (const std::uint32_t rule : {1U, 2U, 2U, 5U, 7U})
        builder.add("a.example", PatternKind::Exact, rule);
    const NameIndex index =
        builder.finish([](std::uint32_t rule) { return rule == 2 || rule == 7; });
    EXPECT_THAT(rules_of(index, "a.example"), ElementsAre(2, 7, 1, 5));
    EXPECT_EQ(index.patterns, 1U);
}

TEST(NameIndex, TakesTheLongestNameAndOddOctets) {
    const std::string longest(253, 'x');
    const std::string odd("\xff\x80\0z", 4);
    NameIndexBuilder builder(kSeed, 2, 300);
    builder.add(longest, PatternKind::Exact, 3);
    builder.add(odd, PatternKind::Wildcard, 4);
    const NameIndex index = builder.finish(denies_none);
    EXPECT_THAT(rules_of(index, longest), ElementsAre(3));
    EXPECT_THAT(rules_of(index, odd, PatternKind::Wildcard), ElementsAre(4));
    EXPECT_THAT(rules_of(index, longest.substr(1)), IsEmpty());
}

// Random names in random rules, against a map.
TEST(NameIndex, AgreesWithAMap) {
    Rng rng(kSeed);
    for (int round = 0; round < 50; ++round) {
        using Pattern = std::pair<std::string, PatternKind>;
        std::map<Pattern, std::set<std::uint32_t>> expected;
        std::vector<Pattern> added;
        std::vector<std::uint32_t> rules;
        std::size_t octets = 0;
        for (std::uint32_t rule = 0; rule < 20; ++rule) {
            for (std::uint32_t n = rng.below(40); n-- > 0;) {
                const std::string name = std::to_string(rng.below(200));
                const auto kind = rng.below(2) == 0 ? PatternKind::Exact : PatternKind::Wildcard;
                added.emplace_back(name, kind);
                rules.push_back(rule);
                expected[added.back()].insert(rule);
                octets += name.size();
            }
        }
        NameIndexBuilder builder(rng.next(), added.size(), octets);
        for (std::size_t i = 0; i < added.size(); ++i)
            builder.add(added[i].first, added[i].second, rules[i]);
        const NameIndex index = builder.finish(denies_none);
        ASSERT_EQ(index.patterns, expected.size());
        for (int number = 0; number < 200; ++number) {
            for (const auto kind : {PatternKind::Exact, PatternKind::Wildcard}) {
                const Pattern pattern{std::to_string(number), kind};
                const auto& numbers = expected[pattern];
                ASSERT_EQ(rules_of(index, pattern.first, kind),
                          std::vector<std::uint32_t>(numbers.begin(), numbers.end()))
                    << "seed 5 round " << round;
            }
        }
    }
}

TEST(RuleLists, ShareWhatIsTheSame) {
    RuleLists lists;
    const RuleListId one = lists.with(RuleLists::kEmpty, 1);
    EXPECT_EQ(lists.with(one, 1), one);
    const RuleListId both = lists.with(one, 2);
    const RuleListId other = lists.with(RuleLists::kEmpty, 2);
    EXPECT_EQ(lists.with(lists.with(RuleLists::kEmpty, 1), 2), both);
    EXPECT_NE(other, both);
    EXPECT_THAT(lists.numbers(both), ElementsAre(1, 2));
    EXPECT_THAT(lists.numbers(RuleLists::kEmpty), IsEmpty());
    EXPECT_EQ(lists.size(), 4U);
}

// The promise for a million names, at a tenth of it: 40 octets for a name of 20, all told.
TEST(PolicyTable, TakesFortyOctetsForANameOfTwenty) {
    constexpr std::size_t kNames = 100'000;
    const auto list = std::make_shared<cfg::NameList>();
    for (std::size_t i = 0; i < kNames; ++i)
        list->add(std::to_string(100'000 + i) + ".names.example", i % 10 == 0);
    cfg::Model model;
    model.policy.rules = {test::allow({})};
    model.policy.rules[0].listed = list;
    ASSERT_EQ(list->octets(), kNames * 20);
    const PolicyTable table = std::move(compile(model).policy);
    EXPECT_EQ(table.pattern_count(), kNames);
    EXPECT_LE(table.memory_bytes(), kNames * 40);
    EXPECT_GT(table.memory_bytes(), kNames * 20) << "the names themselves are kept";
    EXPECT_EQ(PolicyTable().memory_bytes(), 0U);
    EXPECT_EQ(PolicyTable().pattern_count(), 0U);
}

}  // namespace
}  // namespace sallyport::dp::policy

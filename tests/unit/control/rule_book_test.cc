// SPDX-License-Identifier: Apache-2.0
#include "control/rule_book.h"

#include <gtest/gtest.h>

namespace sallyport::ctl {
namespace {

using Ids = std::vector<dp::policy::RuleId>;

cfg::Model model(const std::vector<std::string>& names) {
    cfg::Model m;
    m.files = {"sallyport.yaml"};
    for (std::size_t i = 0; i < names.size(); ++i) {
        cfg::Rule& rule = m.policy.rules.emplace_back();
        rule.name = names[i];
        rule.mark = {static_cast<int>(i) + 10, 7, 0};
    }
    return m;
}

TEST(RuleBook, KeepsTheIdOfANameOverGenerations) {
    RuleBook book;
    EXPECT_EQ(book.enter(model({"cnn", "github"}), 1), (Ids{1, 2}));
    EXPECT_EQ(book.enter(model({"github", "new"}), 2), (Ids{2, 3}));
    EXPECT_EQ(book.find(1, 1)->name, "cnn") << "a session of the first generation may still end";
    EXPECT_EQ(book.enter(model({"cnn"}), 3), Ids{1});
}

TEST(RuleBook, DefaultAndUnknownRules) {
    const RuleBook book;
    EXPECT_EQ(book.find(dp::policy::kDefaultRule, 1)->name, "default-deny");
    EXPECT_EQ(book.find(77, 1)->name, "-");
}

TEST(RuleBook, TellsARuleAsItWasInTheGenerationThatDecided) {
    RuleBook book;
    cfg::Model first = model({"cnn"});
    first.policy.rules[0].upstream.cluster_host = "edition.cnn.com";
    book.enter(first, 1);
    cfg::Model second = model({"cnn"});
    second.policy.rules[0].mark.line = 99;
    second.policy.rules[0].split.resize(2);
    cfg::Upstream& other = second.policy.rules[0].split[1];
    other.cluster_host = "www.cnn.com";
    other.cluster_subset = "v2";
    other.cluster_port = 443;
    book.enter(second, 4);
    EXPECT_EQ(book.find(1, 3)->at, "sallyport.yaml:10");
    EXPECT_EQ(book.find(1, 3)->clusters.at(0).host, "edition.cnn.com");
    EXPECT_EQ(book.find(1, 4)->at, "sallyport.yaml:99");
    EXPECT_EQ(book.find(1, 9)->clusters.at(1), (ClusterText{443, "v2", "www.cnn.com"}));
}

TEST(RuleBook, UnchangedRuleHasOneText) {
    RuleBook book;
    for (std::uint64_t generation = 1; generation <= 1000; ++generation)
        book.enter(model({"cnn", "github"}), generation);
    EXPECT_EQ(book.size(), 2u);
}

TEST(RuleBook, ForgetsWhatNoSessionNeedsAnyMore) {
    RuleBook book;
    book.enter(model({"old", "moved"}), 1);
    book.enter(model({"moved"}), 2);  // now on line 10
    EXPECT_EQ(book.size(), 3u);
    book.forget_before(1);
    EXPECT_EQ(book.size(), 3u) << "a session of generation 1 is alive";
    book.forget_before(2);
    EXPECT_EQ(book.size(), 1u);
    EXPECT_EQ(book.find(1, 1)->name, "-");
    EXPECT_EQ(book.find(2, 1)->at, "sallyport.yaml:10") << "the oldest text that is left";
    EXPECT_EQ(book.enter(model({"old"}), 3), Ids{3}) << "an id is never given out twice";
}

TEST(RuleBook, ARuleThatCameBackIsNotForgotten) {
    RuleBook book;
    book.enter(model({"a"}), 1);
    book.enter(model({}), 2);
    book.enter(model({"a"}), 3);
    book.forget_before(3);
    EXPECT_EQ(book.find(1, 3)->name, "a");
}

}  // namespace
}  // namespace sallyport::ctl

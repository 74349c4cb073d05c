// SPDX-License-Identifier: Apache-2.0
#include "config/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/config/support.h"

namespace sallyport::cfg::test {
namespace {

using ::testing::ElementsAre;

TEST(Report, GivesFindingsInTheOrderOfTheFile) {
    const SourceText source("a\nb\n");
    Report report(source, "x.yaml");
    report.add(FindingCode::Syntax, {{2, 1}, 1}, "b", {"second"});
    report.add(FindingCode::TooDeep, {{1, 1}, 1}, "a", {"first"});
    EXPECT_TRUE(report.has_errors());
    const auto findings = report.take();
    ASSERT_EQ(findings.size(), 2U);
    EXPECT_EQ(findings[0].message, "first");
    EXPECT_EQ(findings[0].excerpt, "a");
    EXPECT_EQ(findings[0].file, "x.yaml");
    EXPECT_EQ(findings[1].excerpt, "b");
}

TEST(Report, KnowsWhatIsClean) {
    const SourceText source("a");
    Report report(source, "x.yaml");
    report.add(FindingCode::WrongType, {{1, 1}, 1}, "policy.rules[1].name", {""});
    report.add(FindingCode::NoEffect, {{1, 1}, 1}, "tcp.idle_timeout", {"only a warning"});
    EXPECT_FALSE(report.is_clean("policy.rules[1].name"));
    EXPECT_FALSE(report.is_clean("policy.rules[1]"));
    EXPECT_FALSE(report.is_clean("policy"));
    EXPECT_FALSE(report.is_clean("policy.rules[1].name.below"));
    EXPECT_TRUE(report.is_clean("policy.rules[1].hosts"));
    EXPECT_TRUE(report.is_clean("policy.rules[10]"));
    EXPECT_TRUE(report.is_clean("policy.rules[1].nam"));
    EXPECT_TRUE(report.is_clean("tcp"));
}

TEST(Report, FallsBackToTheNearestPlaceInTheFile) {
    const SourceText source("a");
    Report report(source, "x.yaml");
    report.note("ports.inside", {{3, 5}, 7});
    EXPECT_EQ(report.where("ports.inside.routes[2].via").mark, (Mark{3, 5}));
    EXPECT_EQ(report.where("tcp.idle_timeout").mark, (Mark{1, 1}));
    EXPECT_TRUE(report.is_set("ports.inside"));
    EXPECT_FALSE(report.is_set("ports.outside"));
}

TEST(Report, CutsLongLinesAroundTheColumn) {
    const std::string line = std::string(500, 'x') + "here" + std::string(500, 'y');
    const SourceText source(line);
    Report report(source, "x.yaml");
    report.add(FindingCode::Syntax, {{1, 501}, 504}, {}, {"m"});
    const auto findings = report.take();
    EXPECT_LE(findings[0].excerpt.size(), 160U);
    const auto at = static_cast<std::size_t>(501 - findings[0].excerpt_column);
    EXPECT_EQ(findings[0].excerpt.substr(at, 4), "here");
}

TEST(Report, ListsAThousandFindingsAndCountsTheRest) {
    const SourceText source("a");
    Report report(source, "x.yaml");
    for (std::size_t i = 0; i < kMaxFindings + 5; ++i)
        report.add(FindingCode::Syntax, {{1, 1}, 1}, {}, {"m"});
    const auto findings = report.take();
    ASSERT_EQ(findings.size(), kMaxFindings + 1);
    EXPECT_EQ(findings.back().code, "SP1006");
    EXPECT_EQ(findings.back().message, "and 5 more findings");
}

TEST(Report, BuildsPaths) {
    EXPECT_EQ(child_path("", "policy"), "policy");
    EXPECT_EQ(item_path(child_path("policy", "rules"), 2), "policy.rules[2]");
}

}  // namespace
}  // namespace sallyport::cfg::test

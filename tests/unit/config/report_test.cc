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
    Report report;
    report.open("a\nb\n", "x.yaml");
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
    Report report;
    report.open("a", "x.yaml");
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
    Report report;
    report.open("a", "x.yaml");
    report.note("ports.inside", {{3, 5}, 7});
    EXPECT_EQ(report.where("ports.inside.routes[2].via").mark, (Mark{3, 5}));
    EXPECT_EQ(report.where("tcp.idle_timeout").mark, (Mark{1, 1}));
    EXPECT_TRUE(report.is_set("ports.inside"));
    EXPECT_FALSE(report.is_set("ports.outside"));
}

TEST(Report, CutsLongLinesAroundTheColumn) {
    const std::string line = std::string(500, 'x') + "here" + std::string(500, 'y');
    Report report;
    report.open(line, "x.yaml");
    report.add(FindingCode::Syntax, {{1, 501}, 504}, {}, {"m"});
    const auto findings = report.take();
    EXPECT_LE(findings[0].excerpt.size(), 160U);
    const auto at = static_cast<std::size_t>(501 - findings[0].excerpt_column);
    EXPECT_EQ(findings[0].excerpt.substr(at, 4), "here");
}

TEST(Report, ListsAThousandFindingsAndCountsTheRest) {
    Report report;
    report.open("a", "x.yaml");
    for (std::size_t i = 0; i < kMaxFindings + 5; ++i)
        report.add(FindingCode::Syntax, {{1, 1}, 1}, {}, {"m"});
    const auto findings = report.take();
    ASSERT_EQ(findings.size(), kMaxFindings + 1);
    EXPECT_EQ(findings.back().code, "SP1006");
    EXPECT_EQ(findings.back().message, "and 5 more findings");
}

TEST(Report, KnowsTheFileOfEachMark) {
    Report report;
    report.open("a\n", "a.yaml");
    const SourceText& second = report.open("b\n", "b.yaml");
    EXPECT_EQ(second.mark_at(0), (Mark{1, 1, 1}));
    report.add(FindingCode::Syntax, {second.mark_at(0), 1}, {}, {"in b"});
    report.add(FindingCode::Empty, second.whole(), {}, {"b as a whole"});
    report.add(FindingCode::Syntax, {{1, 1, 0}, 1}, {}, {"in a"});
    EXPECT_THAT(report.file_names(), ElementsAre("a.yaml", "b.yaml"));
    const auto findings = report.take();
    ASSERT_EQ(findings.size(), 3U);
    EXPECT_EQ(findings[0].message, "in a");
    EXPECT_EQ(findings[0].file, "a.yaml");
    EXPECT_EQ(findings[1].message, "b as a whole");
    EXPECT_EQ(findings[2].file, "b.yaml");
    EXPECT_EQ(findings[2].excerpt, "b");
}

TEST(Report, BuildsPaths) {
    EXPECT_EQ(child_path("", "policy"), "policy");
    EXPECT_EQ(item_path(child_path("policy", "rules"), 2), "policy.rules[2]");
}

}  // namespace
}  // namespace sallyport::cfg::test

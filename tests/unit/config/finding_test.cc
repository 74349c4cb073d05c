// SPDX-License-Identifier: Apache-2.0
#include "config/finding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace sallyport::cfg {
namespace {

Finding sample() {
    return {.severity = Severity::Error,
            .code = "SP1203",
            .file = "sallyport.yaml",
            .mark = {14, 7},
            .end_column = 10,
            .path = "policy.rules[2].prot",
            .message = "unknown key 'prot' in policy.rules[2]",
            .hint = "did you mean 'protocols'?",
            .excerpt = "      prot: tls",
            .excerpt_column = 1};
}

TEST(Finding, ShowsPlaceLineCaretAndHint) {
    EXPECT_EQ(format_finding(sample()),
              "sallyport.yaml:14:7-10: error[SP1203]: unknown key 'prot' in policy.rules[2]\n"
              "   14 |       prot: tls\n"
              "      |       ^^^^ did you mean 'protocols'?\n");
}

TEST(Finding, FitsOnOneLineWithItsPath) {
    EXPECT_EQ(format_finding_line(sample()),
              "sallyport.yaml:14:7-10: error[SP1203]: policy.rules[2].prot: unknown key 'prot' in "
              "policy.rules[2] (did you mean 'protocols'?)");
}

TEST(Finding, NamesTheFileAloneWhenThereIsNoPlace) {
    Finding finding = sample();
    finding.mark = {};
    finding.excerpt.clear();
    finding.hint.clear();
    EXPECT_EQ(format_finding(finding),
              "sallyport.yaml: error[SP1203]: unknown key 'prot' in policy.rules[2]\n");
}

TEST(Finding, PutsCaretsUnderCharactersNotOctets) {
    Finding finding = sample();
    finding.excerpt =
        "\t\"b\xc3\xbc"
        "cher\": \xc3\xbc!";
    finding.mark.column = 13;
    finding.end_column = 15;
    EXPECT_THAT(format_finding(finding), ::testing::HasSubstr("      | \t          ^^ did"));
}

TEST(Finding, KeepsCaretsRightInAnExcerptFromTheMiddle) {
    Finding finding = sample();
    finding.mark.column = 103;
    finding.end_column = 104;
    finding.excerpt = "abcdef";
    finding.excerpt_column = 101;
    EXPECT_THAT(format_finding(finding), ::testing::HasSubstr("      |   ^^ did"));
}

TEST(Finding, PointsBehindTheEndOfTheLine) {
    Finding finding = sample();
    finding.excerpt = "ab";
    finding.mark.column = 3;
    finding.end_column = 3;
    EXPECT_THAT(format_finding(finding), ::testing::HasSubstr("      |   ^ did"));
}

TEST(Finding, CountsErrorsAndWarnings) {
    Finding warning = sample();
    warning.severity = Severity::Warning;
    const std::vector<Finding> both{sample(), sample(), warning};
    EXPECT_EQ(error_count(both), 2U);
    EXPECT_TRUE(format_findings(both).ends_with("\n2 errors, 1 warning.\n"));
    EXPECT_TRUE(format_findings(std::vector{warning}).ends_with("\n1 warning.\n"));
    EXPECT_EQ(format_findings({}), "");
}

TEST(FindingKinds, AreSortedAndExplained) {
    const auto kinds = finding_kinds();
    EXPECT_EQ(std::ranges::adjacent_find(kinds, std::ranges::greater_equal{}, &FindingKind::code),
              kinds.end());
    for (const FindingKind& kind : kinds) {
        EXPECT_EQ(kind.code.size(), 6U);
        EXPECT_EQ(kind.severity == Severity::Warning, kind.code[2] == '2') << kind.code;
        EXPECT_FALSE(kind.title.empty()) << kind.code;
        EXPECT_TRUE(kind.explanation.ends_with('.')) << kind.code;
        EXPECT_EQ(find_finding_kind(kind.code), &kind);
    }
    EXPECT_EQ(find_finding_kind("SP9999"), nullptr);
    EXPECT_EQ(kind_of(FindingCode::UnknownKey).code, "SP1203");
    EXPECT_EQ(kind_of(FindingCode::DuplicateKey).code, "SP1311");
}

}  // namespace
}  // namespace sallyport::cfg

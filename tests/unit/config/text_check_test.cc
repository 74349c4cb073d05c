// SPDX-License-Identifier: Apache-2.0
#include "config/text_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/config/support.h"

namespace sallyport::cfg::test {
namespace {

using ::testing::ElementsAre;

std::vector<Finding> check(std::string_view text) {
    Report report;
    const SourceText& source = report.open(text, "x.yaml");
    const bool good = check_text(source, report);
    auto findings = report.take();
    EXPECT_EQ(good, findings.empty());
    return findings;
}

TEST(TextCheck, TakesEveryWellFormedCharacter) {
    EXPECT_TRUE(check("a\tb\r\n\xc3\xbc\xe2\x82\xac\xf0\x9f\x9a\xaa\xf4\x8f\xbf\xbf").empty());
}

TEST(TextCheck, RefusesWhatIsNotUtf8) {
    for (const auto* text : {"\x80", "\xc3", "\xc3(", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80",
                             "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"})
        EXPECT_THAT(codes_of(check(std::string("a: ") + text)), ElementsAre("SP1003"));
}

TEST(TextCheck, RefusesCharactersThatHide) {
    for (const auto* text : {"\x01", "\x04", "\x1b", "\x7f", "\xc2\x85", "\xe2\x80\xa8",
                             "\xe2\x80\xae", "\xe2\x81\xa6", "\xef\xbb\xbf", "\r"})
        EXPECT_THAT(codes_of(check(std::string("a: ") + text)), ElementsAre("SP1004"));
    EXPECT_THAT(codes_of(check(std::string_view("a\0", 2))), ElementsAre("SP1004"));
}

TEST(TextCheck, PlacesTheFirstBadCharacter) {
    EXPECT_EQ(check("ab\nc\x01\n").at(0).mark, (Mark{2, 2}));
}

TEST(TextCheck, RefusesDirectives) {
    EXPECT_THAT(codes_of(check("# c\n\n%TAG ! x\n---\na: 1\n")), ElementsAre("SP1107"));
    EXPECT_TRUE(check("a: |\n%x\n").empty());
    EXPECT_THAT(codes_of(check("a: 1\n...\n%TAG ! x\n---\nb: 1\n")), ElementsAre("SP1107"));
}

TEST(TextCheck, LimitsSizeAndBrackets) {
    EXPECT_THAT(codes_of(check(std::string(kMaxFileBytes + 1, '#'))), ElementsAre("SP1002"));
    EXPECT_TRUE(check(std::string(1000, '[')).empty());
    EXPECT_THAT(codes_of(check(std::string(1001, '['))), ElementsAre("SP1102"));
}

}  // namespace
}  // namespace sallyport::cfg::test

// SPDX-License-Identifier: Apache-2.0
#include "config/host_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "config/public_suffix.h"
#include "tests/unit/config/support.h"

namespace sallyport::cfg::test {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Read {
    std::vector<std::string> names;
    std::vector<Finding> findings;
};

Read read(std::string_view text, std::size_t room = kMaxListedNames) {
    Report report;
    report.open({}, "a.yaml");
    const SourceText& source = report.open({}, "names.txt");
    const NameList list = read_host_list(text, source.file(), room, report);
    Read result;
    for (std::size_t i = 0; i < list.size(); ++i)
        result.names.push_back((list[i].wildcard ? "*." : "") + std::string(list[i].name));
    result.findings = report.take();
    return result;
}

TEST(HostList, TakesOneNameALine) {
    const Read list = read(
        "\xef\xbb\xbf# names\r\n"
        "Edition.CNN.com.\r\n"
        "\n"
        " \t*.example.com\t# and below\n"
        ".example.org\n"
        "b\u00fccher.example\n"
        "last.example");
    EXPECT_THAT(list.findings, IsEmpty());
    EXPECT_THAT(list.names, ElementsAre("edition.cnn.com", "*.example.com", "example.org",
                                        "*.example.org", "xn--bcher-kva.example", "last.example"));
}

TEST(HostList, PlacesEachLineThatIsNoName) {
    const Read list = read(
        "good.example\n  a..b # x\n0.0.0.0 ads.example\nhttps://a.example\n"
        ".*.example\n.\n");
    EXPECT_THAT(codes_of(list.findings),
                ElementsAre("SP1405", "SP1405", "SP1405", "SP1406", "SP1405"));
    EXPECT_EQ(list.findings[0].file, "names.txt");
    EXPECT_EQ(list.findings[0].mark, (Mark{2, 3, 1}));
    EXPECT_EQ(list.findings[0].end_column, 6);
    EXPECT_EQ(list.findings[0].excerpt, "  a..b # x");
    EXPECT_THAT(list.findings[1].hint, HasSubstr("one name a line"));
    EXPECT_THAT(list.names, ElementsAre("good.example"));
}

TEST(HostList, RefusesOctetsThatHideOrAreNoText) {
    const Read list = read(std::string_view("a.example\n# \x1b[2J\n\xff\nb\0c\nd\re\n", 27));
    EXPECT_THAT(codes_of(list.findings), ElementsAre("SP1004", "SP1003", "SP1004", "SP1004"));
    EXPECT_EQ(list.findings[0].mark, (Mark{2, 3, 1}));
    for (const Finding& finding : list.findings)
        EXPECT_THAT(finding.excerpt,
                    Each(::testing::AllOf(::testing::Ge(' '), ::testing::Le('~'))));
}

TEST(HostList, TellsAHundredBadLinesAndCountsTheRest) {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += "!\n";
    const Read list = read(text);
    ASSERT_THAT(list.findings, SizeIs(kMaxLineFindings + 1));
    EXPECT_EQ(list.findings.back().code, "SP1006");
    EXPECT_EQ(list.findings.back().message, "and 99900 more lines that are no names");
}

TEST(HostList, HasRoomForSoManyNames) {
    EXPECT_THAT(read("a.b\nc.d\n", 2).findings, IsEmpty());
    const Read list = read("a.b\n.c.d\ne.f\n", 2);
    ASSERT_THAT(codes_of(list.findings), ElementsAre("SP1009"));
    EXPECT_EQ(list.findings[0].mark, (Mark{2, 1, 1}));
    EXPECT_THAT(list.names, SizeIs(2));
}

TEST(HostList, ReadsAMillionNames) {
    std::string text;
    for (int i = 0; i < 1'000'000; ++i) text += "host-" + std::to_string(i) + ".cdn.example\n";
    Report report;
    const SourceText& source = report.open({}, "names.txt");
    const NameList list = read_host_list(text, source.file(), kMaxListedNames, report);
    EXPECT_FALSE(report.has_errors());
    ASSERT_EQ(list.size(), 1'000'000U);
    EXPECT_EQ(list[999'999].name, "host-999999.cdn.example");
}

TEST(PublicSuffix, KnowsWhereStrangersRegisterNames) {
    EXPECT_TRUE(is_public_suffix("co.uk"));
    EXPECT_TRUE(is_public_suffix("github.io"));
    EXPECT_FALSE(is_public_suffix("example.co.uk"));
    EXPECT_FALSE(is_public_suffix("example.com"));
}

}  // namespace
}  // namespace sallyport::cfg::test

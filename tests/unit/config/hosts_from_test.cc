// SPDX-License-Identifier: Apache-2.0
#include "config/hosts_from.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>

#include "tests/unit/config/support.h"

namespace sallyport::cfg::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string rule(const std::string& name, const std::string& more) {
    return "    - {name: " + name + ", protocols: [tls/443], " + more + "}\n";
}

std::string rules(const std::string& text) {
    return with("policy:\n  rules:\n" + text);
}

TEST(HostsFrom, FindsTheFileBesideTheConfigurationAndReadsItOnce) {
    const Texts texts{{"etc/a.yaml", rules(rule("a", "hosts_from: n.txt") +
                                           rule("b", "hosts: [x.example], hosts_from: ./n.txt") +
                                           rule("c", "hosts_from: /srv/m.txt"))},
                      {"etc/n.txt", "one.example\n"},
                      {"/srv/m.txt", "two.example\nthree.example\n"}};
    const LoadResult result = load_file("etc/a.yaml", {.texts = &texts, .keep_texts = true});
    ASSERT_TRUE(result.model) << format_findings(result.findings);
    const auto& read = result.model->policy.rules;
    ASSERT_TRUE(read[0].listed);
    EXPECT_EQ((*read[0].listed)[0].name, "one.example");
    EXPECT_EQ(read[0].listed, read[1].listed);
    EXPECT_EQ(read[2].listed->size(), 2U);
    EXPECT_EQ(read[0].hosts_from, "n.txt");
    EXPECT_THAT(result.model->files, ElementsAre("etc/a.yaml", "etc/n.txt", "/srv/m.txt"));
    EXPECT_EQ(result.texts, texts);
}

TEST(HostsFrom, PlacesAFileThatCannotBeReadAtEachRule) {
    const LoadResult result = load_text(rules(rule("a", "hosts_from: none.txt")), "x.yaml");
    ASSERT_THAT(codes_of(result.findings), ElementsAre("SP1001"));
    EXPECT_EQ(result.findings[0].file, "x.yaml");
    EXPECT_EQ(result.findings[0].path, "policy.rules[0].hosts_from");
    EXPECT_THAT(result.findings[0].message, HasSubstr("none.txt"));
}

TEST(HostsFrom, RefusesAnEmptyList) {
    const Texts texts{{"a.yaml", rules(rule("a", "hosts_from: n.txt"))}, {"n.txt", "# nothing\n"}};
    const LoadResult result = load_file("a.yaml", {.texts = &texts});
    ASSERT_THAT(codes_of(result.findings), ElementsAre("SP1211"));
    EXPECT_EQ(result.findings[0].file, "n.txt");
}

TEST(HostsFrom, TellsTheMistakesOfAFileInThatFile) {
    const Texts texts{{"a.yaml", rules(rule("a", "hosts_from: n.txt"))},
                      {"n.txt", "ok.example\n!\n"}};
    const LoadResult result = load_file("a.yaml", {.texts = &texts});
    ASSERT_THAT(codes_of(result.findings), ElementsAre("SP1405"));
    EXPECT_EQ(result.findings[0].mark, (Mark{2, 1, 1}));
    EXPECT_FALSE(result.model);
}

TEST(HostsFrom, ReadsFromTheDiskButNothingThatNeverEnds) {
    const TemporaryFolder folder;
    folder.write("n.txt", "one.example\n");
    const std::string good = folder.write("a.yaml", rules(rule("a", "hosts_from: n.txt")));
    EXPECT_THAT(load_file(good).findings, IsEmpty());
    ASSERT_EQ(::mkfifo((folder.path() + "/pipe").c_str(), 0600), 0);
    const std::string bad = folder.write(
        "b.yaml", rules(rule("a", "hosts_from: pipe") + rule("b", "hosts_from: /dev/zero") +
                        rule("c", "hosts_from: \".\"")));
    EXPECT_THAT(codes_of(load_file(bad).findings), ElementsAre("SP1001", "SP1001", "SP1001"));
}

TEST(HostsFrom, WarnsOfWildcardsOverPublicSuffixesOnce) {
    const Texts texts{{"a.yaml", rules(rule("a", "hosts_from: n.txt") +
                                       rule("b", "wide: true, hosts_from: n.txt") +
                                       rule("c", "action: deny, hosts_from: n.txt"))},
                      {"n.txt", "*.co.uk\n.example\n*.fine.example\nco.uk\n"}};
    const LoadResult result = load_file("a.yaml", {.texts = &texts});
    ASSERT_THAT(codes_of(result.findings), ElementsAre("SP2104"));
    EXPECT_THAT(result.findings[0].message, HasSubstr("2, the first '*.co.uk'"));
}

}  // namespace
}  // namespace sallyport::cfg::test

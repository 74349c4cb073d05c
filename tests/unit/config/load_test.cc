// SPDX-License-Identifier: Apache-2.0
#include "config/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/config/support.h"

namespace sallyport::cfg::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Load, ReadsTheExampleWithoutAFinding) {
    const LoadResult result = load_file(SP_SOURCE_ROOT "/config/example.yaml");
    EXPECT_EQ(format_findings(result.findings), "");
    ASSERT_TRUE(result.model);
    EXPECT_EQ(result.model->gateway_name, "egress-a");
    EXPECT_EQ(result.model->workers.count, 2U);
    ASSERT_EQ(result.model->policy.rules.size(), 7U);
    EXPECT_EQ(result.model->policy.rules[1].name, "github");
    EXPECT_EQ(result.model->policy.rules[1].mark.line, 78);
}

TEST(Load, FillsTheModelFromTheText) {
    const LoadResult result = load_text(with("policy:\n"
                                             "  rules:\n"
                                             "    - name: web\n"
                                             "      sources: [10.10.0.0/25]\n"
                                             "      hosts: [A.Example, \"*.b.example\"]\n"
                                             "      protocols: [tls/443]\n"
                                             "      answer: drop\n"),
                                        "x.yaml");
    ASSERT_TRUE(result.model) << format_findings(result.findings);
    const Model& model = *result.model;
    ASSERT_EQ(model.inside.size(), 1U);
    EXPECT_EQ(model.inside[0].device, "net_null0");
    EXPECT_EQ(model.outside[0].addresses[0].address, address("203.0.113.2"));
    EXPECT_EQ(model.egress[0].addresses, std::vector{address("203.0.113.7")});
    const Rule& rule = model.policy.rules.at(0);
    EXPECT_EQ(rule.sources, (std::vector{Source{prefix("10.10.0.0/25"), {}}}));
    EXPECT_EQ(rule.hosts[0].name, "a.example");
    EXPECT_EQ(rule.hosts[1].mark, (Mark{10, 26}));
    EXPECT_EQ(rule.answer, Answer::Drop);
    EXPECT_EQ(rule.action, Action::Allow);
    EXPECT_EQ(rule.mark, (Mark{8, 7}));
}

TEST(Load, LeavesTheDefaultsOfTheModel) {
    const LoadResult result = load_text(kMinimal, "x.yaml");
    ASSERT_TRUE(result.model);
    Model expected = without_marks(*result.model);
    expected.inside.clear();
    expected.outside.clear();
    expected.egress.clear();
    EXPECT_EQ(expected, Model{});
}

TEST(Load, GivesNoModelBesideAnErrorButBesideAWarning) {
    EXPECT_FALSE(load_text(with("tcp: {hello_timeout: 0s}\n"), "x.yaml").model);
    const LoadResult warned = load_text(with("tcp: {connect_timeout: 1m}\n"), "x.yaml");
    EXPECT_THAT(codes_of(warned.findings), ElementsAre("SP2102"));
    EXPECT_TRUE(warned.model);
}

TEST(Load, NamesTheRemedyForAFileThatIsNotThere) {
    const LoadResult result = load_file("/nonexistent/sallyport.yaml");
    ASSERT_THAT(codes_of(result.findings), ElementsAre("SP1001"));
    EXPECT_FALSE(result.model);
    EXPECT_EQ(result.findings[0].file, "/nonexistent/sallyport.yaml");
    EXPECT_EQ(result.findings[0].mark.line, 0);
    EXPECT_THAT(result.findings[0].hint, HasSubstr("check the path"));
}


TEST(Load, TakesTheYamlFilesOfADirectoryInTheOrderOfNames) {
    const TemporaryFolder folder;
    folder.write("b.yml", "b: &x 1\n");
    folder.write("a.yaml", "a: &x 1\n");
    folder.write(".hidden.yaml", "h: &x 1\n");
    folder.write("notes.txt", "t: &x 1\n");
    folder.write("deeper/c.yaml", "c: &x 1\n");
    const LoadResult result = load_file(folder.path());
    ASSERT_GE(result.findings.size(), 2U);
    EXPECT_EQ(result.findings.front().file, folder.path() + "/a.yaml");
    EXPECT_EQ(result.findings.back().file, folder.path() + "/b.yml");
}

TEST(Load, RefusesADirectoryWithoutConfigurationAndAFileNamedTwice) {
    const TemporaryFolder folder;
    EXPECT_THAT(codes_of(load_file(folder.path()).findings), ElementsAre("SP1001"));
    const std::string name = folder.write("a.yaml", kMinimal);
    const std::vector<std::string> twice{folder.path(), name};
    EXPECT_THAT(codes_of(load(twice).findings), ElementsAre("SP1314"));
}

TEST(Load, ReadsAFileThroughToItsLimitOnly) {
    const TemporaryFolder folder;
    const std::string name = folder.write("a.yaml", std::string(kMaxFileBytes + 1, '#'));
    const LoadResult result = load_file(name);
    EXPECT_THAT(codes_of(result.findings), ElementsAre("SP1002"));
}

TEST(Load, AcceptsAByteOrderMarkAndWindowsLineEnds) {
    std::string text = "\xef\xbb\xbf";
    for (const char c : kMinimal) text += c == '\n' ? std::string("\r\n") : std::string(1, c);
    const LoadResult result = load_text(text + "tcp: {hrr: check}\r\n", "x.yaml");
    ASSERT_THAT(codes_of(result.findings), ElementsAre("SP1203"));
    EXPECT_EQ(result.findings[0].mark, (Mark{6, 7}));
    EXPECT_EQ(result.findings[0].excerpt, "tcp: {hrr: check}");
    EXPECT_TRUE(load_text(text, "x.yaml").model);
}

constexpr std::string_view kObject = "apiVersion: v1\nkind: Thing\n";

TEST(Load, TakesOneNativeDocumentOfAllFiles) {
    const Texts texts{{"a.yaml", std::string(kMinimal)}, {"b.yaml", "# two\n" + with("")}};
    const std::vector<std::string> names{"a.yaml", "b.yaml"};
    const LoadResult result = load(names, {.texts = &texts});
    ASSERT_THAT(codes_of(result.findings), ElementsAre("SP1103"));
    EXPECT_EQ(result.findings[0].file, "b.yaml");
    EXPECT_EQ(result.findings[0].mark, (Mark{2, 1, 1}));
    EXPECT_THAT(result.findings[0].message, HasSubstr("a.yaml:1"));
}

TEST(Load, PlacesValuesInTheirFile) {
    const Texts texts{{"a.yaml", std::string(kMinimal) + "polciy: {}\n"}, {"b.yaml", "a: &x 1\n"}};
    const std::vector<std::string> names{"b.yaml", "a.yaml"};
    const LoadResult result = load(names, {.texts = &texts});
    EXPECT_EQ(result.findings.at(0).file, "b.yaml");
    EXPECT_EQ(result.findings.at(0).mark.file, 0);
    EXPECT_EQ(result.findings.back().file, "a.yaml");
    EXPECT_EQ(result.findings.back().mark.file, 1);
}

TEST(Load, SkipsDocumentsWithoutContent) {
    EXPECT_TRUE(load_text("---\n---\n" + with("") + "---\n", "x.yaml").model);
    EXPECT_THAT(codes_of(load_text("---\n---\n", "x.yaml").findings), ElementsAre("SP1005"));
}

TEST(Load, WantsANativeDocumentOnlyWhenTheModelIsToRun) {
    const Texts texts{{"o.yaml", std::string(kObject)}};
    const LoadResult object = load_file("o.yaml", {.to_run = true, .texts = &texts});
    EXPECT_THAT(codes_of(object.findings), ::testing::Contains("SP1008"));
    const LoadResult native = load_text(kMinimal, "x.yaml");
    EXPECT_TRUE(native.model.value().has_native);
    EXPECT_THAT(native.model.value().files, ElementsAre("x.yaml"));
}

TEST(Load, LimitsAllFilesTogether) {
    Texts texts;
    std::vector<std::string> names;
    for (int i = 0; i < 5; ++i) {
        names.push_back("f" + std::to_string(i));
        texts[names.back()] = std::string(kMaxFileBytes, '#');
    }
    const LoadResult result = load(names, {.texts = &texts});
    EXPECT_EQ(result.findings.back().code, "SP1002");
    EXPECT_EQ(result.findings.back().file, "f4");
}

TEST(Load, ReadsNoFileBesideTexts) {
    const Texts texts;
    EXPECT_THAT(codes_of(load_file("/etc/hostname", {.texts = &texts}).findings),
                ElementsAre("SP1001"));
}

TEST(Load, GivesBackWhatItRead) {
    const Texts texts{{"a.yaml", std::string(kMinimal)}};
    EXPECT_EQ(load_file("a.yaml", {.texts = &texts, .keep_texts = true}).texts, texts);
    EXPECT_TRUE(load_file("a.yaml", {.texts = &texts}).texts.empty());
}

TEST(Load, FindsAllMistakesOfAFileInTheOrderOfTheFile) {
    const LoadResult result = load_text(with("workers: {count: 0, idle: nap}\n"
                                             "polciy: {}\n"
                                             "tcp: {hello_timeout: 5, hello_timeout: 6s}\n"),
                                        "x.yaml");
    EXPECT_THAT(codes_of(result.findings),
                ElementsAre("SP1206", "SP1209", "SP1203", "SP1212", "SP1311"));
}

TEST(Load, CopesWithAListOfManyHosts) {
    std::string text = with(
        "policy:\n  rules:\n    - name: x\n      protocols: [tls/443]\n"
        "      hosts:\n");
    for (int i = 0; i < 20000; ++i) text += "        - h" + std::to_string(i) + ".example\n";
    const LoadResult result = load_text(text, "x.yaml");
    EXPECT_THAT(codes_of(result.findings), IsEmpty());
    EXPECT_EQ(result.model.value().policy.rules[0].hosts.size(), 20000U);
}

}  // namespace
}  // namespace sallyport::cfg::test

// SPDX-License-Identifier: Apache-2.0
// sallyctl config check, show, example, schema: output and exit codes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/unit/config/support.h"
#include "tools/sallyctl/command_line.h"
#include "tools/sallyctl/findings.h"

namespace sallyport::ctl {
namespace {

using cfg::test::kMinimal;
using cfg::test::TemporaryFolder;
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Ran {
    int code = -1;
    std::string out, err;
};

Ran run(const std::vector<std::string>& words) {
    std::vector<const char*> argv{"sallyctl"};
    for (const std::string& word : words) argv.push_back(word.c_str());
    const auto line = parse_command_line(static_cast<int>(argv.size()), argv.data());
    if (!line || line->command == nullptr) return {kExitUsage, "", line ? line->text : line.error()};
    std::istringstream in;
    std::ostringstream out, err;
    Streams streams{in, out, err};
    const int code = line->command->run(line->given, streams);
    return {code, out.str(), err.str()};
}

TEST(ConfigCheck, SaysNothingOfAGoodFile) {
    const TemporaryFolder folder;
    const Ran good = run({"config", "check", folder.write("a.yaml", kMinimal)});
    EXPECT_EQ(good.code, kExitOk);
    EXPECT_EQ(good.out, "");
    EXPECT_EQ(good.err, "good\n");
}

TEST(ConfigCheck, TellsAllMistakesWithCarets) {
    const TemporaryFolder folder;
    const std::string file =
        folder.write("a.yaml", std::string(kMinimal) + "polciy: {}\nworkers: {count: 0}\n");
    const Ran bad = run({"config", "check", file});
    EXPECT_EQ(bad.code, kExitNo);
    EXPECT_THAT(bad.out, HasSubstr(file + ":6:1-6: error[SP1203]"));
    EXPECT_THAT(bad.out, HasSubstr("^^^^^^ did you mean 'policy'?"));
    EXPECT_THAT(bad.out, HasSubstr("2 errors.\n"));
}

TEST(ConfigCheck, GivesJsonWithAllFields) {
    const TemporaryFolder folder;
    const std::string file = folder.write("a.yaml", std::string(kMinimal) + "polciy: {}\n");
    const Ran bad = run({"config", "check", "-o", "json", file});
    EXPECT_EQ(bad.code, kExitNo);
    const auto list = nlohmann::json::parse(bad.out);
    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(list[0]["severity"], "error");
    EXPECT_EQ(list[0]["code"], "SP1203");
    EXPECT_EQ(list[0]["file"], file);
    EXPECT_EQ(list[0]["line"], 6);
    EXPECT_EQ(list[0]["column"], 1);
    EXPECT_EQ(list[0]["end_column"], 6);
    for (const char* key : {"path", "message", "hint", "excerpt", "excerpt_column"})
        EXPECT_TRUE(list[0].contains(key)) << key;
    const Ran good = run({"config", "check", "-o", "json", folder.write("b.yaml", kMinimal)});
    EXPECT_EQ(good.out, "[]\n");
}

TEST(ConfigCheck, EscapesWhatGitHubWouldObey) {
    cfg::Finding finding;
    finding.code = "SP1203";
    finding.file = "a,b:c%.yaml";
    finding.mark = {14, 7, 0};
    finding.end_column = 10;
    finding.message = "100%\n::error::x";
    EXPECT_EQ(github_text(finding),
              "::error file=a%2Cb%3Ac%25.yaml,line=14,col=7,endColumn=10,title=SP1203::"
              "100%25%0A::error::x\n");
    finding.mark = {};
    finding.severity = cfg::Severity::Warning;
    EXPECT_THAT(github_text(finding), StartsWith("::warning file=a%2Cb%3Ac%25.yaml,title=SP1203::"));
}

TEST(ConfigCheck, WantsAFileAndAKnownForm) {
    EXPECT_EQ(run({"config", "check"}).code, kExitUsage);
    EXPECT_EQ(run({"config", "check", "-o", "sarif", "x"}).code, kExitUsage);
    EXPECT_EQ(run({"config", "check", "/nonexistent"}).code, kExitNo);
}

TEST(ConfigCheck, AsksForPortsOnlyOfWhatIsToRun) {
    const TemporaryFolder folder;
    const std::string object = folder.write(
        "o.yaml",
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: x}\n"
        "spec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{podSelector: {}}]}]}\n");
    EXPECT_EQ(run({"config", "check", object}).code, kExitOk);
    const Ran refused = run({"config", "check", "--to-run", object});
    EXPECT_EQ(refused.code, kExitNo);
    EXPECT_THAT(refused.out, HasSubstr("SP1008"));
}

TEST(ConfigShow, PrintsTheCanonicalForm) {
    const TemporaryFolder folder;
    const std::string file = folder.write("a.yaml", kMinimal);
    const Ran shown = run({"config", "show", "--effective", file});
    EXPECT_EQ(shown.code, kExitOk);
    EXPECT_THAT(shown.out, HasSubstr("  hello_timeout: 5s\n"));
    EXPECT_EQ(run({"config", "show", folder.write("b.yaml", shown.out)}).out, shown.out);
    EXPECT_EQ(run({"config", "show", folder.write("c.yaml", "x: 1\n")}).code, kExitInvalid);
}

TEST(ConfigExample, IsGood) {
    const TemporaryFolder folder;
    const Ran example = run({"config", "example"});
    EXPECT_EQ(run({"config", "check", folder.write("a.yaml", example.out)}).err, "good\n");
}

}  // namespace
}  // namespace sallyport::ctl

// SPDX-License-Identifier: Apache-2.0
// Every file in bad/ and its folders gives the findings in the text beside it, to the letter: what an operator
// sees, with lines, columns and carets. After a wanted change: write the new text and read the
// difference.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "config/load.h"
#include "tests/unit/config/support.h"

namespace sallyport::cfg::test {
namespace {

std::vector<std::filesystem::path> bad_files() {
    std::vector<std::filesystem::path> files;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(SP_SOURCE_ROOT "/tests/unit/config/bad"))
        if (entry.path().extension() == ".yaml") files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
}

class BadFiles : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(BadFiles, GiveTheFindingsBesideThem) {
    const std::filesystem::path& path = GetParam();
    std::filesystem::path expected = path;
    expected.replace_extension(".txt");
    const LoadResult result = load_text(file_text(path.string()), path.filename().string());
    EXPECT_EQ(format_findings(result.findings), file_text(expected.string()));
    EXPECT_EQ(result.model.has_value(), error_count(result.findings) == 0);
}

INSTANTIATE_TEST_SUITE_P(All, BadFiles, ::testing::ValuesIn(bad_files()),
                         [](const auto& tested) {
                             const auto folder = tested.param.parent_path().filename().string();
                             return (folder == "bad" ? "" : folder + '_') +
                                    tested.param.stem().string();
                         });

TEST(BadFiles, CoverEveryKindOfFinding) {
    std::set<std::string> missing;
    for (const FindingKind& kind : finding_kinds()) missing.emplace(kind.code);
    for (const auto& path : bad_files())
        for (const auto& code : codes_of(load_text(file_text(path.string()), "x").findings))
            missing.erase(code);
    // These take files, or very many of something: load_test, text_check_test, report_test and
    // parse_yaml_test; SP1701 takes a gate that runs: reload_test.
    EXPECT_THAT(missing, ::testing::ElementsAre("SP1002", "SP1006", "SP1007", "SP1008", "SP1009",
                                                "SP1314", "SP1701"));
}

}  // namespace
}  // namespace sallyport::cfg::test

// SPDX-License-Identifier: Apache-2.0
#include "config/file_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>

#include "tests/unit/config/support.h"

namespace sallyport::cfg::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(FileReader, ReadsARegularFileToItsLimitAndOneOctetMore) {
    const TemporaryFolder folder;
    const std::string name = folder.write("a", "0123456789");
    EXPECT_EQ(read_file(name, 100).value(), "0123456789");
    EXPECT_EQ(read_file(name, 10).value(), "0123456789");
    EXPECT_EQ(read_file(name, 4).value(), "01234");
}

TEST(FileReader, ReadsNothingThatNeverEnds) {
    const TemporaryFolder folder;
    const std::string pipe = folder.path() + "/pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    for (const std::string& path : {pipe, std::string("/dev/zero")}) {
        const auto text = read_file(path, 100);
        ASSERT_FALSE(text);
        EXPECT_THAT(text.error().message, HasSubstr("not a regular file"));
    }
    EXPECT_THAT(read_file(folder.path(), 100).error().remedy, HasSubstr("not a directory"));
}

TEST(FileReader, ListsADirectoryByName) {
    const TemporaryFolder folder;
    for (const char* name : {"b.yaml", "a.yml", "c.txt", ".d.yaml", "e/f.yaml"})
        folder.write(name, "");
    EXPECT_THAT(list_directory(folder.path()).value(),
                ElementsAre(folder.path() + "/a.yml", folder.path() + "/b.yaml"));
    EXPECT_FALSE(list_directory(folder.path() + "/none"));
}

TEST(FileReader, FindsAPathBesideAFile) {
    EXPECT_EQ(beside("etc/a.yaml", "names.txt"), "etc/names.txt");
    EXPECT_EQ(beside("a.yaml", "names.txt"), "names.txt");
    EXPECT_EQ(beside("etc/a.yaml", "../names.txt"), "names.txt");
    EXPECT_EQ(beside("etc/a.yaml", "/srv/names.txt"), "/srv/names.txt");
}

}  // namespace
}  // namespace sallyport::cfg::test

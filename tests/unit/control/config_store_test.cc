// SPDX-License-Identifier: Apache-2.0
#include "control/config_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/unit/control/support.h"

namespace sallyport::ctl {
namespace {

using std::chrono::milliseconds;
using std::chrono::system_clock;

StoredConfig config(const std::string& text) {
    return {system_clock::time_point(milliseconds(1'700'000'000'123)),
            {"/etc/sallyport/b.yaml", "/etc/sallyport/a.yaml"},
            {{"/etc/sallyport/a.yaml", text}, {"/etc/sallyport/b.yaml", ""},
             {"/etc/sallyport/names.txt", std::string("a.example\0\xff", 11)}}};
}

class ConfigStoreTest : public testing::Test {
   protected:
    TempDir dir;
    ConfigStore store{dir / "state"};
};

TEST_F(ConfigStoreTest, GivesBackTheVeryOctets) {
    ASSERT_EQ(store.keep(config("one")), 1u);
    const auto read = store.read(1);
    ASSERT_TRUE(read) << read.error();
    EXPECT_EQ(read->documents, config("").documents) << "their order is that of the load";
    EXPECT_EQ(read->texts, config("one").texts);
    EXPECT_EQ(read->applied, config("").applied);
}

TEST_F(ConfigStoreTest, KeepsTheLastFive) {
    for (int i = 1; i <= 7; ++i) ASSERT_TRUE(store.keep(config(std::to_string(i))));
    const auto list = store.list();
    ASSERT_EQ(list.size(), ConfigStore::kKept);
    EXPECT_EQ(list.front().number, 7u);
    EXPECT_EQ(list.back().number, 3u);
    EXPECT_FALSE(store.read(2));
    EXPECT_EQ(store.read_newest()->texts, config("7").texts);
}

TEST_F(ConfigStoreTest, TrialBecomesTheNewestWhenItIsConfirmed) {
    ASSERT_TRUE(store.keep(config("good")));
    ASSERT_EQ(store.put_on_trial(config("risky")), std::nullopt);
    EXPECT_EQ(store.read_newest()->texts, config("good").texts);
    EXPECT_EQ(store.read_trial()->texts, config("risky").texts);
    EXPECT_EQ(store.keep_trial(), 2u);
    EXPECT_EQ(store.read_newest()->texts, config("risky").texts);
    EXPECT_FALSE(store.read_trial());
}

TEST_F(ConfigStoreTest, DroppedTrialLeavesNothing) {
    ASSERT_EQ(store.put_on_trial(config("a")), std::nullopt);
    ASSERT_EQ(store.put_on_trial(config("b")), std::nullopt) << "replaces the first";
    EXPECT_EQ(store.read_trial()->texts, config("b").texts);
    store.drop_trial();
    EXPECT_FALSE(store.read_trial());
    EXPECT_FALSE(store.keep_trial());
}

TEST_F(ConfigStoreTest, DamagedOnesArePassedOver) {
    ASSERT_TRUE(store.keep(config("good")));
    ASSERT_TRUE(store.keep(config("cut")));
    ASSERT_TRUE(store.keep(config("lost")));
    std::ofstream(dir / "state/generations/000002/manifest.json") << "{\"format\": 1, ";
    std::filesystem::remove(dir / "state/generations/000003/1");
    std::filesystem::create_directory(dir / "state/generations/unfinished");
    EXPECT_EQ(store.read_newest()->texts, config("good").texts);
    EXPECT_FALSE(store.read(2));
}

TEST_F(ConfigStoreTest, NobodyElseMayReadIt) {
    ASSERT_TRUE(store.keep(config("secret")));
    const auto mode = [](const std::string& path) {
        struct stat info {};
        EXPECT_EQ(::stat(path.c_str(), &info), 0) << path;
        return info.st_mode & 0777;
    };
    EXPECT_EQ(mode(dir / "state"), 0700u);
    EXPECT_EQ(mode(dir / "state/generations/000001"), 0700u);
    EXPECT_EQ(mode(dir / "state/generations/000001/0"), 0600u);
    EXPECT_EQ(mode(dir / "state/generations/000001/manifest.json"), 0600u);
}

TEST_F(ConfigStoreTest, UnwritableDirectoryIsASentence) {
    std::ofstream(dir / "file") << "x";
    ConfigStore elsewhere(dir / "file");
    const auto kept = elsewhere.keep(config("x"));
    ASSERT_FALSE(kept);
    EXPECT_NE(kept.error().find(dir / "file/generations"), std::string::npos) << kept.error();
    EXPECT_FALSE(elsewhere.read_newest());
    EXPECT_TRUE(elsewhere.list().empty());
}

}  // namespace
}  // namespace sallyport::ctl

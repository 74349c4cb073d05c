// SPDX-License-Identifier: Apache-2.0
// Every file *.pkt below the folder of the scripts is a test of its own name.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "tests/tcp/player.h"

namespace {

namespace fs = std::filesystem;

class Script : public testing::Test {
   public:
    explicit Script(fs::path path) : path_(std::move(path)) {}
    void TestBody() override {
        std::ostringstream text;
        text << std::ifstream(path_).rdbuf();
        ASSERT_TRUE(text.str().starts_with("#")) << "a script begins by saying what it shows";
        try {
            sallyport::test::Player(SALLYPORT_SCRIPTS "/shared").play(text.str());
        } catch (const std::exception& e) {
            ADD_FAILURE_AT(path_.c_str(), 1) << e.what();
        }
    }

   private:
    fs::path path_;
};

}  // namespace

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    const fs::path root = SALLYPORT_SCRIPTS;
    std::set<fs::path> paths;
    for (const auto& entry : fs::recursive_directory_iterator(root))
        if (entry.path().extension() == ".pkt") paths.insert(entry.path());
    for (const fs::path& path : paths)
        testing::RegisterTest(path.parent_path().filename().c_str(), path.stem().c_str(), nullptr,
                              nullptr, path.c_str(), 1, [path] { return new Script(path); });
    return RUN_ALL_TESTS();
}

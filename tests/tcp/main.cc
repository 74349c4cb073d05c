// SPDX-License-Identifier: Apache-2.0
// Every file *.pkt below the folder of the scripts is a test of its own name, and another one of IPv6.
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
    Script(fs::path path, sallyport::Family family) : path_(std::move(path)), family_(family) {}
    void TestBody() override {
        std::ostringstream text;
        text << std::ifstream(path_).rdbuf();
        ASSERT_TRUE(text.str().starts_with("#")) << "a script begins by saying what it shows";
        try {
            sallyport::test::Player(SALLYPORT_SCRIPTS "/shared", family_).play(text.str());
        } catch (const std::exception& e) {
            ADD_FAILURE_AT(path_.c_str(), 1) << e.what();
        }
    }

   private:
    fs::path path_;
    sallyport::Family family_;
};

// Whether a script is for one family only, and this is the other.
bool leaves_out(const fs::path& path, std::string_view family) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    const std::size_t at = text.str().find("\nset families ");
    return at != std::string::npos && text.str().substr(at + 14, 2) != family;
}

}  // namespace

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    const fs::path root = SALLYPORT_SCRIPTS;
    std::set<fs::path> paths;
    for (const auto& entry : fs::recursive_directory_iterator(root))
        if (entry.path().extension() == ".pkt") paths.insert(entry.path());
    using sallyport::Family;
    for (const fs::path& path : paths) {
        const std::string suite = path.parent_path().filename(), name = path.stem();
        if (!leaves_out(path, "v4"))
            testing::RegisterTest(suite.c_str(), name.c_str(), nullptr, nullptr, path.c_str(), 1,
                                  [path] { return new Script(path, Family::V4); });
        if (leaves_out(path, "v6")) continue;
        testing::RegisterTest((suite + "_v6").c_str(), name.c_str(), nullptr, nullptr, path.c_str(), 1,
                              [path] { return new Script(path, Family::V6); });
    }
    return RUN_ALL_TESTS();
}

// SPDX-License-Identifier: Apache-2.0
#include "control/daemon.h"

#include <gtest/gtest.h>

#include <csignal>
#include <regex>

#include "tests/unit/control/api_fixture.h"
#include "tests/unit/control/support.h"

namespace sallyport::ctl {
namespace {

class DaemonTest : public testing::Test {
   protected:
    DaemonTest() {
        write_file(file, config_text(dir, kCnn, "gateway: {name: egress-a}\n"));
        testing::internal::CaptureStderr();
    }
    Starter starter() {
        return [this](const cfg::Model&, std::shared_ptr<const dp::Generation> first,
                      std::vector<std::string>& notes)
                   -> Result<std::unique_ptr<dp::Dataplane>, dp::StartError> {
            generation = std::move(first);
            if (fail)
                return std::unexpected(
                    dp::StartError{"ports.inside.device", "no such device", "name one"});
            notes.emplace_back("no hugepages");
            auto made = std::make_unique<FakeDataplane>();
            dataplane = made.get();
            return made;
        };
    }
    auto start() {
        const std::vector<std::string> paths{file};
        return Daemon::start(choose_config(paths, std::nullopt), paths, starter());
    }
    std::string get(const std::string& target) const {
        const RawClient client(socket);
        client.send("GET " + target + " HTTP/1.1\r\nConnection: close\r\n\r\n");
        return client.rest();
    }

    TempDir dir;
    std::string file = dir / "sallyport.yaml", socket = dir / "run/control.sock";
    bool fail = false;
    std::shared_ptr<const dp::Generation> generation;
    FakeDataplane* dataplane = nullptr;
};

TEST_F(DaemonTest, AnnouncesItselfAndWhatToKnow) {
    {
        const auto daemon = start();
        ASSERT_TRUE(daemon);
        EXPECT_NE(get("/v1/status").find("\"gateway\":\"egress-a\""), std::string::npos);
        EXPECT_NE(get("/v1/status").find("\"no hugepages\""), std::string::npos);
    }
    const std::string log = testing::internal::GetCapturedStderr();
    EXPECT_NE(log.find("event=\"started\" version="), std::string::npos) << log;
    EXPECT_NE(log.find(" generation=7 workers=2 ports=\"inside="), std::string::npos) << log;
    EXPECT_NE(log.find("level=warning event=\"no hugepages\""), std::string::npos) << log;
}

TEST_F(DaemonTest, LogLinesNameTheRules) {
    auto daemon = start();
    ASSERT_TRUE(daemon);
    EXPECT_EQ(generation->id, 1u);
    dataplane->records_at_stop.push_back(allowed_record());
    (*daemon)->stop();
    testing::internal::GetCapturedStderr();
    EXPECT_TRUE(read_file(dir / "access.log").ends_with(" edition.cnn.com cnn\n"));
}

TEST_F(DaemonTest, RereadsItsFilesAndOpensTheLogAnew) {
    auto daemon = start();
    ASSERT_TRUE(daemon);
    std::filesystem::rename(dir / "access.log", dir / "access.log.1");
    write_file(file, config_text(dir, kCnn + kGithub, "gateway: {name: egress-a}\n"));
    (*daemon)->reread();
    EXPECT_TRUE(eventually([&] { return dataplane->published().size() == 1; }));
    EXPECT_TRUE(eventually([&] { return std::filesystem::exists(dir / "access.log"); }));
    dataplane->records_at_stop.push_back(allowed_record());
    (*daemon)->stop();
    const std::string log = testing::internal::GetCapturedStderr();
    EXPECT_NE(log.find("configuration: apply"), std::string::npos) << log;
    EXPECT_EQ(read_file(dir / "access.log.1"), "");
    EXPECT_TRUE(read_file(dir / "access.log").ends_with(" edition.cnn.com cnn\n"));
}

TEST_F(DaemonTest, StopIsIdempotentAndLeavesNoSocket) {
    {
        auto daemon = start();
        ASSERT_TRUE(daemon);
        (*daemon)->stop();
        (*daemon)->stop();
        EXPECT_TRUE(dataplane->stopped);
    }
    testing::internal::GetCapturedStderr();
    EXPECT_FALSE(std::filesystem::exists(dir / "run"));
}

TEST_F(DaemonTest, FailedDataPlaneLeavesNothingBehind) {
    fail = true;
    const auto daemon = start();
    testing::internal::GetCapturedStderr();
    ASSERT_FALSE(daemon);
    EXPECT_EQ(sentence(daemon.error()), "ports.inside.device: no such device; name one");
    EXPECT_FALSE(std::filesystem::exists(dir / "run"));
}

TEST_F(DaemonTest, LogThatCannotBeOpenedStopsTheStart) {
    write_file(file, std::regex_replace(read_file(file), std::regex("path: [^}]*"),
                                        "path: /nowhere/at/all.log"));
    const auto daemon = start();
    testing::internal::GetCapturedStderr();
    ASSERT_FALSE(daemon);
    EXPECT_EQ(daemon.error().setting, "log.access.path");
    EXPECT_EQ(dataplane, nullptr) << "nothing was started";
    EXPECT_FALSE(std::filesystem::exists(dir / "run"));
}

TEST_F(DaemonTest, SecondDaemonIsRefusedBeforeItTouchesAPort) {
    const auto first = start();
    ASSERT_TRUE(first);
    dataplane = nullptr;
    const auto second = start();
    testing::internal::GetCapturedStderr();
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().setting, "control.socket");
    EXPECT_EQ(dataplane, nullptr);
    EXPECT_NE(get("/v1/status").find("200 OK"), std::string::npos);
}

}  // namespace
}  // namespace sallyport::ctl

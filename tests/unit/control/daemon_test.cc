// SPDX-License-Identifier: Apache-2.0
#include "control/daemon.h"

#include <gtest/gtest.h>

#include "tests/unit/control/fake_dataplane.h"
#include "tests/unit/control/support.h"

namespace sallyport::ctl {
namespace {

class DaemonTest : public testing::Test {
   protected:
    DaemonTest() {
        model.gateway_name = "egress-a";
        model.control.socket = dir / "run/control.sock";
        model.access_log.path = dir / "access.log";
        model.policy.rules.emplace_back().name = "cnn";
        testing::internal::CaptureStderr();
    }
    Starter starter() {
        return [this](const cfg::Model&, std::span<const dp::policy::RuleId> ids, std::vector<std::string>& notes)
                   -> Result<std::unique_ptr<dp::Dataplane>, dp::StartError> {
            rule_ids.assign(ids.begin(), ids.end());
            if (fail)
                return std::unexpected(
                    dp::StartError{"ports.inside.device", "no such device", "name one"});
            notes.emplace_back("no hugepages");
            auto made = std::make_unique<FakeDataplane>();
            dataplane = made.get();
            return made;
        };
    }
    auto start() { return Daemon::start(model, "/etc/x.yaml", starter()); }
    std::string get(const std::string& target) const {
        const RawClient client(model.control.socket);
        client.send("GET " + target + " HTTP/1.1\r\nConnection: close\r\n\r\n");
        return client.rest();
    }

    TempDir dir;
    cfg::Model model;
    bool fail = false;
    std::vector<dp::policy::RuleId> rule_ids;
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
    const std::string lie = "names are not bound to addresses yet";
    EXPECT_NE(log.find(lie), std::string::npos) << log;
    EXPECT_EQ(log.find(lie), log.rfind(lie)) << "once";
}

TEST_F(DaemonTest, LogLinesNameTheRules) {
    auto daemon = start();
    ASSERT_TRUE(daemon);
    EXPECT_EQ(rule_ids, std::vector<dp::policy::RuleId>{1});
    dataplane->records_at_stop.push_back(allowed_record());
    (*daemon)->stop();
    testing::internal::GetCapturedStderr();
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
    model.access_log.path = "/nowhere/at/all.log";
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

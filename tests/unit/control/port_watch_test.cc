// SPDX-License-Identifier: Apache-2.0
#include "control/port_watch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "tests/unit/control/fake_dataplane.h"

namespace sallyport::ctl {
namespace {

// Says how often its ports were looked at, and changes between two looks.
class LookedAt : public FakeDataplane {
   public:
    std::vector<dp::PortStatus> ports() const override {
        const std::lock_guard lock(mutex_);
        ++looks_;
        looked_.notify_all();
        return port_rows;
    }
    void show(std::vector<dp::DuplicateAddress> duplicates) {
        const std::lock_guard lock(mutex_);
        port_rows[1].duplicates = std::move(duplicates);
    }
    void link(bool up, std::uint32_t losses) {
        const std::lock_guard lock(mutex_);
        port_rows[1].link_up = up;
        port_rows[1].link_losses = losses;
    }
    // Until what is shown now was looked at twice, so that it was dealt with once.
    bool wait_for_looks() {
        std::unique_lock lock(mutex_);
        const int wanted = looks_ + 2;
        return looked_.wait_for(lock, std::chrono::seconds(60), [&] { return looks_ >= wanted; });
    }

   private:
    mutable std::mutex mutex_;
    mutable std::condition_variable looked_;
    mutable int looks_ = 0;
};

std::size_t lines_with(const std::string& log, const std::string& what) {
    std::size_t count = 0;
    for (std::size_t at = log.find(what); at != log.npos; at = log.find(what, at + 1)) ++count;
    return count;
}

TEST(PortWatch, TellsOfEachStationOnce) {
    LookedAt dataplane;
    testing::internal::CaptureStderr();
    {
        const PortWatch watch(dataplane);
        dataplane.show({{"203.0.113.7", "02:00:00:00:00:01", false}, {"2001:db8::7", "02:00:00:00:00:01", true}});
        ASSERT_TRUE(dataplane.wait_for_looks());
        ASSERT_TRUE(dataplane.wait_for_looks());
        dataplane.show({{"203.0.113.7", "02:00:00:00:00:02", false}});
        ASSERT_TRUE(dataplane.wait_for_looks());
    }
    const std::string log = testing::internal::GetCapturedStderr();
    const std::string v4 = "level=warning event=\"another station has an address of the gate\" port=outside address=203.0.113.7 mac=";
    EXPECT_EQ(lines_with(log, v4 + "02:00:00:00:00:01 effect=\"packets for it may go to either\""), 1u) << log;
    EXPECT_EQ(lines_with(log, v4 + "02:00:00:00:00:02"), 1u) << log;
    EXPECT_EQ(lines_with(log, "address=2001:db8::7 mac=02:00:00:00:00:01 effect=\"the gate does not answer for it\""), 1u)
        << log;
}

TEST(PortWatch, TellsOfLinksThatGoAndCome) {
    LookedAt dataplane;
    const std::string outside = " port=outside device=net_ring_outside losses=";
    testing::internal::CaptureStderr();
    {
        const PortWatch watch(dataplane);
        dataplane.link(false, 1);
        ASSERT_TRUE(dataplane.wait_for_looks());
        dataplane.link(true, 1);
        ASSERT_TRUE(dataplane.wait_for_looks());
        dataplane.link(true, 1000);  // between two looks
        ASSERT_TRUE(dataplane.wait_for_looks());
    }
    const std::string log = testing::internal::GetCapturedStderr();
    EXPECT_EQ(lines_with(log, "level=warning event=\"the link of a port is down\"" + outside + "1\n"), 1u) << log;
    EXPECT_EQ(lines_with(log, "level=info event=\"the link of a port is up\"" + outside + "1\n"), 1u) << log;
    EXPECT_EQ(lines_with(log, "level=warning event=\"the link of a port was down\"" + outside + "1000\n"), 1u) << log;
    EXPECT_EQ(lines_with(log, "event="), 3u) << "one line a look, however often it flaps: " << log;
}

TEST(PortWatch, ALinkThatIsDownAtTheStartIsTold) {
    LookedAt dataplane;
    dataplane.link(false, 0);
    testing::internal::CaptureStderr();
    {
        const PortWatch watch(dataplane);
        ASSERT_TRUE(dataplane.wait_for_looks());
    }
    const std::string log = testing::internal::GetCapturedStderr();
    EXPECT_EQ(lines_with(log, "event=\"the link of a port is down\" port=outside"), 1u) << log;
}

TEST(PortWatch, EndsAtOnce) {
    const LookedAt dataplane;
    const auto begun = std::chrono::steady_clock::now();
    { const PortWatch watch(dataplane); }
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(2)) << "a period";
}

}  // namespace
}  // namespace sallyport::ctl

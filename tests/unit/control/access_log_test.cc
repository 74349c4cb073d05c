// SPDX-License-Identifier: Apache-2.0
#include "control/access_log.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "control/text.h"
#include "tests/unit/control/fake_dataplane.h"
#include "tests/unit/control/support.h"

namespace sallyport::ctl {
namespace {

std::size_t lines_of(const std::string& text) {
    return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

TEST(AccessLog, WritesRecordsAsTheyCome) {
    TempDir dir;
    FakeDataplane dataplane;
    RuleBook rules;
    AccessLog log(dataplane, rules, LogSink::open(dir / "access.log").value());
    dataplane.add(denied_record());
    EXPECT_TRUE(eventually([&] { return lines_of(read_file(dir / "access.log")) == 1; }));
    EXPECT_TRUE(eventually([&] { return log.counts().written == 1; }));
}

TEST(AccessLog, LosesNoRecordAtTheStop) {
    TempDir dir;
    FakeDataplane dataplane;
    RuleBook rules;
    AccessLog log(dataplane, rules, LogSink::open(dir / "access.log").value());
    dataplane.records_at_stop.assign(5000, allowed_record());
    dataplane.stop();
    log.stop();
    EXPECT_EQ(lines_of(read_file(dir / "access.log")), 5000u);
    EXPECT_EQ(log.counts().written, 5000u);
    EXPECT_EQ(log.counts().lost, 0u);
}

TEST(AccessLog, LeavesQueriesOutWhenItIsTold) {
    TempDir dir;
    FakeDataplane dataplane;
    RuleBook rules;
    AccessLog log(dataplane, rules, LogSink::open(dir / "access.log").value(), cfg::LogQuery::Omit);
    dataplane.add(http_record());
    log.stop();
    const std::string text = read_file(dir / "access.log");
    EXPECT_NE(text.find(" \"GET /politics HTTP/1.1\" 301 "), std::string::npos) << text;
    EXPECT_EQ(text.find("secret"), std::string::npos) << text;
}

TEST(AccessLog, StartTimeIsWallTime) {
    TempDir dir;
    FakeDataplane dataplane;  // its clock stands at 1000 s
    RuleBook rules;
    AccessLog log(dataplane, rules, LogSink::open(dir / "access.log").value());
    auto record = denied_record();
    record.start = dataplane.now();
    const auto before =
        std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    dataplane.add(record);
    log.stop();
    const std::string start = read_file(dir / "access.log").substr(1, 24);
    EXPECT_GE(start, time_text(before));
    EXPECT_LE(start, time_text(std::chrono::system_clock::now()));
}

TEST(AccessLog, CountsWhatAFullDiskTakesAndReportsItOnce) {
    FakeDataplane dataplane;
    RuleBook rules;
    testing::internal::CaptureStderr();
    AccessLog log(dataplane, rules, LogSink::open("/dev/full").value());
    dataplane.add(denied_record());
    ASSERT_TRUE(eventually([&] { return log.counts().lost == 1; }));
    dataplane.add(denied_record());
    log.stop();
    const std::string daemon_log = testing::internal::GetCapturedStderr();
    EXPECT_EQ(log.counts().lost, 2u);
    EXPECT_EQ(log.counts().written, 0u);
    EXPECT_EQ(lines_of(daemon_log), 1u) << daemon_log;
    EXPECT_NE(daemon_log.find("No space left"), std::string::npos) << daemon_log;
}

}  // namespace
}  // namespace sallyport::ctl

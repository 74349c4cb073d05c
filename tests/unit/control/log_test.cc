// SPDX-License-Identifier: Apache-2.0
#include "control/log.h"

#include <gtest/gtest.h>

#include <regex>

namespace sallyport::ctl {
namespace {

TEST(Log, QuotesWhatABlankOrAQuoteWouldCut) {
    EXPECT_EQ(log_text("started", {{"a", "b"}, {"c", "d e"}, {"f", "\"g\\"}, {"h", ""}}),
              R"(event="started" a=b c="d e" f="\"g\\" h="")");
}

TEST(Log, NoValueForgesALine) {
    const std::string text = log_text("x", {{"name", "a\nlevel=error\x1b"}});
    EXPECT_EQ(text, "event=\"x\" name=\"a\\x0alevel=error\\x1b\"");
}

TEST(Log, LineHasTimeInUtcAndLevel) {
    testing::internal::CaptureStderr();
    log_event(LogLevel::Warning, "with {braces}", {{"k", "{}"}});
    const std::string line = testing::internal::GetCapturedStderr();
    EXPECT_TRUE(std::regex_match(
        line, std::regex(R"(time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z level=warning )"
                         R"(event="with \{braces\}" k=\{\}\n)")))
        << line;
}

TEST(Log, LevelOfTheConfigurationHidesWhatIsBelow) {
    testing::internal::CaptureStderr();
    set_log_level("error");
    log_event(LogLevel::Warning, "hidden");
    log_event(LogLevel::Error, "shown");
    set_log_level("debug");
    log_event(LogLevel::Debug, "detail");
    set_log_level("info");
    const std::string text = testing::internal::GetCapturedStderr();
    EXPECT_EQ(text.find("hidden"), std::string::npos);
    EXPECT_NE(text.find("shown"), std::string::npos);
    EXPECT_NE(text.find("detail"), std::string::npos);
}

}  // namespace
}  // namespace sallyport::ctl

// SPDX-License-Identifier: Apache-2.0
#include "control/log_sink.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "tests/unit/control/support.h"

namespace sallyport::ctl {
namespace {

const std::atomic<bool> kPatient{false};
const std::atomic<bool> kHurry{true};

TEST(LogSink, AppendsToAFileThatOthersCannotRead) {
    TempDir dir;
    for (const auto* line : {"one\n", "two\n"}) {
        auto sink = LogSink::open(dir / "log");
        ASSERT_TRUE(sink);
        EXPECT_EQ(sink->write(line, kPatient).lost_lines, 0u);
    }
    EXPECT_EQ(read_file(dir / "log"), "one\ntwo\n");
    struct stat info {};
    ASSERT_EQ(::stat((dir / "log").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0007u, 0u);
}

TEST(LogSink, MissingDirectoryIsASentence) {
    const auto sink = LogSink::open("/nowhere/at/all.log");
    ASSERT_FALSE(sink);
    EXPECT_NE(sink.error().find("/nowhere/at/all.log"), std::string::npos);
}

TEST(LogSink, CountsLinesThatTheDiskDidNotTake) {
    auto sink = LogSink::open("/dev/full").value();
    const auto result = sink.write("one\ntwo\nthree\n", kPatient);
    EXPECT_EQ(result.lost_lines, 3u);
    EXPECT_EQ(result.error, ENOSPC);
}

// A limit on the size of files cuts a write as a full disk does.
TEST(LogSink, StartsANewLineAfterATornOne) {
    TempDir dir;
    auto sink = LogSink::open(dir / "log").value();
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{6, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const auto torn = sink.write("one\ntwo\nsix\n", kPatient);
    const auto failed = sink.write("seven\n", kPatient);
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    const auto mended = sink.write("ten\n", kPatient);
    std::signal(SIGXFSZ, handler);
    EXPECT_EQ(torn.lost_lines, 2u);
    EXPECT_EQ(failed.lost_lines, 1u);
    EXPECT_EQ(mended.lost_lines, 0u);
    EXPECT_EQ(read_file(dir / "log"), "one\ntw\nten\n");
}

TEST(LogSink, ReaderThatStandsStillDoesNotKeepAHurriedWriter) {
    TempDir dir;
    ASSERT_EQ(::mkfifo((dir / "pipe").c_str(), 0600), 0);
    const int reader = ::open((dir / "pipe").c_str(), O_RDONLY | O_NONBLOCK);
    ASSERT_GE(reader, 0);
    auto sink = LogSink::open(dir / "pipe").value();
    const std::string lines = [] {
        std::string text;
        for (int i = 0; i < 4096; ++i) text += std::string(63, 'x') + "\n";
        return text;  // 256 KiB; a pipe holds 64
    }();
    const auto result = sink.write(lines, kHurry);
    EXPECT_EQ(result.error, ETIMEDOUT);
    EXPECT_EQ(result.lost_lines, 3072u);
    ::close(reader);
}

TEST(LogSink, GoneReaderIsAnErrorAndNoSignal) {
    TempDir dir;
    std::signal(SIGPIPE, SIG_IGN);
    ASSERT_EQ(::mkfifo((dir / "pipe").c_str(), 0600), 0);
    const int reader = ::open((dir / "pipe").c_str(), O_RDONLY | O_NONBLOCK);
    auto sink = LogSink::open(dir / "pipe").value();
    ::close(reader);
    const auto result = sink.write("one\n", kPatient);
    EXPECT_EQ(result.error, EPIPE);
    EXPECT_EQ(result.lost_lines, 1u);
}

}  // namespace
}  // namespace sallyport::ctl

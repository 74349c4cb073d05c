// SPDX-License-Identifier: Apache-2.0
#include "control/signals.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <thread>

namespace sallyport::ctl {
namespace {

TEST(Signals, TermAndIntAskToStop) {
    for (const int number : {SIGTERM, SIGINT}) {
        Signals signals;
        ::kill(::getpid(), number);  // before the wait, as in the middle of a start
        EXPECT_EQ(signals.wait_for_stop([] {}), number);
    }
}

TEST(Signals, HangUpIsHandedOnAndDoesNotStop) {
    int hang_ups = 0;
    Signals signals;
    ::kill(::getpid(), SIGHUP);
    EXPECT_EQ(signals.wait_for_stop([&] {
        if (++hang_ups == 1) ::kill(::getpid(), SIGHUP);
        else ::kill(::getpid(), SIGTERM);
    }),
              SIGTERM);
    EXPECT_EQ(hang_ups, 2);
}

// A driver that waits for its switch; the signal comes just before the call, so that it does not interrupt it.
TEST(Signals, AStartThatWaitsIsInterruptedByAnEarlierSignal) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    Signals signals;
    ssize_t got = 0;
    int why = 0;
    signals.run_start([&] {
        ::kill(::getpid(), SIGTERM);
        char octet;
        got = ::read(ends[0], &octet, 1);
        why = errno;
    });
    EXPECT_EQ(got, -1);
    EXPECT_EQ(why, EINTR);
    EXPECT_EQ(signals.wait_for_stop([] {}), SIGTERM);
    ::close(ends[0]);
    ::close(ends[1]);
}

TEST(Signals, HangUpDuringTheStartIsHandedOnAfterIt) {
    int hang_ups = 0;
    Signals signals;
    signals.run_start([] {
        ::kill(::getpid(), SIGHUP);
        std::this_thread::sleep_for(std::chrono::milliseconds(200));  // so that it is taken meanwhile, as a rule
    });
    EXPECT_EQ(signals.wait_for_stop([&] {
        ++hang_ups;
        ::kill(::getpid(), SIGTERM);
    }),
              SIGTERM);
    EXPECT_EQ(hang_ups, 1);
}

TEST(Signals, BrokenPipeIsIgnored) {
    Signals signals;
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    ::close(ends[0]);
    EXPECT_EQ(::write(ends[1], "x", 1), -1);
    ::close(ends[1]);
}

}  // namespace
}  // namespace sallyport::ctl

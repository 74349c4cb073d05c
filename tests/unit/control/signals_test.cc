// SPDX-License-Identifier: Apache-2.0
#include "control/signals.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>

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

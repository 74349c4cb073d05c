// SPDX-License-Identifier: Apache-2.0
// DPDK starts once per process, so each live test runs in a child, in a network namespace of its
// own that vanishes with it.
#pragma once
#include <functional>
#include <string>

namespace sallyport::dp::test {

// "" when live tests can run here, else why not.
std::string live_obstacle();

// Failures in the child are failures of the test. A child that hangs is ended.
void in_child(const std::function<void()>& body);

// Runs a command of iproute2 or ethtool; a failure fails the test.
void command(const std::string& line);
void write_setting(const std::string& path_below_proc_sys_net, int value);

// gi - ci (inside) and go - co (outside), as the gate wants them: gi and go are its devices.
void make_wires();

#define SP_SKIP_UNLESS_LIVE()                                                  \
    if (const std::string obstacle = test::live_obstacle(); !obstacle.empty()) \
    GTEST_SKIP() << obstacle

}  // namespace sallyport::dp::test

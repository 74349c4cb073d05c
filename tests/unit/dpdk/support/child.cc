// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/dpdk/support/child.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace sallyport::dp::test {
namespace {

constexpr unsigned kSecondsMax = 30;

int wait_for(pid_t child) {
    int status = 0;
    waitpid(child, &status, 0);
    return status;
}

}  // namespace

std::string live_obstacle() {
    const pid_t child = fork();
    if (child == 0) _exit(unshare(CLONE_NEWNET) == 0 ? 0 : 1);
    if (wait_for(child) != 0) return "needs root: cannot make a network namespace";
    if (std::system("ip -V >/dev/null 2>&1 && ethtool --version >/dev/null 2>&1") != 0)
        return "needs iproute2 and ethtool";
    return "";
}

void in_child(const std::function<void()>& body) {
    if (testing::Test::HasFailure()) return;  // the child could not tell its own failures
    std::fflush(nullptr);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        alarm(kSecondsMax);
        if (unshare(CLONE_NEWNET) != 0) _exit(2);
        body();
        std::fflush(nullptr);
        _exit(testing::Test::HasFailure() ? 1 : 0);
    }
    EXPECT_EQ(wait_for(child), 0) << "the child failed or was ended after " << kSecondsMax << " s";
}

void command(const std::string& line) {
    EXPECT_EQ(std::system(line.c_str()), 0) << line;
}

void write_setting(const std::string& path, int value) {
    std::ofstream file("/proc/sys/net/" + path);
    file << value << std::endl;
    EXPECT_TRUE(file.good()) << path;
}

void make_wires() {
    write_setting("ipv4/ip_forward", 0);
    write_setting("ipv6/conf/default/disable_ipv6", 1);
    write_setting("ipv6/conf/all/forwarding", 0);
    command("ip link add gi type veth peer name ci");
    command("ip link add go type veth peer name co");
    for (const std::string name : {"gi", "ci", "go", "co"}) {
        command("ethtool -K " + name + " gro off");
        command("ip link set " + name + " up");
    }
}

}  // namespace sallyport::dp::test

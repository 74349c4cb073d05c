// SPDX-License-Identifier: Apache-2.0
// Starts that must be refused, and what a refused or ended start leaves behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "tests/unit/dpdk/support/child.h"
#include "tests/unit/dpdk/support/gate.h"

namespace sallyport::dp {
namespace {

using testing::HasSubstr;

void expect_refused(const cfg::Model& model, const std::string& setting, const std::string& what,
                    const std::string& remedy) {
    const auto gate = test::start(model);
    ASSERT_FALSE(gate) << "it started";
    EXPECT_EQ(gate.error().setting, setting);
    EXPECT_THAT(gate.error().what, HasSubstr(what));
    EXPECT_THAT(gate.error().remedy, HasSubstr(remedy));
    for (const std::string& part : {gate.error().what, gate.error().remedy})
        EXPECT_EQ(part.find('\n'), std::string::npos) << part;
}

bool left_in_run() {
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator("/var/run/dpdk", none))
        if (entry.path().filename().string() == "sallyport-" + std::to_string(getpid()))
            return true;
    return false;
}

TEST(LiveStart, RefusesAnInterfaceThatDoesNotExist) {
    SP_SKIP_UNLESS_LIVE();
    test::in_child([] {
        test::make_wires();
        cfg::Model model = test::gate_model();
        model.outside.front().device = "net_af_packet1,iface=nowhere";
        expect_refused(model, "ports.outside.device", "no interface nowhere", "create it");
    });
}

TEST(LiveStart, RefusesADriverThatDoesNotExist) {
    SP_SKIP_UNLESS_LIVE();
    test::in_child([] {
        cfg::Model model = test::ring_model();
        model.inside.front().device = "net_nonsense0,x=1";
        expect_refused(model, "ports.inside.device", "net_nonsense0", "driver's name");
        EXPECT_FALSE(left_in_run());
    });
}

TEST(LiveStart, RefusesArgumentsThatTheDriverDoesNotKnow) {
    SP_SKIP_UNLESS_LIVE();
    test::in_child([] {
        test::make_wires();
        cfg::Model model = test::gate_model();
        model.inside.front().device = "net_af_packet0,iface=gi,bogus=1";
        expect_refused(model, "ports.inside.device", "bogus=1", "arguments");
    });
}

TEST(LiveStart, RefusesAPciDeviceThatDoesNotExist) {
    SP_SKIP_UNLESS_LIVE();
    test::in_child([] {
        cfg::Model model = test::ring_model();
        model.outside.front().device = "0000:ff:1f.7";
        expect_refused(model, "ports.outside.device", "no PCI device 0000:ff:1f.7",
                       "dpdk-devbind.py");
        EXPECT_FALSE(left_in_run());
    });
}

TEST(LiveStart, RefusesMoreQueuesThanTheDeviceHas) {
    SP_SKIP_UNLESS_LIVE();
    test::in_child([] {
        test::make_wires();
        cfg::Model model = test::gate_model();
        model.inside.front().queues = 4;
        expect_refused(model, "ports.inside.queues", "4 queues", "1 or less");
    });
}

TEST(LiveStart, RefusesAnMtuThatTheDeviceDoesNotTake) {
    SP_SKIP_UNLESS_LIVE();
    test::in_child([] {
        test::make_wires();
        cfg::Model model = test::gate_model();
        // The operator's own slots are too small.
        model.inside.front().device += ",framesz=2048,blocksz=4096";
        model.inside.front().mtu = 9000;
        expect_refused(model, "ports.inside.mtu", "9000", "lower");
    });
}

TEST(LiveStart, RefusesOneDeviceForBothPorts) {
    SP_SKIP_UNLESS_LIVE();
    test::in_child([] {
        cfg::Model model = test::ring_model();
        model.outside.front().device = model.inside.front().device;
        expect_refused(model, "ports.outside.device", "inside device as well", "of its own");
    });
}

TEST(LiveStart, RefusesHugepagesThatAreNotThere) {
    SP_SKIP_UNLESS_LIVE();
    test::in_child([] {
        cfg::Model model = test::ring_model();
        model.memory.hugepages = cfg::Hugepages::On;
        model.workers.count = 1;
        model.inside.front().mtu = 9000;
        const auto gate = test::start(model);
        if (gate) return;  // a machine with enough of them
        EXPECT_EQ(gate.error().setting, "memory.hugepages");
        EXPECT_THAT(gate.error().remedy, HasSubstr("vm.nr_hugepages="));
    });
}

TEST(LiveStart, RefusesASecondStartInOneProcess) {
    SP_SKIP_UNLESS_LIVE();
    test::in_child([] {
        test::running(test::ring_model());
        expect_refused(test::ring_model(), "DPDK", "started in this process before", "new process");
    });
}

TEST(LiveStart, RefusesEveryOpenKernelPathAndNamesTheCommands) {
    SP_SKIP_UNLESS_LIVE();
    test::in_child([] {
        test::make_wires();
        test::write_setting("ipv4/ip_forward", 1);
        test::write_setting("ipv6/conf/go/disable_ipv6", 0);
        test::command("ip addr add 192.0.2.1/24 dev gi");
        test::command("ethtool -K go gro on");
        const cfg::Model model = test::gate_model();
        expect_refused(model, "ports.inside.device", "gi has the address 192.0.2.1/24",
                       "ip addr del 192.0.2.1/24 dev gi");
        expect_refused(model, "ports.inside.device", "net.ipv4.ip_forward is 1",
                       "sysctl -w net.ipv4.ip_forward=0");
        test::write_setting("ipv4/ip_forward", 0);
        test::command("ip addr del 192.0.2.1/24 dev gi");
        expect_refused(model, "ports.outside.device", "go has GRO on", "ethtool -K go gro off");
        expect_refused(model, "ports.outside.device", "net.ipv6.conf.go.disable_ipv6 is 0",
                       "sysctl -w net.ipv6.conf.go.disable_ipv6=1");
        test::command("ethtool -K go gro off");
        test::write_setting("ipv6/conf/go/disable_ipv6", 1);
        EXPECT_NE(test::running(model), nullptr);
    });
}

TEST(LiveStart, RefusesABridgeMember) {
    SP_SKIP_UNLESS_LIVE();
    test::in_child([] {
        test::make_wires();
        if (std::system("ip link add br0 type bridge 2>/dev/null") != 0) return;  // no bridges here
        test::command("ip link set gi master br0");
        expect_refused(test::gate_model(), "ports.inside.device", "gi belongs to br0",
                       "ip link set gi nomaster");
    });
}

TEST(LiveStart, RefusesAProcessWithoutPrivileges) {
    SP_SKIP_UNLESS_LIVE();
    test::in_child([] {
        test::make_wires();
        ASSERT_EQ(setuid(65534), 0);
        expect_refused(test::gate_model(), "ports.inside.device", "CAP_NET_RAW and CAP_NET_ADMIN",
                       "root");
    });
}

TEST(LiveStart, LeavesNoFilesWhileItRunsAndAfterwards) {
    SP_SKIP_UNLESS_LIVE();
    test::in_child([] {
        const auto gate = test::running(test::ring_model());
        ASSERT_NE(gate, nullptr);
        EXPECT_FALSE(left_in_run());
        gate->stop();
        EXPECT_FALSE(left_in_run());
    });
}

}  // namespace
}  // namespace sallyport::dp

// SPDX-License-Identifier: Apache-2.0
// What opens a path for the kernel, from facts as a fixture; the live checks are in
// live_start_test.
#include "dataplane/dpdk/kernel_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sallyport::dp {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

InterfaceFacts closed() {
    InterfaceFacts facts;
    facts.name = "gi";
    facts.up = true;
    facts.ipv6_disabled = 1;
    facts.forwarding_v4 = 0;
    facts.forwarding_v6 = 0;
    return facts;
}

std::string commands(const std::vector<Opening>& found) {
    std::string out;
    for (const Opening& o : found) out += (out.empty() ? "" : "; ") + o.command;
    return out;
}

TEST(KernelPath, IsClosedWithoutAddressIpv6AndForwarding) {
    EXPECT_THAT(openings(closed()), IsEmpty());
    EXPECT_THAT(openings(NamespaceFacts{0, 0}), IsEmpty());
}

TEST(KernelPath, IsClosedInAKernelWithoutIpv6) {
    InterfaceFacts facts = closed();
    facts.ipv6_disabled = std::nullopt;
    facts.forwarding_v6 = std::nullopt;
    EXPECT_THAT(openings(facts), IsEmpty());
    EXPECT_THAT(openings(NamespaceFacts{0, std::nullopt}), IsEmpty());
}

TEST(KernelPath, IsOpenedByEveryAddress) {
    InterfaceFacts facts = closed();
    facts.addresses = {"10.0.0.1/24", "fe80::1/64"};
    EXPECT_EQ(commands(openings(facts)),
              "ip addr del 10.0.0.1/24 dev gi; ip addr del fe80::1/64 dev gi");
}

TEST(KernelPath, IsOpenedByIpv6) {
    InterfaceFacts facts = closed();
    facts.ipv6_disabled = 0;
    EXPECT_EQ(commands(openings(facts)), "sysctl -w net.ipv6.conf.gi.disable_ipv6=1");
}

TEST(KernelPath, IsOpenedByForwardingOfTheNamespace) {
    EXPECT_EQ(commands(openings(NamespaceFacts{1, 1})),
              "sysctl -w net.ipv4.ip_forward=0; sysctl -w net.ipv6.conf.all.forwarding=0");
}

TEST(KernelPath, IsOpenedByForwardingOfTheInterfaceAlone) {
    InterfaceFacts facts = closed();
    facts.forwarding_v4 = 1;
    EXPECT_EQ(commands(openings(facts)), "sysctl -w net.ipv4.conf.gi.forwarding=0");
}

TEST(KernelPath, WritesDotsOfAnInterfaceNameAsSysctlWantsThem) {
    InterfaceFacts facts = closed();
    facts.name = "eth0.100";
    facts.forwarding_v4 = 1;
    EXPECT_EQ(commands(openings(facts)), "sysctl -w net.ipv4.conf.eth0/100.forwarding=0");
}

TEST(KernelPath, IsOpenedByABridge) {
    InterfaceFacts facts = closed();
    facts.master = "br0";
    EXPECT_EQ(commands(openings(facts)), "ip link set gi nomaster");
}

TEST(KernelPath, MergedSegmentsAreRefusedToo) {
    InterfaceFacts facts = closed();
    facts.gro = facts.lro = true;
    EXPECT_EQ(commands(openings(facts)), "ethtool -K gi gro off; ethtool -K gi lro off");
}

TEST(KernelPath, RefusalNamesEveryOpeningAndEveryRemedy) {
    EXPECT_EQ(refusal("ports.inside.device", {}), std::nullopt);
    const auto error = refusal("ports.inside.device", openings(NamespaceFacts{1, 1}));
    ASSERT_TRUE(error);
    EXPECT_EQ(error->setting, "ports.inside.device");
    EXPECT_THAT(error->what, HasSubstr("net.ipv4.ip_forward is 1, the setting net.ipv6.conf.all"));
    EXPECT_EQ(error->remedy,
              "run: sysctl -w net.ipv4.ip_forward=0; sysctl -w net.ipv6.conf.all.forwarding=0");
}

}  // namespace
}  // namespace sallyport::dp

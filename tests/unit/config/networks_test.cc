// SPDX-License-Identifier: Apache-2.0
#include "config/networks.h"

#include <gtest/gtest.h>

#include "tests/unit/config/support.h"

namespace sallyport::cfg::test {
namespace {

Port sample() {
    Port port;
    port.addresses = {{address("10.0.0.1"), 24, {}}};
    port.networks = {prefix("10.1.0.0/16")};
    port.routes = {{prefix("10.2.0.0/16"), address("10.0.0.2"), {}}};
    return port;
}

TEST(Networks, KeepTheirPaths) {
    const auto links = on_link(sample(), "ports.inside");
    ASSERT_EQ(links.size(), 2U);
    EXPECT_EQ(links[0].network, prefix("10.0.0.0/24"));
    EXPECT_EQ(links[0].path, "ports.inside.addresses[0]");
    EXPECT_EQ(links[1].path, "ports.inside.networks[0]");
    const auto all = reachable(sample(), "ports.inside");
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[2].network, prefix("10.2.0.0/16"));
    EXPECT_EQ(all[2].path, "ports.inside.routes[0].to");
}

TEST(Networks, OverlapWhenOneContainsTheOther) {
    EXPECT_TRUE(overlap(prefix("10.0.0.0/8"), prefix("10.1.0.0/16")));
    EXPECT_TRUE(overlap(prefix("10.1.0.0/16"), prefix("10.0.0.0/8")));
    EXPECT_FALSE(overlap(prefix("10.0.0.0/16"), prefix("10.1.0.0/16")));
}

TEST(Networks, KnowOwnAndSpecialAddresses) {
    EXPECT_TRUE(is_own_address(sample(), address("10.0.0.1")));
    EXPECT_FALSE(is_own_address(sample(), address("10.0.0.2")));
    for (const auto* text : {"0.0.0.0", "127.0.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1",
                             "ff02::1", "fe80::1", "febf::1"})
        EXPECT_TRUE(is_special(address(text))) << text;
    for (const auto* text : {"10.0.0.1", "1.0.0.0", "223.255.255.255", "126.0.0.1", "2001:db8::1", "fd00::1",
                             "::2", "fec0::1"})
        EXPECT_FALSE(is_special(address(text))) << text;
}

TEST(Networks, KnowNetworkAndBroadcastAddresses) {
    EXPECT_TRUE(is_network_or_broadcast(prefix("10.0.0.0/24"), address("10.0.0.0")));
    EXPECT_TRUE(is_network_or_broadcast(prefix("10.0.0.0/24"), address("10.0.0.255")));
    EXPECT_FALSE(is_network_or_broadcast(prefix("10.0.0.0/24"), address("10.0.0.1")));
    EXPECT_FALSE(is_network_or_broadcast(prefix("10.0.0.0/24"), address("10.0.1.255")));
    EXPECT_FALSE(is_network_or_broadcast(prefix("10.0.0.0/31"), address("10.0.0.0")));
    EXPECT_FALSE(is_network_or_broadcast(prefix("10.0.0.0/32"), address("10.0.0.0")));
}

TEST(Networks, KnowsWhatCoversWhat) {
    EXPECT_TRUE(covers(prefix("10.0.0.0/8"), prefix("10.1.0.0/16")));
    EXPECT_TRUE(covers(prefix("10.0.0.0/8"), prefix("10.0.0.0/8")));
    EXPECT_FALSE(covers(prefix("10.1.0.0/16"), prefix("10.0.0.0/8")));
    EXPECT_FALSE(covers(prefix("0.0.0.0/0"), prefix("fd00::/8")));
}

TEST(Networks, KnowsPrivateUse) {
    for (const auto* text :
         {"10.1.2.3/32", "172.16.0.0/12", "192.168.0.0/24", "100.64.0.0/10", "fd00::/8"})
        EXPECT_TRUE(is_private_use(prefix(text))) << text;
    for (const auto* text : {"0.0.0.0/0", "11.0.0.0/8", "172.0.0.0/8", "2001:db8::/32"})
        EXPECT_FALSE(is_private_use(prefix(text))) << text;
}

}  // namespace
}  // namespace sallyport::cfg::test

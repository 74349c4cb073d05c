// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/generation.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/policy/rules.h"

namespace sallyport::dp {
namespace {

using namespace test;

PortNetworks port() {
    PortNetworks networks;
    networks.addresses = {address("10.10.0.1"), address("fd00:10::1")};
    networks.on_link = {prefix("10.10.0.0/24"), prefix("fd00:10::/64"), prefix("192.0.2.0/31")};
    networks.routes = {{prefix("10.20.3.0/24"), address("10.10.0.253")},
                       {prefix("10.20.0.0/16"), address("10.10.0.254")}};
    networks.next_hop_v4 = address("10.10.0.252");
    return networks;
}

TEST(PortNetworks, FindsTheNextHop) {
    const struct {
        std::string description, destination, hop;
    } rows[] = {
        {"on link", "10.10.0.7", "10.10.0.7"},
        {"on link over IPv6", "fd00:10::7", "fd00:10::7"},
        {"behind the longer route", "10.20.3.1", "10.10.0.253"},
        {"behind the shorter route", "10.20.4.1", "10.10.0.254"},
        {"behind the default gateway", "198.51.100.1", "10.10.0.252"},
    };
    for (const auto& row : rows)
        EXPECT_EQ(port().next_hop(address(row.destination)), address(row.hop)) << row.description;
    EXPECT_EQ(port().next_hop(address("2001:db8::1")), std::nullopt) << "no gateway for IPv6";
    EXPECT_EQ(PortNetworks{}.next_hop(address("10.10.0.7")), std::nullopt);
    PortNetworks both = port();
    both.next_hop_v6 = address("fe80::1");
    EXPECT_EQ(both.next_hop(address("2001:db8::1")), address("fe80::1"));
    EXPECT_EQ(both.next_hop(address("198.51.100.1")), address("10.10.0.252"));
}

TEST(PortNetworks, ALinkLocalSourceIsNoneWhateverNetworkCoversIt) {
    PortNetworks networks = port();
    networks.on_link.push_back(prefix("fe80::/10"));
    networks.routes.push_back({prefix("::/0"), address("fd00:10::7")});
    EXPECT_FALSE(networks.is_source(address("fe80::7")));
    EXPECT_FALSE(networks.is_source(address("febf::7")));
    EXPECT_TRUE(networks.is_source(address("fec0::7")));
}

TEST(PortNetworks, KnowsItsSources) {
    const struct {
        std::string description, source;
        bool is_source;
    } rows[] = {
        {"on link", "10.10.0.7", true},
        {"on link over IPv6", "fd00:10::7", true},
        {"behind a route", "10.20.255.255", true},
        {"the gate's own", "10.10.0.1", false},
        {"the gate's own over IPv6", "fd00:10::1", false},
        {"behind the default gateway only", "198.51.100.1", false},
        {"unspecified", "0.0.0.0", false},
        {"the network itself", "10.10.0.0", false},
        {"directed broadcast", "10.10.0.255", false},
        {"a network of two has no broadcast", "192.0.2.1", true},
        {"another IPv6 network", "fd00:11::7", false},
    };
    for (const auto& row : rows)
        EXPECT_EQ(port().is_source(address(row.source)), row.is_source) << row.description;
}

}  // namespace
}  // namespace sallyport::dp

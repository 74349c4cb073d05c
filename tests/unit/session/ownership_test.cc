// SPDX-License-Identifier: Apache-2.0
#include "dataplane/ownership.h"

#include <gtest/gtest.h>

#include <array>

#include "tcpstack/base/flow_key.h"
#include "tests/support/frame_builder.h"

namespace sallyport::dp {
namespace {

using test::v4;

IpAddr ip(const char* text) { return IpAddr::parse(text).value(); }

constexpr std::array<std::uint8_t, 40> kKey{
    0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
    0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
    0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa};

struct Vector {
    const char* src;
    std::uint16_t src_port;
    const char* dst;
    std::uint16_t dst_port;
    std::uint32_t hash;
};

// The vectors that were published with the definition of RSS, with TCP ports.
TEST(Toeplitz, GivesThePublishedValues) {
    const Vector vectors[] = {
        {"66.9.149.187", 2794, "161.142.100.80", 1766, 0x51ccc178},
        {"199.92.111.2", 14230, "65.69.140.83", 4739, 0xc626b0ea},
        {"24.19.198.95", 12898, "12.22.207.184", 38024, 0x5c2b394a},
        {"38.27.205.30", 48228, "209.142.163.6", 2217, 0xafc7327f},
        {"153.39.163.191", 44251, "202.188.127.2", 1303, 0x10e828a2},
        {"3ffe:2501:200:1fff::7", 2794, "3ffe:2501:200:3::1", 1766, 0x40207d3d},
        {"3ffe:501:8::260:97ff:fe40:efab", 14230, "ff02::1", 4739, 0xdde51bbf},
        {"3ffe:1900:4545:3:200:f8ff:fe21:67cf", 44251, "fe80::200:f8ff:fe21:67cf", 38024, 0x02d1feef}};
    RssKey rss;
    rss.key = kKey;
    for (const Vector& v : vectors)
        EXPECT_EQ(toeplitz(rss, {ip(v.src), ip(v.dst), {v.src_port}, {v.dst_port}}), v.hash) << v.src;
}

PathConfig config_of(WorkerIndex workers) {
    PathConfig config;
    config.worker_count = workers;
    return config;
}

TEST(InsideOwner, FollowsTheDevicesTableWhereItIsKnown) {
    PathConfig config = config_of(4);
    config.rss[kInsidePort].key = kKey;
    config.rss[kInsidePort].reta_size = 128;
    for (std::size_t i = 0; i < 128; ++i)
        config.rss[kInsidePort].reta[i] = static_cast<std::uint16_t>(i % 4);
    const FourTuple flow{ip("66.9.149.187"), ip("161.142.100.80"), {2794}, {1766}};
    EXPECT_EQ(inside_owner(flow, config, 0), 0x51ccc178 % 128 % 4);
}

TEST(InsideOwner, SpreadsByTheKeyedHashOtherwise) {
    const PathConfig config = config_of(4);
    std::array<int, 4> count{};
    for (std::uint16_t port = 0; port < 4000; ++port) {
        const FourTuple flow{ip("10.0.0.1"), ip("198.51.100.1"), {port}, {443}};
        ++count[inside_owner(flow, config, FlowHash{77}(flow))];
    }
    for (const int n : count) EXPECT_NEAR(n, 1000, 150);
}

TEST(OutsideOwner, IsTheOwnerOfTheSliceOrNobody) {
    Settings settings;
    settings.egress = {{"public", {IpAddr{v4("203.0.113.7")}}, 2000, 2099}};
    const auto owner = [&](const char* dst, std::uint16_t port) {
        settings.public_addresses = public_addresses_of(settings.egress, settings.draining);
        return outside_owner({IpAddr{v4("198.51.100.1")}, IpAddr{v4(dst)}, {443}, {port}}, settings, 2);
    };
    EXPECT_EQ(owner("203.0.113.7", 2049), 0);
    EXPECT_EQ(owner("203.0.113.7", 2050), 1);
    EXPECT_EQ(owner("203.0.113.7", 1999), std::nullopt);
    EXPECT_EQ(owner("203.0.113.8", 2050), std::nullopt);
    settings.draining = {{"before", {IpAddr{v4("203.0.113.8")}}, 2000, 2099}};
    EXPECT_EQ(owner("203.0.113.8", 2050), 1) << "sessions on an address that is given up go on";
    settings.draining = {{"before", {IpAddr{v4("203.0.113.7")}}, 1000, 1999}};
    EXPECT_EQ(owner("203.0.113.7", 1000), 0) << "of ports that are given up as well";
    EXPECT_EQ(owner("203.0.113.7", 2050), 1);
    EXPECT_FALSE(is_public(IpAddr{v4("203.0.113.8")}, settings));
}

TEST(OutsideOwner, IsFoundAmongManyAddressesInAnyOrder) {
    EgressSet even{"even", {}, 1024, 65535}, odd{"odd", {}, 1024, 65535};
    const auto nth = [](std::uint32_t i) { return IpAddr{Ipv4Addr::from_host(0xcb00'7100 + i * 7919)}; };
    for (std::uint32_t i = 0; i < 1000; ++i) (i % 2 == 0 ? even : odd).addresses.push_back(nth(i));
    Settings settings;
    settings.egress = {even, odd};
    settings.public_addresses = public_addresses_of(settings.egress, {});
    for (std::uint32_t i = 0; i < 1000; ++i) {
        EXPECT_TRUE(is_public(nth(i), settings)) << i;
        EXPECT_FALSE(is_public(IpAddr{Ipv4Addr::from_host(nth(i).v4().host() + 1)}, settings)) << i;
    }
}

}  // namespace
}  // namespace sallyport::dp

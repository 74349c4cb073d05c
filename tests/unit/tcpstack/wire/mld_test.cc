// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/wire/mld.h"

#include <gmock/gmock.h>

#include "tests/support/ipv6_builder.h"

namespace sallyport::wire {
namespace {

using test::Octets;
using test::v6;

TEST(ListenerReport, IsAPacketWithARouterAlertAndTheGroups) {
    const Ipv6Addr groups[] = {v6("ff02::1:ff00:1"), v6("ff02::1:ff12:3456")};
    Octets f(kReportFrameMax);
    f.resize(emit_listener_report(test::kGateMac, v6("fe80::1"), groups, f.data()));
    EXPECT_EQ(f.size(), 14U + 40 + 8 + 8 + 40);
    PacketView p;
    ASSERT_EQ(parse(f, p), ParseError::None) << "checksum";
    EXPECT_EQ(p.kind(), PacketKind::Icmp);
    EXPECT_EQ(p.ethernet().dst, (MacAddr{{0x33, 0x33, 0, 0, 0, 0x16}}));
    EXPECT_EQ(p.ipv6().dst, v6("ff02::16"));
    EXPECT_EQ(p.hop_limit(), 1);
    EXPECT_EQ(p.icmp().type, 143);
    EXPECT_EQ(p.icmp().rest.host(), 2U);
    EXPECT_THAT(Octets(f.begin() + 54, f.begin() + 62), testing::ElementsAre(58, 0, 5, 2, 0, 0, 1, 0));
    EXPECT_THAT(Octets(f.begin() + 70, f.begin() + 75), testing::ElementsAre(2, 0, 0, 0, 0xff));
    EXPECT_THAT(Octets(f.end() - 3, f.end()), testing::ElementsAre(0x12, 0x34, 0x56));
}

TEST(ListenerReport, HoldsAsManyGroupsAsItSays) {
    const Octets none(kReportFrameMax + 1, 0xee);
    std::array<Ipv6Addr, kReportGroupsMax> groups;
    groups.fill(v6("ff02::1:ff00:1"));
    Octets f = none;
    EXPECT_EQ(emit_listener_report(test::kGateMac, Ipv6Addr{}, groups, f.data()), kReportFrameMax);
    EXPECT_EQ(f.back(), 0xee);
    f.pop_back();
    PacketView p;
    EXPECT_EQ(parse(f, p), ParseError::None) << "as from nobody, RFC 3590";
}

}  // namespace
}  // namespace sallyport::wire

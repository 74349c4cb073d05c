// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/wire/mld.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "tcpstack/wire/icmp.h"
#include "tcpstack/wire/ndp.h"
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

TEST(ListenerReport, OfTheFirstVersionGoesToTheGroup) {  // RFC 2710 section 3
    const Ipv6Addr group = v6("ff02::1:ff12:3456");
    Octets f(kReportFrameMax);
    f.resize(emit_listener_report_1(test::kGateMac, v6("fe80::1"), group, f.data()));
    PacketView p;
    ASSERT_EQ(parse(f, p), ParseError::None) << "checksum";
    EXPECT_EQ(p.ethernet().dst, multicast_mac(group));
    EXPECT_EQ(p.ipv6().dst, group);
    EXPECT_EQ(p.hop_limit(), 1);
    EXPECT_EQ(p.icmp().type, 131);
    EXPECT_EQ(p.icmp().rest.host(), 0U);
    EXPECT_TRUE(std::ranges::equal(p.payload(), group.octets));
}

class ListenerQueries : public testing::Test {
   protected:
    // `octets` behind the group.
    static Octets query(std::uint16_t code, std::size_t octets, std::string_view group = "::") {
        Octets body(16 + octets);
        std::ranges::copy(v6(group).octets, body.begin());
        Octets f = test::icmp_frame({v6("fe80::99"), v6("ff02::1"), test::kStationMac, multicast_mac(kAllNodes)},
                                    130, 0, body);
        test::icmp_of(f).rest.set(std::uint32_t{code} << 16);
        test::set_transport_checksum(f);
        test::ipv6_of(f).hop_limit = 1;
        return f;
    }
    static Octets alerting(const Octets& frame) {
        return test::with_extensions(frame, 0, test::extension(58, {5, 2, 0, 0, 1, 0}));
    }
    static std::optional<ListenerQuery> read(Octets frame) {
        PacketView p;
        if (parse(frame, p) != ParseError::None || p.kind() != PacketKind::NeighborDiscovery)
            return std::nullopt;
        return read_listener_query(p);
    }
    static std::int64_t milliseconds_of(std::uint16_t code, std::size_t octets) {
        const auto q = read(alerting(query(code, octets)));
        return q ? std::chrono::duration_cast<std::chrono::milliseconds>(q->within).count() : -1;
    }
};

TEST_F(ListenerQueries, SayTheirVersionByTheirLength) {  // RFC 3810 section 8.1
    const auto first = read(alerting(query(10'000, 0))), second = read(alerting(query(10'000, 4)));
    ASSERT_TRUE(first && second);
    EXPECT_TRUE(first->version_1);
    EXPECT_FALSE(second->version_1);
    EXPECT_EQ(second->group, Ipv6Addr{});
    EXPECT_EQ(read(alerting(query(1, 4, "ff02::1:ff00:1")))->group, v6("ff02::1:ff00:1"));
    EXPECT_TRUE(read(alerting(query(1, 4 + 32, "ff02::1:ff00:1")))) << "with sources";
    EXPECT_FALSE(read(alerting(query(1, 2))));
}

TEST_F(ListenerQueries, SayTheTimeForAnAnswer) {  // RFC 3810 section 5.1.3, RFC 2710 section 3.4
    EXPECT_EQ(milliseconds_of(0, 4), 0);
    EXPECT_EQ(milliseconds_of(10'000, 4), 10'000);
    EXPECT_EQ(milliseconds_of(0x7fff, 4), 32'767);
    EXPECT_EQ(milliseconds_of(0x8000, 4), 32'768);
    EXPECT_EQ(milliseconds_of(0xffff, 4), 8'387'584);
    EXPECT_EQ(milliseconds_of(0xffff, 0), 65'535) << "of the first version";
}

TEST_F(ListenerQueries, ComeFromARouterOnTheLink) {  // RFC 3810 section 6.2
    EXPECT_FALSE(read(query(1, 4))) << "without a router alert";
    Octets far = query(1, 4);
    test::ipv6_of(far).hop_limit = 2;
    EXPECT_FALSE(read(alerting(far)));
    Octets routed = query(1, 4);
    test::ipv6_of(routed).src = v6("2001:db8::99");
    test::set_transport_checksum(routed);
    EXPECT_FALSE(read(alerting(routed)));
}

// Those who get a copy of a frame read it once more.
TEST_F(ListenerQueries, KeepTheirRouterAlert) {
    Octets frame = alerting(query(1, 4));
    const std::size_t length = frame.size();
    PacketView p;
    ASSERT_EQ(parse(frame, p), ParseError::None);
    EXPECT_EQ(drop_extension_headers(frame, p), length);
    EXPECT_TRUE(read(frame));
}

}  // namespace
}  // namespace sallyport::wire

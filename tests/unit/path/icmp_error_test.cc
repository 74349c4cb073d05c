// SPDX-License-Identifier: Apache-2.0
#include "dataplane/icmp_error.h"

#include "tests/unit/path/outbox_fixture.h"

namespace sallyport::dp {
namespace {

using test::v4;

class IcmpError : public OutboxFixture {
   protected:
    bool report(const test::Octets& octets) {
        denied_frame = frame_of(octets);
        error = frame_of({});
        EXPECT_EQ(wire::parse(denied_frame.bytes(), denied), wire::ParseError::None);
        return make_icmp_error(denied, admin_prohibited(false), v4("10.10.0.1"), error);
    }
    Frame denied_frame, error;
    wire::PacketView denied;
};

TEST_F(IcmpError, TellsTheSenderThatItIsProhibited) {
    ASSERT_TRUE(report(test::udp_frame({}, 443, test::Octets(100, 0x51))));
    wire::PacketView e;
    ASSERT_EQ(wire::parse(error.bytes(), e), wire::ParseError::None) << "checksums";
    EXPECT_EQ(e.icmp().type, 3);
    EXPECT_EQ(e.icmp().code, 13);
    EXPECT_EQ(e.icmp().rest.host(), 0U);
    EXPECT_EQ(e.ipv4().src, v4("10.10.0.1"));
    EXPECT_EQ(e.ipv4().dst, v4("10.10.0.5"));
    EXPECT_EQ(e.ipv4().dscp_ecn, 0xc0);
    EXPECT_EQ(e.ethernet().dst, test::kStationMac);
    EXPECT_EQ(e.ethernet().src, test::kGateMac);
    const auto quoted = e.payload();
    ASSERT_EQ(quoted.size(), 20U + 8 + 100);
    EXPECT_TRUE(std::equal(quoted.begin(), quoted.end(), denied_frame.data + 14));
}

TEST_F(IcmpError, QuotesAsMuchAsFits576Octets) {
    ASSERT_TRUE(report(test::udp_frame({}, 443, test::Octets(1400, 0x51))));
    EXPECT_EQ(error.length, 14 + 576);
}

TEST_F(IcmpError, FitsASmallerBuffer) {
    denied_frame = frame_of(test::udp_frame({}, 443, test::Octets(1400, 0x51)));
    ASSERT_EQ(wire::parse(denied_frame.bytes(), denied), wire::ParseError::None);
    error = frame_of({});
    error.capacity = 100;
    ASSERT_TRUE(make_icmp_error(denied, admin_prohibited(false), v4("10.10.0.1"), error));
    EXPECT_EQ(error.length, 100);
    error.length = 0;
    error.capacity = 41;
    EXPECT_FALSE(make_icmp_error(denied, admin_prohibited(false), v4("10.10.0.1"), error));
}

// RFC 1812 section 4.3.2.7.
TEST_F(IcmpError, IsNeverSentAboutAnIcmpError) {
    EXPECT_FALSE(report(test::icmp_frame({}, wire::kIcmpUnreachable, 1, test::Octets(28))));
    EXPECT_FALSE(report(test::icmp_frame({}, 11, 0, test::Octets(28))));
    EXPECT_FALSE(report(test::icmp_frame({}, 200, 0, {})));
    EXPECT_TRUE(report(test::icmp_frame({}, wire::kIcmpEchoRequest, 0, {})));
    EXPECT_EQ(error.length, 14 + 20 + 8 + 20 + 8);
}

TEST_F(IcmpError, IsNeverSentAboutAPacketToMany) {
    for (const char* dst : {"224.0.0.251", "255.255.255.255", "240.0.0.1"})
        EXPECT_FALSE(report(test::udp_frame({.dst = v4(dst)}, 443, {}))) << dst;
    EXPECT_FALSE(report(test::udp_frame({.dst_mac = wire::kBroadcast}, 443, {})));
    EXPECT_EQ(error.length, 0);
}

TEST_F(IcmpError, IsNeverSentToAnAddressThatIsNoSingleHost) {
    for (const char* src : {"0.0.0.0", "0.1.2.3", "127.0.0.1", "224.0.0.1", "255.255.255.255"})
        EXPECT_FALSE(report(test::udp_frame({.src = v4(src)}, 443, {}))) << src;
}

TEST_F(IcmpError, IsNeverSentAboutArp) {
    EXPECT_FALSE(report(test::arp_frame({wire::kArpRequest,
                                         test::kStationMac,
                                         v4("10.10.0.5"),
                                         {},
                                         v4("10.10.0.1"),
                                         test::kGateMac})));
}

}  // namespace
}  // namespace sallyport::dp

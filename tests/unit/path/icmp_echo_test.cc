// SPDX-License-Identifier: Apache-2.0
#include "dataplane/icmp_echo.h"

#include "tests/unit/path/outbox_fixture.h"

namespace sallyport::dp {
namespace {

using test::v4;

class IcmpEcho : public OutboxFixture {
   protected:
    bool answer(const test::Octets& octets) {
        frame = frame_of(octets);
        before = octets;
        EXPECT_EQ(wire::parse(frame.bytes(), view), wire::ParseError::None);
        return turn_into_echo_reply(frame, view);
    }
    bool is_unchanged() const {
        return std::equal(before.begin(), before.end(), frame.data) &&
               frame.length == before.size();
    }
    Frame frame;
    test::Octets before;
    wire::PacketView view;
};

TEST_F(IcmpEcho, ReplyCarriesTheSameIdAndDataBackToTheSender) {
    for (std::size_t size : {0U, 1U, 56U, 1472U}) {
        test::Octets data(size, 0xab);
        ASSERT_TRUE(answer(test::icmp_frame({}, wire::kIcmpEchoRequest, 0, data)));
        wire::PacketView reply;
        ASSERT_EQ(wire::parse(frame.bytes(), reply), wire::ParseError::None) << "checksums";
        EXPECT_EQ(reply.icmp().type, wire::kIcmpEchoReply);
        EXPECT_EQ(reply.icmp().rest.host(), 0x00070001U);
        EXPECT_EQ(test::Octets(reply.payload().begin(), reply.payload().end()), data);
        EXPECT_EQ(reply.ipv4().src, v4("203.0.113.80"));
        EXPECT_EQ(reply.ipv4().dst, v4("10.10.0.5"));
        EXPECT_EQ(reply.ipv4().ttl, 64);
        EXPECT_EQ(reply.ethernet().dst, test::kStationMac);
        EXPECT_EQ(reply.ethernet().src, test::kGateMac);
    }
}

TEST_F(IcmpEcho, KeepsTypeOfServiceAndLeavesPaddingBehind) {
    test::Octets request = test::icmp_frame({}, wire::kIcmpEchoRequest, 0, {1});
    test::ipv4_of(request).dscp_ecn = 0xb8;
    test::ipv4_of(request).ttl = 1;
    wire::set_checksum(test::ipv4_of(request));
    request.resize(60, 0xee);
    ASSERT_TRUE(answer(request));
    EXPECT_EQ(frame.length, 14 + 20 + 8 + 1);
    wire::PacketView reply;
    ASSERT_EQ(wire::parse(frame.bytes(), reply), wire::ParseError::None);
    EXPECT_EQ(reply.ipv4().dscp_ecn, 0xb8);
    EXPECT_EQ(reply.ipv4().ttl, 64);
}

TEST_F(IcmpEcho, AnswersOverIpv6) {
    const test::Addresses a{test::v6("fd00:10::5"), test::v6("fd00:10::1")};
    test::Octets request = test::icmp_frame(a, wire::kIcmpv6EchoRequest, 0, {1, 2, 3});
    test::ipv6_of(request).hop_limit = 1;
    ASSERT_TRUE(answer(request));
    wire::PacketView reply;
    ASSERT_EQ(wire::parse(frame.bytes(), reply), wire::ParseError::None) << "checksum";
    EXPECT_TRUE(reply.is_echo_reply());
    EXPECT_EQ(reply.source(), a.dst);
    EXPECT_EQ(reply.destination(), a.src);
    EXPECT_EQ(reply.hop_limit(), 64);
    EXPECT_EQ(reply.payload_length(), 3);
    EXPECT_EQ(reply.ethernet().dst, test::kStationMac);
    EXPECT_FALSE(answer(test::icmp_frame(a, wire::kIcmpv6EchoReply, 0, {1})));
    EXPECT_FALSE(answer(test::icmp_frame(a, wire::kIcmpEchoRequest, 0, {1}))) << "8 is no request here";
    EXPECT_FALSE(answer(test::icmp_frame(a, wire::kIcmpv6EchoRequest, 1, {1})));
}

TEST_F(IcmpEcho, LeavesEverythingElseAlone) {
    EXPECT_FALSE(answer(test::icmp_frame({}, wire::kIcmpEchoReply, 0, {1})));
    EXPECT_TRUE(is_unchanged());
    EXPECT_FALSE(answer(test::icmp_frame({}, wire::kIcmpEchoRequest, 1, {1})));
    EXPECT_TRUE(is_unchanged());
    EXPECT_FALSE(answer(test::icmp_frame({}, 13, 0, {1})));  // timestamp request
    EXPECT_TRUE(is_unchanged());
    EXPECT_FALSE(answer(test::tcp_frame({})));
    EXPECT_TRUE(is_unchanged());
}

TEST_F(IcmpEcho, DoesNotAnswerASourceThatIsNoSingleHost) {
    for (const char* src : {"0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255"}) {
        const test::Addresses a{.src = v4(src)};
        EXPECT_FALSE(answer(test::icmp_frame(a, wire::kIcmpEchoRequest, 0, {}))) << src;
        EXPECT_TRUE(is_unchanged());
    }
}

}  // namespace
}  // namespace sallyport::dp

// SPDX-License-Identifier: Apache-2.0
// ICMP echo through a layer-4 rule.
#include "tests/unit/nat/flows.h"

namespace sallyport::test {
namespace {

using std::chrono::seconds;

class TranslatedEcho : public FlowTest {
   protected:
    static constexpr std::uint16_t kId = 0x5a11;
    std::uint16_t ask(Ipv4Addr from, std::uint16_t id = kId) {
        from_client(echo_frame(inside(from, server), wire::kIcmpEchoRequest, id));
        Octets out = to_server();
        return icmp_of(out).echo_id();
    }
    void answer(std::uint16_t public_id) {
        from_server(echo_frame(outside(server, egress), wire::kIcmpEchoReply, public_id));
    }
};

TEST_F(TranslatedEcho, GoesThereAndComesBack) {
    from_client(echo_frame(inside(client, server), wire::kIcmpEchoRequest, kId, {1, 2, 3}));
    Octets out = to_server();
    EXPECT_EQ(ipv4_of(out).src, egress);
    EXPECT_EQ(icmp_of(out).type, wire::kIcmpEchoRequest);
    EXPECT_EQ(Octets(out.begin() + 42, out.end()), (Octets{1, 2, 3}));
    EXPECT_EQ(transport_sum(out), 0);
    from_server(echo_frame(outside(server, egress), wire::kIcmpEchoReply, icmp_of(out).echo_id(), {1, 2, 3}));
    Octets back = to_client();
    EXPECT_EQ(ipv4_of(back).dst, client);
    EXPECT_EQ(icmp_of(back).echo_id(), kId);
    EXPECT_EQ(transport_sum(back), 0);
}

TEST_F(TranslatedEcho, TwoClientsMayUseOneIdentifier) {
    const std::uint16_t first = ask(client), second = ask(other_client);
    EXPECT_NE(first, second);
    answer(second);
    Octets back = to_client();
    EXPECT_EQ(ipv4_of(back).dst, other_client);
    EXPECT_EQ(icmp_of(back).echo_id(), kId);
}

TEST_F(TranslatedEcho, AnIdentifierOfZeroIsOneLikeAnyOther) {
    const std::uint16_t id = ask(client, 0);
    EXPECT_NE(id, 0);
    answer(id);
    Octets back = to_client();
    EXPECT_EQ(icmp_of(back).echo_id(), 0);
}

TEST_F(TranslatedEcho, IsForgottenAfterAMinute) {  // RFC 5508 REQ-2
    const std::uint16_t id = ask(client);
    gate.advance(seconds(59));
    answer(id);
    std::ignore = to_client();
    gate.advance(seconds(3));
    answer(id);
    expect_silence();
    const dp::AccessRecord r = record();
    EXPECT_EQ(r.protocol, dp::RecordProtocol::Icmp);
    EXPECT_EQ(r.reason, dp::Reason::FlowExpired);
    EXPECT_EQ(r.bytes_received, 56U);
    EXPECT_EQ(r.bytes_sent, 56U);
}

TEST_F(TranslatedEcho, AReplyThatNobodyAskedForIsDropped) {
    answer(2000);
    from_client(echo_frame(inside(client, server), wire::kIcmpEchoReply, kId));
    from_server(echo_frame(outside(server, v4("203.0.113.99")), wire::kIcmpEchoReply, kId));
    expect_silence();
}

TEST_F(TranslatedEcho, OtherMessagesHaveNoFlow) {
    for (const int type : {4, 5, 9, 10, 13, 15, 17, 42, 128})
        from_client(icmp_frame(inside(client, server), static_cast<std::uint8_t>(type), 0, Octets(28)));
    from_client(icmp_frame(inside(client, server), wire::kIcmpEchoRequest, 1, Octets(28)));
    expect_silence();
    EXPECT_EQ(count("icmp_denied"), 10U);
}

TEST_F(TranslatedEcho, TheGateItselfStillAnswers) {
    from_client(echo_frame(inside(client, v4("10.10.0.1")), wire::kIcmpEchoRequest, kId));
    Octets reply = to_client();
    EXPECT_EQ(icmp_of(reply).type, wire::kIcmpEchoReply);
    EXPECT_EQ(count("flows_opened"), 0U);
}

class NoEcho : public FlowTest {
   protected:
    NoEcho() : FlowTest(GateOptions{}) {}
};

TEST_F(NoEcho, WithoutARuleNothingLeaves) {
    from_client(echo_frame(inside(client, server), wire::kIcmpEchoRequest, 7));
    expect_silence();
    EXPECT_EQ(count("icmp_denied"), 1U);
    EXPECT_EQ(record().protocol, dp::RecordProtocol::Icmp);
}

}  // namespace
}  // namespace sallyport::test

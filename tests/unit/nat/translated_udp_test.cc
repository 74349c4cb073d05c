// SPDX-License-Identifier: Apache-2.0
// UDP flows of layer-4 rules, on the wire.
#include "tests/unit/nat/flows.h"

namespace sallyport::test {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class TranslatedUdp : public FlowTest {
   protected:
    using FlowTest::FlowTest;
    static constexpr std::uint16_t kPort = 5000;

    void ask(const Octets& payload = {1, 2, 3}, std::uint16_t src_port = 40000,
             std::uint16_t dst_port = kPort) {
        from_client(udp_frame_of(inside(client, server), src_port, dst_port, payload));
    }
    // Asks and returns the public port that the server sees.
    std::uint16_t open(std::uint16_t src_port = 40000, std::uint16_t dst_port = kPort) {
        ask({1, 2, 3}, src_port, dst_port);
        Octets frame = to_server();
        return udp_of(frame).src_port.host();
    }
    void answer(std::uint16_t public_port, const Octets& payload = {4, 5},
                std::uint16_t src_port = kPort) {
        from_server(udp_frame_of(outside(server, egress), src_port, public_port, payload));
    }
};

TEST_F(TranslatedUdp, LeavesAsThePublicAddressAndComesBack) {
    ask({1, 2, 3});
    Octets out = to_server();
    EXPECT_EQ(ipv4_of(out).src, egress);
    EXPECT_EQ(ipv4_of(out).dst, server);
    EXPECT_EQ(ipv4_of(out).ttl, 63);
    EXPECT_EQ(udp_of(out).dst_port.host(), kPort);
    EXPECT_GE(udp_of(out).src_port.host(), 1024);
    EXPECT_EQ(Octets(out.begin() + 42, out.end()), (Octets{1, 2, 3}));
    EXPECT_EQ(transport_sum(out), 0);

    answer(udp_of(out).src_port.host(), {4, 5});
    Octets back = to_client();
    EXPECT_EQ(ipv4_of(back).src, server);
    EXPECT_EQ(ipv4_of(back).dst, client);
    EXPECT_EQ(udp_of(back).src_port.host(), kPort);
    EXPECT_EQ(udp_of(back).dst_port.host(), 40000);
    EXPECT_EQ(Octets(back.begin() + 42, back.end()), (Octets{4, 5}));
    EXPECT_EQ(transport_sum(back), 0);
    EXPECT_EQ(count("flows_opened"), 1U);
}

TEST_F(TranslatedUdp, WritesOneLineAtItsEnd) {
    const std::uint16_t port = open();
    answer(port, Octets(1000, 9));
    std::ignore = to_client();
    gate.advance(seconds(1));
    EXPECT_EQ(count("flows_translated"), 1U);
    EXPECT_TRUE(gate.records().empty());
    gate.advance(minutes(6));
    const dp::AccessRecord r = record();
    EXPECT_EQ(r.protocol, dp::RecordProtocol::Udp);
    EXPECT_TRUE(r.translated);
    EXPECT_EQ(r.decision, dp::policy::Decision::Allow);
    EXPECT_EQ(r.reason, dp::Reason::FlowExpired);
    EXPECT_EQ(r.bytes_received, 3U);
    EXPECT_EQ(r.bytes_sent, 1000U);
    EXPECT_EQ(r.client, (FourTuple{client, server, {40000}, {kPort}}));
    EXPECT_EQ(r.server, (FourTuple{egress, server, {port}, {kPort}}));
    EXPECT_TRUE(r.has_server);
    EXPECT_NE(r.rule, dp::policy::kDefaultRule);
    EXPECT_GE(r.duration, minutes(5));
    EXPECT_LE(r.duration, minutes(5) + seconds(3));
    EXPECT_EQ(count("flows_translated"), 0U);
}

TEST_F(TranslatedUdp, OneFlowKeepsItsPort) {
    const std::uint16_t port = open();
    EXPECT_EQ(open(), port);
    EXPECT_EQ(count("flows_opened"), 1U);
    EXPECT_NE(open(40001), port) << "another flow to the same server";
}

// RFC 4787 REQ-8, address and port-dependent filtering.
TEST_F(TranslatedUdp, OnlyTheEndpointThatWasAskedMayAnswer) {
    const std::uint16_t port = open();
    from_server(udp_frame_of(outside(other_server, egress), kPort, port, {1}));
    from_server(udp_frame_of(outside(server, egress), kPort + 1, port, {1}));
    from_server(udp_frame_of(outside(server, egress), kPort, port + 1, {1}));
    expect_silence();
    EXPECT_EQ(count("no_session"), 3U);
}

TEST_F(TranslatedUdp, NothingFromOutsideOpensAFlow) {
    from_server(udp_frame_of(outside(server, egress), 53, 5353, {1}));
    from_server(udp_frame_of(outside(server, client), kPort, 40000, {1}));
    expect_silence();
    EXPECT_EQ(count("flows_opened"), 0U);
}

// RFC 4787 REQ-6: a server must not keep a mapping alive for ever.
TEST_F(TranslatedUdp, OnlyTheClientKeepsItsFlow) {
    const std::uint16_t port = open();
    for (int i = 0; i < 4; ++i) {
        gate.advance(minutes(4));
        EXPECT_EQ(open(), port) << "minute " << 4 * (i + 1);
    }
    for (int i = 0; i < 5; ++i) {
        gate.advance(minutes(1));
        answer(port);
    }
    gate.out(dp::kInsidePort).clear();
    gate.advance(seconds(5));
    answer(port);
    expect_silence();
    EXPECT_EQ(record().reason, dp::Reason::FlowExpired);
}

TEST_F(TranslatedUdp, AQuestionToDnsIsForgottenSooner) {
    const std::uint16_t port = open(40000, 53);
    gate.advance(seconds(29));
    answer(port, {1}, 53);
    std::ignore = to_client();
    gate.advance(seconds(5));
    answer(port, {1}, 53);
    expect_silence();
    EXPECT_EQ(record().duration / seconds(1), 30);
}

TEST_F(TranslatedUdp, WhatNoRuleAllowsIsDroppedAndLogged) {
    ask({1}, 40000, 4999);
    EXPECT_EQ(record().reason, dp::Reason::UdpDenied);
    from_client(udp_frame_of(inside(client, v4("192.0.2.1")), 40000, kPort, {1}));
    const dp::AccessRecord r = record();
    EXPECT_EQ(r.reason, dp::Reason::DstNotAllowed);
    EXPECT_EQ(r.protocol, dp::RecordProtocol::Udp);
    EXPECT_EQ(r.decision, dp::policy::Decision::Deny);
    EXPECT_FALSE(r.has_server);
    expect_silence();
    EXPECT_EQ(count("udp_denied"), 1U);
    EXPECT_EQ(count("dst_not_allowed"), 1U);
}

TEST_F(TranslatedUdp, DenialsFillNoLog) {
    for (std::uint16_t i = 0; i < 500; ++i) ask({1}, i, 4999);
    EXPECT_EQ(gate.records().size(), 100U);
    EXPECT_EQ(count("udp_denied"), 500U);
    EXPECT_EQ(count("rate_limited"), 400U);
    gate.records().clear();
}

TEST_F(TranslatedUdp, QuicWithoutARuleIsToldAtOnce) {
    ask({1}, 40000, 443);
    Octets error = to_client();
    EXPECT_EQ(icmp_of(error).type, wire::kIcmpUnreachable);
    EXPECT_EQ(icmp_of(error).code, wire::kIcmpAdminProhibited);
    EXPECT_TRUE(gate.out(dp::kOutsidePort).empty());
    EXPECT_EQ(record().reason, dp::Reason::UdpDenied);
}

TEST_F(TranslatedUdp, ALoopingDatagramIsReportedAndOpensNothing) {
    from_client(with_ttl(udp_frame_of(inside(client, server), 40000, kPort, {1, 2}), 1));
    Octets error = to_client();
    EXPECT_EQ(icmp_of(error).type, wire::kIcmpTimeExceeded);
    EXPECT_EQ(icmp_of(error).code, 0);
    EXPECT_EQ(ipv4_of(error).src, v4("10.10.0.1"));
    EXPECT_EQ(ipv4_of(error).dst, client);
    EXPECT_TRUE(gate.out(dp::kOutsidePort).empty());
    EXPECT_EQ(count("flows_opened"), 0U);
    EXPECT_EQ(count("ttl_expired"), 1U);
}

TEST_F(TranslatedUdp, AnIdIsGivenAnewWhereSomebodyMayNeedIt) {
    const auto frame = [&](Ipv4Addr from) {
        return with_ip(udp_frame_of(inside(from, server), 40000, kPort, {1}),
                       [](wire::Ipv4Header& ip) { ip.flags_fragment.set(0), ip.id.set(77); });
    };
    from_client(frame(client));
    Octets first = to_server();
    from_client(frame(other_client));
    Octets second = to_server();
    EXPECT_NE(ipv4_of(first).id.host(), ipv4_of(second).id.host());
    from_client(udp_frame_of(inside(client, server), 40000, kPort, {1}));
    Octets atomic = to_server();
    EXPECT_EQ(ipv4_of(atomic).id.host(), 0) << "DF: nobody reads it";
}

TEST_F(TranslatedUdp, APrivateDestinationNeedsToBeSaidSo) {
    cfg::Model model = flow_options().model;
    model.policy.rules.push_back(flow_rule("office", {udp_port(6000)}, "192.168.0.0/16"));
    gate.reconfigure(model);
    const auto send = [&] {
        from_client(udp_frame_of(inside(client, v4("192.168.1.1")), 40000, 6000, {1}));
    };
    send();
    expect_silence();
    EXPECT_EQ(record().reason, dp::Reason::DstNotPublic);
    model.policy.rules.back().allow_private = true;
    gate.reconfigure(model);
    send();
    std::ignore = to_server();
}

TEST_F(TranslatedUdp, AnAuditRuleLetsItPassAndSaysSo) {
    cfg::Model model = flow_options().model;
    model.policy.rules.push_back(flow_rule("candidates", {udp_port(6000)}));
    model.policy.rules.back().mode = cfg::Mode::Audit;
    gate.reconfigure(model);
    from_client(udp_frame_of(inside(client, server), 40000, 6000, {1}));
    std::ignore = to_server();
    EXPECT_EQ(count("verdicts_would_deny"), 1U);
    gate.advance(minutes(6));
    const dp::AccessRecord r = record();
    EXPECT_EQ(r.decision, dp::policy::Decision::WouldDeny);
    EXPECT_NE(r.would_deny, dp::Reason::None);
    EXPECT_EQ(r.reason, dp::Reason::FlowExpired);
}

class FewPorts : public TranslatedUdp {
   protected:
    static GateOptions two_ports() {
        GateOptions options = flow_options();
        options.model.egress[0].first_port = 2000;
        options.model.egress[0].last_port = 2001;
        return options;
    }
    FewPorts() : TranslatedUdp(two_ports()) {}
};

TEST_F(FewPorts, AreCountedForEachServer) {
    open(1), open(2);
    ask({1}, 3);
    const dp::AccessRecord r = record();
    EXPECT_EQ(r.reason, dp::Reason::PortsExhausted);
    EXPECT_EQ(count("snat_exhausted"), 1U);
    Octets told = to_client();  // RFC 5508 REQ-8
    EXPECT_EQ(icmp_of(told).type, wire::kIcmpUnreachable);
    EXPECT_EQ(icmp_of(told).code, wire::kIcmpAdminProhibited);
    EXPECT_TRUE(gate.out(dp::kOutsidePort).empty());
    from_client(udp_frame_of(inside(client, other_server), 3, kPort, {1}));
    std::ignore = to_server();
}

TEST_F(FewPorts, NobodyIsToldWhereThePolicyAnswersNothing) {
    cfg::Model model = two_ports().model;
    model.policy.default_answer = cfg::Answer::Drop;
    gate.reconfigure(model);
    open(1), open(2);
    ask({1}, 3);
    expect_silence();
    EXPECT_EQ(record().reason, dp::Reason::PortsExhausted);
}

TEST_F(FewPorts, AreNotSharedBetweenProtocols) {
    open(1), open(2);
    from_client(echo_frame(inside(client, server), wire::kIcmpEchoRequest, 1));
    std::ignore = to_server();
    TcpFields syn{.addresses = inside(client, server), .src_port = 1, .dst_port = 22,
                  .flags = wire::kSyn};
    from_client(tcp_frame(syn));
    std::ignore = to_server();
}

class FewSessions : public TranslatedUdp {
   protected:
    static GateOptions few() {
        GateOptions options = flow_options();
        options.sessions = 16;
        return options;
    }
    FewSessions() : TranslatedUdp(few()) {}
};

TEST_F(FewSessions, OneSourceDoesNotTakeThemAll) {
    for (std::uint16_t i = 0; i < 16; ++i) ask({1}, static_cast<std::uint16_t>(1000 + i));
    EXPECT_EQ(gate.out(dp::kOutsidePort).size(), 12U);
    EXPECT_EQ(count("source_share_full"), 4U);
    from_client(udp_frame_of(inside(other_client, server), 1, kPort, {1}));
    EXPECT_EQ(gate.out(dp::kOutsidePort).size(), 13U);
    gate.records().clear();
}

}  // namespace
}  // namespace sallyport::test

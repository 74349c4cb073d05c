// SPDX-License-Identifier: Apache-2.0
// TCP flows of layer-4 rules: what the gate follows of them.
#include "tests/unit/nat/flows.h"

namespace sallyport::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using dp::Reason;
using wire::kAck, wire::kFin, wire::kPsh, wire::kRst, wire::kSyn;

constexpr std::uint32_t kClientIsn = 0xffff'fff0, kServerIsn = 7000;
constexpr std::uint16_t kSsh = 22;

class TranslatedTcp : public FlowTest {
   protected:
    using FlowTest::FlowTest;
    // Numbers count from the SYN of each side, as in packet scripts.
    TcpFields of_client(std::uint8_t flags, std::uint32_t seq, std::uint32_t ack,
                        Octets payload = {}) {
        TcpFields t{.addresses = inside(client, server), .src_port = 40000, .dst_port = kSsh};
        t.flags = flags;
        t.seq = kClientIsn + seq;
        t.ack = flags & kAck ? kServerIsn + ack : 0;
        t.payload = std::move(payload);
        return t;
    }
    TcpFields of_server(std::uint8_t flags, std::uint32_t seq, std::uint32_t ack,
                        Octets payload = {}) {
        TcpFields t{.addresses = outside(server, egress), .src_port = kSsh, .dst_port = public_port};
        t.flags = flags;
        t.seq = kServerIsn + seq;
        t.ack = flags & kAck ? kClientIsn + ack : 0;
        t.payload = std::move(payload);
        return t;
    }
    // Sends and returns what came out on the other side, which must be the segment itself.
    void passes_from_client(const TcpFields& t) {
        from_client(tcp_frame(t));
        Octets out = to_server();
        public_port = tcp_of(out).src_port.host();
        EXPECT_EQ(ipv4_of(out).src, egress);
        EXPECT_EQ(tcp_of(out).seq.host(), t.seq);
        EXPECT_EQ(tcp_of(out).ack.host(), t.ack);
        EXPECT_EQ(tcp_of(out).flags, t.flags);
        EXPECT_TRUE(gate.out(dp::kInsidePort).empty());
    }
    void passes_from_server(const TcpFields& t) {
        from_server(tcp_frame(t));
        Octets out = to_client();
        EXPECT_EQ(ipv4_of(out).src, server);
        EXPECT_EQ(ipv4_of(out).dst, client);
        EXPECT_EQ(tcp_of(out).dst_port.host(), 40000);
        EXPECT_EQ(tcp_of(out).seq.host(), t.seq);
        EXPECT_EQ(tcp_of(out).flags, t.flags);
        EXPECT_TRUE(gate.out(dp::kOutsidePort).empty());
    }
    void open() {
        TcpFields syn = of_client(kSyn, 0, 0);
        syn.options.window_shift = 7;
        passes_from_client(syn);
        TcpFields answer = of_server(kSyn | kAck, 0, 1);
        answer.options.window_shift = 2;
        passes_from_server(answer);
        passes_from_client(of_client(kAck, 1, 1));
    }
    void close() {
        passes_from_client(of_client(kFin | kAck, 1, 1));
        passes_from_server(of_server(kFin | kAck, 1, 2));
        passes_from_client(of_client(kAck, 2, 2));
    }
    std::uint16_t public_port = 0;
};

TEST_F(TranslatedTcp, AServerThatSpeaksFirst) {
    open();
    passes_from_server(of_server(kPsh | kAck, 1, 1, Octets(20, 'S')));
    passes_from_client(of_client(kAck, 1, 21));
    passes_from_client(of_client(kPsh | kAck, 1, 21, Octets(30, 'C')));
    passes_from_client(of_client(kPsh | kAck, 1, 21, Octets(30, 'C')));  // once more
    passes_from_server(of_server(kAck, 21, 31));
    passes_from_client(of_client(kFin | kAck, 31, 21));
    passes_from_server(of_server(kFin | kAck, 21, 32));
    EXPECT_TRUE(gate.records().empty());
    passes_from_client(of_client(kAck, 32, 22));
    const dp::AccessRecord r = record();
    EXPECT_EQ(r.reason, Reason::Closed);
    EXPECT_EQ(r.ended_by, dp::EndedBy::Client);
    EXPECT_EQ(r.bytes_received, 30U) << "each octet once, across the wrap";
    EXPECT_EQ(r.bytes_sent, 20U);
    EXPECT_TRUE(r.translated);
    EXPECT_EQ(r.protocol, dp::RecordProtocol::Tcp);
}

TEST_F(TranslatedTcp, NothingIsPickedUpInMidStream) {
    from_client(tcp_frame(of_client(kAck, 1, 1)));
    Octets reset = to_client();
    EXPECT_TRUE(tcp_of(reset).has(kRst));
    public_port = 2000;
    from_server(tcp_frame(of_server(kPsh | kAck, 1, 1, {1})));
    from_server(tcp_frame(of_server(kSyn, 0, 0)));
    from_server(tcp_frame(of_server(kSyn | kAck, 0, 1)));
    expect_silence();
    EXPECT_EQ(count("flows_opened"), 0U);
    EXPECT_EQ(count("unsolicited_syn"), 1U);
}

TEST_F(TranslatedTcp, ALayer4RuleComesBeforeTheNames) {
    cfg::Model model = flow_options().model;
    model.policy.rules.push_back(flow_rule("partner", {tcp_port(443)}, "198.51.100.80/32"));
    gate.reconfigure(model);
    TcpFields syn = of_client(kSyn, 0, 0);
    syn.dst_port = 443;
    passes_from_client(syn);
    syn.addresses.dst = other_server;
    from_client(tcp_frame(syn));
    Octets answer = to_client();
    EXPECT_TRUE(tcp_of(answer).has(kSyn)) << "the gate wants to see a name";
}

TEST_F(TranslatedTcp, ADenyingRuleSaysSo) {
    cfg::Model model = flow_options().model;
    model.policy.rules.push_back(flow_rule("not there", {tcp_port(kSsh)}, "198.51.100.80/32"));
    model.policy.rules.back().action = cfg::Action::Deny;
    gate.reconfigure(model);
    from_client(tcp_frame(of_client(kSyn, 0, 0)));
    Octets reset = to_client();
    EXPECT_TRUE(tcp_of(reset).has(kRst));
    const dp::AccessRecord r = record();
    EXPECT_EQ(r.reason, Reason::DstNotAllowed);
    EXPECT_NE(r.rule, dp::policy::kDefaultRule);
}

TEST_F(TranslatedTcp, ARefusalEndsIt) {
    passes_from_client(of_client(kSyn, 0, 0));
    from_server(tcp_frame(of_server(kRst | kAck, 0, 7)));
    expect_silence();  // it acknowledges what was never sent
    passes_from_server(of_server(kRst | kAck, 0, 1));
    const dp::AccessRecord r = record();
    EXPECT_EQ(r.reason, Reason::UpstreamRefused);
    EXPECT_EQ(r.ended_by, dp::EndedBy::Server);
    EXPECT_EQ(r.bytes_sent, 0U);
}

TEST_F(TranslatedTcp, AnUnansweredSynIsForgottenAfterTheTransitoryTime) {
    passes_from_client(of_client(kSyn, 0, 0));
    gate.advance(minutes(3));
    EXPECT_EQ(count("flows_translated"), 1U);
    gate.advance(minutes(1) + seconds(3));
    EXPECT_EQ(record().reason, Reason::FlowExpired);
    expect_silence();
}

TEST_F(TranslatedTcp, AnIdleConnectionIsKeptForTwoHoursAndFourMinutes) {  // RFC 5382 REQ-5
    open();
    gate.advance(hours(2) + minutes(3));
    passes_from_server(of_server(kAck, 0, 1));  // a keep-alive
    passes_from_client(of_client(kAck, 1, 1));
    gate.advance(hours(2) + minutes(3));
    EXPECT_TRUE(gate.records().empty());
    gate.advance(minutes(2));
    Octets reset_inside = to_client(), reset_outside = to_server();
    EXPECT_TRUE(tcp_of(reset_inside).has(kRst));
    EXPECT_EQ(tcp_of(reset_inside).seq.host(), kServerIsn + 1);
    EXPECT_TRUE(tcp_of(reset_outside).has(kRst));
    EXPECT_EQ(tcp_of(reset_outside).seq.host(), kClientIsn + 1);
    EXPECT_EQ(record().reason, Reason::IdleTimeout);
}

TEST_F(TranslatedTcp, AHalfClosedConnectionIsTransitory) {
    open();
    passes_from_client(of_client(kFin | kAck, 1, 1));
    passes_from_server(of_server(kAck, 1, 2));
    gate.advance(minutes(3));
    passes_from_server(of_server(kPsh | kAck, 1, 2, {1}));  // it still has something to say
    gate.advance(minutes(3));
    EXPECT_TRUE(gate.records().empty());
    gate.advance(minutes(2));
    EXPECT_EQ(record().reason, Reason::TransitoryTimeout);
}

TEST_F(TranslatedTcp, AnExactResetEndsItAtOnce) {
    open();
    passes_from_server(of_server(kRst, 1, 0));
    EXPECT_EQ(record().reason, Reason::UpstreamReset);
    from_client(tcp_frame(of_client(kAck, 1, 1)));
    Octets reset = to_client();
    EXPECT_TRUE(tcp_of(reset).has(kRst));
}

// RFC 7857 section 2: within the window the end host may challenge it, so the mapping stays a while.
TEST_F(TranslatedTcp, AResetWithinTheWindowMakesItTransitory) {
    open();
    passes_from_server(of_server(kRst, 500, 0));
    EXPECT_TRUE(gate.records().empty());
    gate.advance(minutes(4) + seconds(3));
    EXPECT_EQ(record().reason, Reason::UpstreamReset);
}

TEST_F(TranslatedTcp, WhoGoesOnDidNotBelieveTheReset) {
    open();
    passes_from_server(of_server(kRst, 500, 0));
    passes_from_client(of_client(kPsh | kAck, 1, 1, {1}));
    gate.advance(minutes(10));
    EXPECT_TRUE(gate.records().empty());
    passes_from_server(of_server(kAck, 1, 2));
}

TEST_F(TranslatedTcp, AResetElsewhereIsNobodys) {
    open();
    // The client's window: 65535 << 7.
    from_server(tcp_frame(of_server(kRst, 2 + (65535U << 7), 0)));
    from_server(tcp_frame(of_server(kRst, 0, 0)));
    TcpFields guessed = of_server(kRst, 1, 0);
    Octets broken = tcp_frame(guessed);
    tcp_of(broken).checksum.set(static_cast<std::uint16_t>(tcp_of(broken).checksum.host() + 1));
    from_server(broken);
    expect_silence();
    EXPECT_EQ(count("outside_window"), 2U);
    EXPECT_EQ(count("tcp_checksum"), 1U);
    EXPECT_TRUE(gate.records().empty());
}

TEST_F(TranslatedTcp, AClosedFlowsPortsMayBeUsedAnew) {
    open();
    close();
    EXPECT_EQ(record().reason, Reason::Closed);
    const std::uint16_t old_port = public_port;
    TcpFields again = of_client(kSyn, 100'000, 0);
    passes_from_client(again);
    EXPECT_NE(public_port, old_port) << "the server may still be in TIME-WAIT";
    EXPECT_EQ(count("flows_opened"), 2U);
}

TEST_F(TranslatedTcp, ASynInALiveFlowIsForTheServerToChallenge) {
    open();
    passes_from_client(of_client(kSyn, 50'000, 0));
    passes_from_server(of_server(kAck, 1, 1));
    EXPECT_EQ(count("flows_opened"), 1U);
    close();
    EXPECT_EQ(record().reason, Reason::Closed);
}

TEST_F(TranslatedTcp, AServerMayChallengeTheSynOfAnOlderConnection) {
    passes_from_client(of_client(kSyn, 0, 0));
    passes_from_server(of_server(kAck, 900, 5));
    passes_from_client(of_client(kRst, 5, 0));
    EXPECT_EQ(count("outside_window"), 0U);
}

TEST_F(TranslatedTcp, BothMayOpenAtOnce) {  // RFC 5382 REQ-2
    passes_from_client(of_client(kSyn, 0, 0));
    passes_from_server(of_server(kSyn, 0, 0));
    passes_from_client(of_client(kSyn | kAck, 0, 1));
    passes_from_server(of_server(kSyn | kAck, 0, 1));
    passes_from_client(of_client(kAck, 1, 1));
    close();
    EXPECT_EQ(record().reason, Reason::Closed);
}

TEST_F(TranslatedTcp, StoppingTheGateTellsBothEnds) {
    open();
    while (!gate.path().shut_down(gate.generation(), gate.now())) {}
    gate.advance(seconds(1));
    Octets inside_reset = to_client(), outside_reset = to_server();
    EXPECT_TRUE(tcp_of(inside_reset).has(kRst));
    EXPECT_TRUE(tcp_of(outside_reset).has(kRst));
    EXPECT_EQ(record().reason, Reason::Shutdown);
}

}  // namespace
}  // namespace sallyport::test

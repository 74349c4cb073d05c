// SPDX-License-Identifier: Apache-2.0
// Flows of layer-4 rules over IPv6, on the wire.
#include "tests/support/twins.h"
#include "tests/unit/nat/flows.h"

namespace sallyport::test {
namespace {

using std::chrono::minutes;

GateOptions ipv6_options() {
    GateOptions options = flow_options();
    options.model.policy.rules.back().networks = {twin(prefix("198.51.100.0/24"))};
    return options;
}

class TranslatedIpv6 : public FlowTest {
   protected:
    explicit TranslatedIpv6(const GateOptions& options = ipv6_options()) : FlowTest(options) {}

    static wire::PacketView parsed(Octets& frame) {
        wire::PacketView view;
        EXPECT_EQ(wire::parse(frame, view), wire::ParseError::None);
        EXPECT_TRUE(view.is_v6());
        return view;
    }
    const IpAddr client = twin(v4("10.10.0.5")), server = twin(v4("198.51.100.80"));
    const IpAddr egress = twin(v4("203.0.113.7"));
};

TEST_F(TranslatedIpv6, DatagramsLeaveAsThePublicAddressAndComeBack) {
    from_client(udp_frame_of(inside(client, server), 40000, 5000, {1, 2, 3}));
    Octets out = to_server();
    const wire::PacketView sent = parsed(out);
    EXPECT_EQ(sent.source(), egress);
    EXPECT_EQ(sent.destination(), server);
    EXPECT_EQ(sent.hop_limit(), 63);
    EXPECT_TRUE(sent.transport_checksum_ok());
    const std::uint16_t port = udp_of(out).src_port.host();
    EXPECT_GE(port, 1024);

    from_server(udp_frame_of(outside(server, egress), 5000, port, {4, 5}));
    Octets back = to_client();
    const FourTuple to_client_tuple{server, client, {5000}, {40000}};
    EXPECT_EQ(parsed(back).four_tuple(), to_client_tuple);
    EXPECT_TRUE(parsed(back).transport_checksum_ok());

    gate.advance(minutes(6));
    const dp::AccessRecord r = record();
    EXPECT_EQ(r.client, (FourTuple{client, server, {40000}, {5000}}));
    EXPECT_EQ(r.server, (FourTuple{egress, server, {port}, {5000}}));
    EXPECT_EQ(r.bytes_received, 3U);
    EXPECT_EQ(r.bytes_sent, 2U);
}

TEST_F(TranslatedIpv6, EchoGoesThereAndComesBack) {
    from_client(echo_frame(inside(client, server), wire::kIcmpv6EchoRequest, 0x5a11, {1, 2, 3}));
    Octets out = to_server();
    EXPECT_EQ(parsed(out).source(), egress);
    EXPECT_EQ(icmp_of(out).type, wire::kIcmpv6EchoRequest);
    from_server(echo_frame(outside(server, egress), wire::kIcmpv6EchoReply, icmp_of(out).echo_id(),
                           {1, 2, 3}));
    Octets back = to_client();
    EXPECT_EQ(parsed(back).destination(), client);
    EXPECT_EQ(icmp_of(back).echo_id(), 0x5a11);
}

TEST_F(TranslatedIpv6, NumbersOfIcmpMeanAnotherThingThanInIpv4) {
    for (const std::uint8_t type : {wire::kIcmpEchoRequest, wire::kIcmpv6EchoReply, std::uint8_t{200}})
        from_client(echo_frame(inside(client, server), type, 1));
    expect_silence();
    EXPECT_EQ(count("icmp_denied"), 3U);
}

TEST_F(TranslatedIpv6, TcpIsFollowedToItsEnd) {
    TcpFields syn{.addresses = inside(client, server), .dst_port = 22, .flags = wire::kSyn};
    from_client(tcp_frame(syn));
    Octets out = to_server();
    const std::uint16_t port = tcp_of(out).src_port.host();
    from_server(tcp_frame({.addresses = outside(server, egress),
                           .src_port = 22,
                           .dst_port = port,
                           .seq = 9000,
                           .ack = syn.seq + 1,
                           .flags = wire::kSyn | wire::kAck}));
    Octets back = to_client();
    EXPECT_EQ(parsed(back).destination(), client);
    from_client(tcp_frame({.addresses = inside(client, server),
                           .dst_port = 22,
                           .seq = syn.seq + 1,
                           .ack = 9001,
                           .flags = wire::kRst | wire::kAck}));
    out = to_server();
    EXPECT_TRUE(parsed(out).transport_checksum_ok());
    EXPECT_EQ(record().reason, dp::Reason::ClientReset);
}

TEST_F(TranslatedIpv6, EndsWithItsHopLimit) {
    Octets frame = udp_frame_of(inside(client, server), 40000, 5000, {1});
    set_hop_limit(frame, 1);
    from_client(frame);
    EXPECT_TRUE(gate.out(dp::kOutsidePort).empty());
    gate.out(dp::kInsidePort).clear();
    EXPECT_EQ(count("ttl_expired"), 1U);
}

// The gate has a public address of the other family only, so that nothing of the client's can leave.
class NoWayOut : public FlowTest, public ::testing::WithParamInterface<Family> {
   protected:
    NoWayOut() : FlowTest(options()) {}

    static IpAddr own(const IpAddr& v4) { return GetParam() == Family::V4 ? v4 : twin(v4); }
    static GateOptions options() {
        GateOptions options = flow_options();
        const IpAddr v4_address = v4("203.0.113.7");
        options.model.egress[0].addresses = {GetParam() == Family::V4 ? twin(v4_address) : v4_address};
        options.model.policy.default_answer = cfg::Answer::Drop;
        options.model.policy.rules.back().networks = {prefix("198.51.100.0/24"),
                                                      twin(prefix("198.51.100.0/24"))};
        return options;
    }
    static bool is_v6() { return GetParam() == Family::V6; }
    Octets datagram() const {
        return udp_frame_of(inside(own(client), own(server)), 40000, 5000, {1});
    }
    // The one frame that left says that there is no route, and quotes `cause`.
    void expect_no_route(const Octets& cause) {
        Octets error = to_client();
        wire::PacketView view;
        ASSERT_EQ(wire::parse(error, view), wire::ParseError::None);
        EXPECT_TRUE(view.transport_checksum_ok());
        EXPECT_EQ(view.source(), own(v4("10.10.0.1")));
        EXPECT_EQ(view.destination(), own(client));
        EXPECT_EQ(view.icmp().type, is_v6() ? wire::kIcmpv6Unreachable : wire::kIcmpUnreachable);
        EXPECT_EQ(view.icmp().code, 0);
        const auto quote = view.payload();
        ASSERT_GE(cause.size() - 14, quote.size());
        EXPECT_TRUE(std::equal(quote.begin(), quote.end(), cause.begin() + 14));
        EXPECT_TRUE(gate.out(dp::kOutsidePort).empty());
        EXPECT_EQ(record().reason, dp::Reason::NoRoute);
    }
};

TEST_P(NoWayOut, IsToldToWhoSendsDatagrams) {
    from_client(datagram());
    expect_no_route(datagram());
}

TEST_P(NoWayOut, IsToldToWhoPings) {
    const std::uint8_t type = is_v6() ? wire::kIcmpv6EchoRequest : wire::kIcmpEchoRequest;
    const Octets request = echo_frame(inside(own(client), own(server)), type, 0x5a11);
    from_client(request);
    expect_no_route(request);
}

TEST_P(NoWayOut, RefusesTcpWhateverThePolicyAnswers) {
    from_client(tcp_frame({.addresses = inside(own(client), own(server)), .dst_port = 22, .flags = wire::kSyn}));
    Octets reset = to_client();
    EXPECT_EQ(tcp_of(reset).flags, wire::kRst | wire::kAck);
    EXPECT_EQ(record().reason, dp::Reason::NoRoute);
}

TEST_P(NoWayOut, IsToldAThousandTimesASecondAtMost) {
    const std::uint64_t before = count("rate_limited");
    for (int i = 0; i < 1200; ++i) from_client(datagram());
    EXPECT_EQ(leave(dp::kInsidePort).size(), 1000U);
    EXPECT_EQ(count("icmp_errors_sent"), 1000U);
    EXPECT_EQ(count("rate_limited") - before, 200U + 1100U) << "errors, and lines of the log";
    EXPECT_EQ(count("no_route"), 1200U);
    gate.records().clear();
}

TEST_P(NoWayOut, IsNoAnswerToWhatThePolicyDenies) {
    from_client(udp_frame_of(inside(own(client), own(server)), 40000, 4999, {1}));
    expect_silence();
    EXPECT_EQ(record().reason, dp::Reason::UdpDenied);
}

INSTANTIATE_TEST_SUITE_P(Families, NoWayOut, ::testing::Values(Family::V4, Family::V6));

}  // namespace
}  // namespace sallyport::test

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

TEST_F(TranslatedIpv6, AFamilyWithoutAPublicAddressHasNoWayOut) {
    cfg::Model model = ipv6_options().model;
    model.egress[0].addresses = {v4("203.0.113.7")};
    gate.reconfigure(model);
    from_client(udp_frame_of(inside(client, server), 40000, 5000, {1}));
    expect_silence();
    EXPECT_EQ(record().reason, dp::Reason::NoRoute);
}

}  // namespace
}  // namespace sallyport::test

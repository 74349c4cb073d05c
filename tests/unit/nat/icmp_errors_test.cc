// SPDX-License-Identifier: Apache-2.0
// ICMP errors about translated flows, both ways (RFC 5508 section 4, RFC 5927).
#include "dataplane/icmp_quote.h"
#include "tests/unit/nat/flows.h"

namespace sallyport::test {
namespace {

using dp::Reason;

constexpr std::uint16_t kPort = 5000;

// An error about `frame`, of which it quotes so many octets behind the IP header.
Octets error_about(const Octets& frame, const Addresses& a, std::uint8_t type, std::uint8_t code,
                   std::size_t quoted = 8, std::uint32_t rest = 0) {
    const auto end = std::min(frame.size(), 34 + quoted);
    Octets error = icmp_frame(a, type, code, Octets(frame.begin() + 14, frame.begin() + static_cast<long>(end)));
    icmp_of(error).rest.set(rest);
    set_transport_checksum(error);
    return error;
}

// The packet that an error quotes, as a frame of its own.
Octets quoted_frame(const Octets& error) {
    Octets out(14);
    out.insert(out.end(), error.begin() + 42, error.end());
    return out;
}

class IcmpErrors : public FlowTest {
   protected:
    // What the client sends, and what of it leaves.
    Octets udp_sent() { return udp_frame_of(inside(client, server), 40000, kPort, Octets(100, 7)); }
    Octets send(const Octets& frame) {
        from_client(frame);
        return to_server();
    }
    Octets syn() {
        TcpFields t{.addresses = inside(client, server), .src_port = 40000, .dst_port = 22,
                    .seq = 5000, .ack = 0, .flags = wire::kSyn};
        return tcp_frame(t);
    }
    // The error quotes exactly what its receiver had sent, so far as it quotes it, but for the TTL.
    static void expect_original(const Octets& error, Octets original, std::size_t quoted) {
        Octets inner = quoted_frame(error);
        ASSERT_EQ(inner.size(), std::min(original.size(), 34 + quoted));
        EXPECT_EQ(ipv4_of(inner).ttl + 1, ipv4_of(original).ttl);
        original = with_ttl(std::move(original), ipv4_of(inner).ttl);
        for (std::size_t i = 14; i < inner.size(); ++i)
            ASSERT_EQ(inner[i], original[i]) << "octet " << i;
    }
    const Ipv4Addr router = v4("192.0.2.1"), inner_router = v4("10.10.0.254");
};

TEST_F(IcmpErrors, OfEveryKindReachTheClientAsAboutItsOwnPacket) {
    const Octets sent = udp_sent();
    const Octets out = send(sent);
    struct Kind {
        std::uint8_t type, code;
        std::uint32_t rest;
    };
    for (const Kind k : {Kind{3, 0, 0}, Kind{3, 1, 0}, Kind{3, 3, 0}, Kind{3, 4, 1280}, Kind{3, 13, 0},
                         Kind{11, 0, 0}, Kind{11, 1, 0}, Kind{12, 0, 0x14000000}})
        for (const std::size_t quoted : {8U, 50U, 108U}) {
            from_server(error_about(out, outside(router, egress), k.type, k.code, quoted, k.rest));
            Octets error = to_client();
            EXPECT_EQ(ipv4_of(error).src, router);
            EXPECT_EQ(ipv4_of(error).dst, client);
            EXPECT_EQ(ipv4_of(error).ttl, 63);
            EXPECT_EQ(icmp_of(error).type, k.type);
            EXPECT_EQ(icmp_of(error).code, k.code);
            EXPECT_EQ(icmp_of(error).rest.host(), k.rest);
            EXPECT_EQ(transport_sum(error), 0);
            expect_original(error, sent, quoted);
        }
    EXPECT_EQ(count("icmp_errors_passed"), 24U);
}

TEST_F(IcmpErrors, AboutEcho) {
    const Octets sent = echo_frame(inside(client, server), wire::kIcmpEchoRequest, 77);
    const Octets out = send(sent);
    from_server(error_about(out, outside(router, egress), wire::kIcmpTimeExceeded, 0, 64));
    expect_original(to_client(), sent, 64);
}

TEST_F(IcmpErrors, AboutTcpWithAndWithoutItsChecksum) {
    const Octets sent = syn();
    const Octets out = send(sent);
    for (const std::size_t quoted : {8U, 16U, 18U, 20U}) {
        from_server(error_about(out, outside(router, egress), 3, 1, quoted));
        expect_original(to_client(), sent, quoted);
    }
    EXPECT_TRUE(gate.records().empty()) << "no error ends a flow (RFC 5382 REQ-10)";
}

TEST_F(IcmpErrors, AUdpChecksumThatWasNotComputedStaysSo) {
    Octets sent = udp_sent();
    udp_of(sent).checksum.set(0);
    const Octets out = send(sent);
    from_server(error_about(out, outside(router, egress), 3, 1));
    expect_original(to_client(), sent, 8);
}

TEST_F(IcmpErrors, OfTcpMustQuoteWhatIsInFlight) {
    Octets out = send(syn());
    for (const int off : {-1, 1, 70000}) {
        Octets guessed = out;
        tcp_of(guessed).seq.set(tcp_of(guessed).seq.host() + static_cast<std::uint32_t>(off));
        from_server(error_about(guessed, outside(router, egress), 3, 1));
    }
    expect_silence();
    EXPECT_EQ(count("icmp_not_in_flight"), 3U);
}

TEST_F(IcmpErrors, ThatMatchNothingAreDropped) {
    const Octets out = send(udp_sent());
    const auto try_with = [&](auto&& change) {
        Octets quoted = out;
        change(quoted);
        from_server(error_about(quoted, outside(router, egress), 3, 3));
    };
    try_with([](Octets& f) { udp_of(f).dst_port.set(kPort + 1); });
    try_with([](Octets& f) { udp_of(f).src_port.set(udp_of(f).src_port.host() ^ 1); });
    try_with([](Octets& f) { ipv4_of(f).protocol = wire::kProtocolTcp, wire::set_checksum(ipv4_of(f)); });
    try_with([](Octets& f) { ipv4_of(f).checksum.set(ipv4_of(f).checksum.host() ^ 1); });
    try_with([](Octets& f) { ipv4_of(f).version_ihl = 0x46, wire::set_checksum(ipv4_of(f)); });
    try_with([](Octets& f) { ipv4_of(f).flags_fragment.set(1), wire::set_checksum(ipv4_of(f)); });
    try_with([](Octets& f) { ipv4_of(f).total_length.set(27), wire::set_checksum(ipv4_of(f)); });
    try_with([](Octets& f) { f.resize(34 + 7); });
    expect_silence();
    EXPECT_EQ(count("icmp_unmatched") + count("no_session"), 8U);
    from_server(error_about(out, outside(router, v4("203.0.113.2")), 3, 3));
    expect_silence();
}

TEST_F(IcmpErrors, RedirectAndSourceQuenchAreNeverPassed) {
    const Octets out = send(udp_sent());
    from_server(error_about(out, outside(router, egress), 5, 1));
    from_server(error_about(out, outside(router, egress), 4, 0));
    expect_silence();
    EXPECT_EQ(count("icmp_denied"), 2U);
}

TEST_F(IcmpErrors, NobodyOutsideSpeaksAsAnAddressInside) {
    const Octets out = send(udp_sent());
    from_server(error_about(out, outside(v4("10.10.0.9"), egress), 3, 3));
    from_server(error_about(out, outside(v4("203.0.113.2"), egress), 3, 3));
    expect_silence();
    EXPECT_EQ(count("spoofed_source"), 2U);
}

TEST_F(IcmpErrors, AboutAnAnswerLeaveAsThePublicAddress) {
    const Octets out = send(udp_sent());
    Octets head = out;
    const Octets answer = udp_frame_of(outside(server, egress), kPort, udp_of(head).src_port.host(), Octets(40, 9));
    from_server(answer);
    const Octets delivered = to_client();
    for (const Ipv4Addr from : {client, inner_router}) {
        from_client(error_about(delivered, inside(from, server), 3, 3, 48));
        Octets error = to_server();
        EXPECT_EQ(ipv4_of(error).src, egress);
        EXPECT_EQ(ipv4_of(error).dst, server);
        EXPECT_EQ(transport_sum(error), 0);
        expect_original(error, answer, 8);
    }
}

// Otherwise an error would carry whatever its sender writes into it.
TEST_F(IcmpErrors, NothingButTheQuotedHeadersLeaves) {
    send(udp_sent());
    Octets made_up = udp_frame_of({server, client, kRouterMac, kOutsideGateMac}, kPort, 40000, Octets(900, 'x'));
    from_client(error_about(made_up, inside(client, server), 3, 3, 900));
    Octets error = to_server();
    EXPECT_EQ(error.size(), 14U + 20 + 8 + 28);
}

TEST_F(IcmpErrors, FromInsideAboutWhatNobodySentAreDropped) {
    Octets out = send(udp_sent());
    // About the answer as it looks outside: an attempt to have an error delivered inside.
    Octets other_side = udp_frame_of({egress, server, kRouterMac, kOutsideGateMac},
                                     udp_of(out).src_port.host(), kPort, {});
    from_client(error_about(other_side, inside(client, egress), 3, 3));
    Octets elsewhere = udp_frame_of({server, other_client, kRouterMac, kOutsideGateMac}, kPort, 40000, {});
    from_client(error_about(elsewhere, inside(other_client, server), 3, 3));
    Octets wrong_target = udp_frame_of({server, client, kRouterMac, kOutsideGateMac}, kPort, 40000, {});
    from_client(error_about(wrong_target, inside(client, other_server), 3, 3));
    expect_silence();
    EXPECT_EQ(count("icmp_unmatched"), 3U);
}

TEST_F(IcmpErrors, AboutNoSessionMatchNothing) {
    TcpFields t{.addresses = outside(egress, server), .src_port = 30000, .dst_port = 443, .flags = wire::kSyn};
    from_server(error_about(tcp_frame(t), outside(router, egress), 3, 1));
    expect_silence();
    EXPECT_EQ(count("icmp_unmatched"), 1U);
}

// RFC 1812 section 4.3.2.8.
TEST_F(IcmpErrors, OfTheGateAreLimited) {
    const Octets expired = with_ttl(udp_sent(), 1);
    std::ignore = send(udp_sent());
    for (int i = 0; i < 1500; ++i) from_client(expired);
    EXPECT_EQ(gate.out(dp::kInsidePort).size(), 1000U);
    EXPECT_EQ(count("icmp_errors_sent"), 1000U);
    EXPECT_EQ(count("rate_limited"), 500U);
    gate.out(dp::kInsidePort).clear();
    gate.advance(std::chrono::seconds(1));
    from_client(expired);
    EXPECT_EQ(icmp_of(gate.out(dp::kInsidePort).at(0).frame).type, wire::kIcmpTimeExceeded);
    gate.out(dp::kInsidePort).clear();
}

TEST(ReadQuote, ReadsPortsAndIdentifiers) {
    const auto quote_of = [](const Octets& frame) {
        Octets error = error_about(frame, {}, 3, 1);
        wire::PacketView view;
        EXPECT_EQ(wire::parse(error, view), wire::ParseError::None);
        return dp::read_quote(view);
    };
    const auto udp = quote_of(udp_frame_of({}, 1, 2, {}));
    ASSERT_TRUE(udp);
    EXPECT_EQ(udp->key, (FourTuple{v4("10.10.0.5"), v4("203.0.113.80"), Port{1}, Port{2}}));
    const auto asked = quote_of(echo_frame({}, wire::kIcmpEchoRequest, 9));
    ASSERT_TRUE(asked);
    EXPECT_EQ(asked->key.src_port.number, 9);
    EXPECT_EQ(asked->key.dst_port.number, 0);
    const auto answered = quote_of(echo_frame({}, wire::kIcmpEchoReply, 9));
    ASSERT_TRUE(answered);
    EXPECT_EQ(answered->key.dst_port.number, 9);
    EXPECT_FALSE(quote_of(icmp_frame({}, 3, 1, Octets(28)))) << "no error about an error";
}

}  // namespace
}  // namespace sallyport::test

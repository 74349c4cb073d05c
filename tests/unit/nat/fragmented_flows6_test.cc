// SPDX-License-Identifier: Apache-2.0
// Fragments of IPv6 through the gate (RFC 8200 section 4.5, RFC 5722, RFC 6946, RFC 7112), and what is too
// large.
#include <algorithm>

#include "dataplane/icmp_quote.h"
#include "tests/support/twins.h"
#include "tests/unit/nat/fragments.h"

namespace sallyport::test {
namespace {

constexpr std::uint16_t kPort = 5000;

GateOptions options6() {
    GateOptions options = flow_options();
    options.model.policy.rules.back().networks.push_back(twin(prefix("198.51.100.0/24")));
    return options;
}

class FragmentedFlows6 : public FlowTest {
   protected:
    explicit FragmentedFlows6(const GateOptions& options = options6()) : FlowTest(options) {}
    const IpAddr client6 = twin(IpAddr{client}), server6 = twin(IpAddr{server}), egress6 = twin(IpAddr{egress});

    Octets datagram(std::size_t octets = 3000, std::uint16_t src_port = 40000) {
        return udp_frame_of(inside(client6, server6), src_port, kPort, numbered(octets));
    }
    void resolve_next_hop() {
        from_client(datagram(1));
        std::ignore = to_server();
    }
    static wire::PacketView view_of(Octets& frame) {
        wire::PacketView view;
        EXPECT_EQ(wire::parse(frame, view), wire::ParseError::None);
        return view;
    }
    // The datagram that `frames` are the fragments of, in order; and their identification.
    static Octets whole(std::vector<Octets> frames, std::uint32_t& id) {
        Octets out(frames[0].begin(), frames[0].begin() + 54);
        id = view_of(frames[0]).datagram_id();
        for (Octets& f : frames) {
            const wire::PacketView view = view_of(f);
            EXPECT_EQ(view.kind(), wire::PacketKind::Fragment);
            EXPECT_EQ(view.datagram_id(), id);
            EXPECT_EQ(view.fragment_offset(), out.size() - 54);
            out.insert(out.end(), view.payload().begin(), view.payload().end());
        }
        EXPECT_FALSE(view_of(frames.back()).more_fragments());
        ipv6_of(out).next_header = wire::kProtocolUdp;
        set_ip_length(out);
        return out;
    }
};

TEST_F(FragmentedFlows6, GoOutOnceAllHaveComeUnderAnIdentificationOfTheirOwn) {
    resolve_next_hop();
    const Octets sent = datagram();
    std::uint32_t ids[2] = {};
    for (std::uint32_t& id : ids) {
        const auto pieces = pieces_of(sent, 1400, 0x1234'5678);
        ASSERT_EQ(pieces.size(), 3U);
        from_client(pieces[2]);
        from_client(pieces[0]);
        expect_silence();
        from_client(pieces[1]);
        const auto frames = leave(dp::kOutsidePort);
        ASSERT_EQ(frames.size(), 3U);
        Octets out = whole(frames, id);
        EXPECT_EQ(transport_sum(out), 0) << "the checksum covers all fragments";
        EXPECT_TRUE(std::equal(out.begin() + 62, out.end(), sent.begin() + 62, sent.end()));
        EXPECT_EQ(IpAddr{ipv6_of(out).src}, egress6);
        EXPECT_EQ(ipv6_of(out).hop_limit, 63);
    }
    EXPECT_NE(ids[0], 0x1234'5678U);
    EXPECT_NE(ids[0], ids[1]);
}

TEST_F(FragmentedFlows6, OverlapDropsThemAll) {  // RFC 5722
    auto pieces = pieces_of(datagram(), 1400);
    Octets other = pieces[1];
    other.back() ^= 1;
    for (const Octets& f : {pieces[0], pieces[1], other, pieces[2]}) from_client(f);
    expect_silence();
    EXPECT_EQ(count("fragment_overlap"), 3U);
}

TEST_F(FragmentedFlows6, AnAtomicOneIsADatagramOfItsOwn) {  // RFC 6946
    resolve_next_hop();
    const auto pieces = pieces_of(datagram(), 1400, 9);
    from_client(pieces[0]);
    const Octets small = datagram(100);
    from_client(piece_of(small, 0, 4000, 9));
    Octets out = to_server();
    EXPECT_EQ(view_of(out).kind(), wire::PacketKind::Udp) << "without a fragment header";
    EXPECT_EQ(transport_sum(out), 0);
    from_client(pieces[1]);
    from_client(pieces[2]);
    EXPECT_EQ(leave(dp::kOutsidePort).size(), 3U) << "the other datagram is unharmed";
}

TEST_F(FragmentedFlows6, TheIdentificationHas32Bits) {
    resolve_next_hop();
    const auto one = pieces_of(datagram(3000, 40000), 1400, 0x0001'0007);
    const auto two = pieces_of(datagram(3000, 40001), 1400, 0x0002'0007);
    for (std::size_t i = 0; i < one.size(); ++i) {
        from_client(one[i]);
        from_client(two[i]);
    }
    EXPECT_EQ(leave(dp::kOutsidePort).size(), 6U);
    EXPECT_EQ(count("fragment_overlap"), 0U);
}

TEST_F(FragmentedFlows6, AFirstOneHoldsTheWholeTcpHeader) {  // RFC 7112
    TcpFields t{.addresses = inside(client6, server6), .dst_port = 22, .flags = wire::kSyn};
    t.options.mss = 1440;
    t.payload = numbered(64);
    from_client(piece_of(tcp_frame(t), 0, 16));
    EXPECT_EQ(count("fragment_tiny"), 1U);
    for (const Octets& p : pieces_of(tcp_frame(t), 32, 8)) from_client(p);
    Octets out = to_server();
    EXPECT_EQ(view_of(out).kind(), wire::PacketKind::Tcp);
    EXPECT_EQ(transport_sum(out), 0);
}

TEST_F(FragmentedFlows6, ComeBackAsWell) {
    from_client(datagram(1));
    Octets asked = to_server();
    const Octets answer = udp_frame_of(outside(server6, egress6), kPort, udp_of(asked).src_port.host(), numbered(2500));
    for (const Octets& p : pieces_of(answer, 1400)) from_server(p);
    std::uint32_t id = 0;
    Octets out = whole(leave(dp::kInsidePort), id);
    EXPECT_EQ(transport_sum(out), 0);
    EXPECT_EQ(IpAddr{ipv6_of(out).dst}, client6);
}

class SmallMtu6 : public FragmentedFlows6 {
   protected:
    static GateOptions small() {
        GateOptions options = options6();
        options.model.outside[0].mtu = 1300;
        return options;
    }
    SmallMtu6() : FragmentedFlows6(small()) {}
    void expect_too_big(const Octets& sent) {
        Octets error = to_client();
        const wire::PacketView view = view_of(error);
        ASSERT_EQ(view.kind(), wire::PacketKind::Icmp);
        EXPECT_EQ(view.icmp().type, wire::kIcmpv6PacketTooBig);
        EXPECT_EQ(view.icmp().rest.host(), 1300U);
        EXPECT_EQ(view.source(), twin(address("10.10.0.1")));
        EXPECT_EQ(view.destination(), client6);
        EXPECT_LE(view.ip_length(), 1280);
        EXPECT_TRUE(std::equal(view.payload().begin(), view.payload().end(), sent.begin() + 14));
        EXPECT_TRUE(gate.out(dp::kOutsidePort).empty()) << "a router never cuts IPv6";
    }
};

TEST_F(SmallMtu6, IsReportedToTheSender) {
    const Octets sent = datagram(1300);
    from_client(sent);
    expect_too_big(sent);
    EXPECT_EQ(count("exceeds_mtu"), 1U);
}

TEST_F(SmallMtu6, OfOneFragmentIsReportedForAll) {
    const auto pieces = pieces_of(datagram(), 1400);
    for (const Octets& p : pieces) from_client(p);
    expect_too_big(pieces[0]);
    EXPECT_EQ(count("exceeds_mtu"), 3U);
}

TEST_F(FragmentedFlows6, ErrorsReachTheClientAsAboutItsOwnPacket) {
    const Octets sent = datagram(100);
    from_client(sent);
    Octets out = to_server();
    const Addresses way = outside(twin(address("192.0.2.1")), egress6);
    for (std::uint8_t type = 1; type <= 4; ++type) {
        Octets error = icmp_frame(way, type, 0, Octets(out.begin() + 14, out.end()));
        icmp_of(error).rest.set(1280);
        set_transport_checksum(error);
        from_server(error);
        Octets heard = to_client();
        const wire::PacketView view = view_of(heard);
        EXPECT_TRUE(view.transport_checksum_ok());
        EXPECT_EQ(view.icmp().type, type);
        EXPECT_EQ(view.destination(), client6);
        Octets inner(14);
        inner.insert(inner.end(), view.payload().begin(), view.payload().end());
        Octets original = sent;
        ethernet_of(inner) = ethernet_of(original);
        ipv6_of(original).hop_limit = 63;
        EXPECT_EQ(inner, original) << "type " << int{type};
    }
    EXPECT_EQ(count("icmp_errors_passed"), 4U);
}

TEST_F(FragmentedFlows6, ErrorsMayQuoteAFragment) {
    resolve_next_hop();
    for (const Octets& p : pieces_of(datagram(), 1400)) from_client(p);
    const auto frames = leave(dp::kOutsidePort);
    const Addresses way = outside(twin(address("192.0.2.1")), egress6);
    from_server(icmp_frame(way, wire::kIcmpv6PacketTooBig, 0, Octets(frames[1].begin() + 14, frames[1].begin() + 200)));
    expect_silence();
    EXPECT_EQ(count("icmp_unmatched"), 1U) << "only the first tells whose it is";
    Octets error = icmp_frame(way, wire::kIcmpv6PacketTooBig, 0, Octets(frames[0].begin() + 14, frames[0].begin() + 200));
    icmp_of(error).rest.set(1280);
    set_transport_checksum(error);
    from_server(error);
    Octets heard = to_client();
    const auto quote = dp::read_quote(view_of(heard));
    ASSERT_TRUE(quote);
    EXPECT_EQ(quote->key, (FourTuple{client6, server6, Port{40000}, Port{kPort}}));
}

}  // namespace
}  // namespace sallyport::test

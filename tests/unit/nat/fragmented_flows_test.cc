// SPDX-License-Identifier: Apache-2.0
// Fragments through the gate: gathered, decided on once, and sent on as they came.
#include <algorithm>

#include "dataplane/fragments.h"
#include "tcpstack/base/rng.h"
#include "tests/unit/nat/fragments.h"

namespace sallyport::test {
namespace {

using std::chrono::seconds;

constexpr std::uint16_t kPort = 5000;

class FragmentedFlows : public FlowTest {
   protected:
    using FlowTest::FlowTest;
    Octets datagram(std::size_t octets = 3000, std::uint16_t src_port = 40000) {
        return with_id(udp_frame_of(inside(client, server), src_port, kPort, numbered(octets)), 99);
    }
    // While the next hop is being resolved only a few frames wait for it.
    void resolve_next_hop() {
        from_client(datagram(1));
        std::ignore = to_server();
    }
    // All that left by the port is one datagram with the payload of `sent`.
    void expect_whole(dp::PortIndex port, std::size_t pieces, const Octets& sent) {
        const auto frames = leave(port);
        ASSERT_EQ(frames.size(), pieces);
        Octets out = whole_of(frames);
        EXPECT_EQ(transport_sum(out), 0) << "the transport checksum covers all fragments";
        EXPECT_TRUE(std::equal(out.begin() + 42, out.end(), sent.begin() + 42, sent.end()));
    }
    static constexpr dp::PortIndex kOut = dp::kOutsidePort, kIn = dp::kInsidePort;
};

TEST_F(FragmentedFlows, GoOutOnceAllHaveCome) {
    const Octets sent = datagram();
    const auto pieces = pieces_of(sent, 1480);
    ASSERT_EQ(pieces.size(), 3U);
    from_client(pieces[0]);
    from_client(pieces[1]);
    expect_silence();
    gate.advance(seconds(1));
    EXPECT_EQ(count("fragments_in_use"), 2U);
    from_client(pieces[2]);
    expect_whole(kOut, 3, sent);
    gate.advance(seconds(1));
    EXPECT_EQ(count("fragments_in_use"), 0U);
    EXPECT_EQ(count("datagrams_gathered"), 1U);
    EXPECT_EQ(count("flows_opened"), 1U);
}

TEST_F(FragmentedFlows, InAnyOrder) {
    resolve_next_hop();
    const Octets sent = datagram(4000);
    auto pieces = pieces_of(sent, 1000);
    std::vector<std::size_t> order{0, 1, 2, 3, 4};
    ASSERT_EQ(pieces.size(), order.size());
    do {
        for (const std::size_t i : order) from_client(pieces[i]);
        expect_whole(kOut, 5, sent);
    } while (std::next_permutation(order.begin(), order.end()));
}

TEST_F(FragmentedFlows, EightOctetsEach) {  // F01
    resolve_next_hop();
    const Octets sent = datagram(400);
    for (const Octets& p : pieces_of(sent, 8)) from_client(p);
    expect_whole(kOut, 51, sent);
}

TEST_F(FragmentedFlows, CopiesDoNoHarm) {
    const Octets sent = datagram();
    const auto pieces = pieces_of(sent, 1480);
    for (const std::size_t i : {0U, 0U, 1U, 1U, 0U, 2U}) from_client(pieces[i]);
    expect_whole(kOut, 3, sent);
}

TEST_F(FragmentedFlows, ComeBackAsWell) {
    Octets sent = datagram(10);
    from_client(sent);
    Octets out = to_server();
    const Octets answer = with_id(
        udp_frame_of(outside(server, egress), kPort, udp_of(out).src_port.host(), numbered(2000)), 5);
    for (const Octets& p : pieces_of(answer, 1480)) from_server(p);
    expect_whole(kIn, 2, answer);
    gate.advance(std::chrono::minutes(6));
    const dp::AccessRecord r = record();
    EXPECT_EQ(r.bytes_received, 10U);
    EXPECT_EQ(r.bytes_sent, 2000U) << "of all fragments";
}

TEST_F(FragmentedFlows, AnEchoOfSeveralFragments) {
    const Octets sent = with_id(echo_frame(inside(client, server), wire::kIcmpEchoRequest, 7, numbered(3000)), 4);
    for (const Octets& p : pieces_of(sent, 1480)) from_client(p);
    expect_whole(kOut, 3, sent);
    auto broken = pieces_of(sent, 1480);
    broken[2][40] ^= 1;
    for (const Octets& p : broken) from_client(p);
    expect_silence();
    EXPECT_EQ(count("icmp_malformed"), 3U);
}

TEST_F(FragmentedFlows, ANewIdForEachDatagramAndOneForItsFragments) {  // RFC 6864
    std::vector<std::uint16_t> ids;
    for (const Ipv4Addr from : {client, other_client, client}) {
        const Octets sent = with_id(udp_frame_of(inside(from, server), 40000, kPort, numbered(2000)), 99);
        for (const Octets& p : pieces_of(sent, 1480)) from_client(p);
        auto frames = leave(kOut);
        ASSERT_EQ(frames.size(), 2U);
        EXPECT_EQ(ipv4_of(frames[0]).id.host(), ipv4_of(frames[1]).id.host());
        ids.push_back(ipv4_of(frames[0]).id.host());
    }
    std::sort(ids.begin(), ids.end());
    EXPECT_EQ(std::unique(ids.begin(), ids.end()), ids.end());
}

TEST_F(FragmentedFlows, OverlapSpoilsTheDatagram) {  // F04
    const Octets sent = datagram();
    Octets other = sent;
    other[34 + 1500] ^= 1;
    const auto pieces = pieces_of(sent, 1480);
    from_client(pieces[0]);
    from_client(piece_of(other, 1480, 1480));
    from_client(piece_of(sent, 1472, 1480));
    EXPECT_EQ(count("fragment_overlap"), 3U);
    from_client(pieces[2]);
    expect_silence();
    // The same place, other octets.
    for (const std::size_t i : {0U, 1U}) from_client(with_id(pieces[i], 100));
    from_client(with_id(piece_of(other, 1480, 1480), 100));
    EXPECT_EQ(count("fragment_overlap"), 6U);
    from_client(with_id(pieces[2], 100));
    expect_silence();
}

TEST_F(FragmentedFlows, OneEndOnly) {
    const Octets sent = datagram(), longer = datagram(4000);
    for (std::uint16_t id = 1; id < 4; ++id) {
        const auto last = with_id(piece_of(sent, 2960, 1480), id);
        const auto beyond = with_id(piece_of(longer, 2960 + 48, 1480), id);   // another end
        const auto behind = with_id(piece_of(longer, 3200, 400), id);         // goes on behind the end
        const std::vector<std::vector<Octets>> orders{{last, beyond}, {last, behind}, {behind, last}};
        for (const Octets& p : orders[id - 1U]) from_client(p);
        EXPECT_EQ(count("fragment_overlap"), 2U * id);
    }
    expect_silence();
}

TEST_F(FragmentedFlows, WhatStaysIncompleteIsForgotten) {
    const auto pieces = pieces_of(datagram(), 1480);
    from_client(pieces[0]);
    from_client(pieces[2]);
    gate.advance(seconds(29));
    EXPECT_EQ(count("fragment_timeout"), 0U);
    gate.advance(seconds(2));
    EXPECT_EQ(count("fragment_timeout"), 2U);
    from_client(pieces[1]);
    expect_silence();
}

TEST_F(FragmentedFlows, DifferentDatagramsDoNotMix) {
    const Octets a = datagram(2000), b = with_id(datagram(2000), 98);
    const Octets c = udp_frame_of(inside(other_client, server), 1, kPort, numbered(2000));
    const auto of_a = pieces_of(a, 1480), of_b = pieces_of(b, 1480), of_c = pieces_of(with_id(c, 99), 1480);
    from_client(of_a[0]), from_client(of_b[1]), from_client(of_c[0]);
    expect_silence();
    from_client(of_a[1]);
    expect_whole(kOut, 2, a);
    from_client(of_b[0]), from_client(of_c[1]);
    EXPECT_EQ(leave(kOut).size(), 4U);
}

TEST_F(FragmentedFlows, OneSourceDoesNotTakeAllTheRoom) {
    for (std::uint16_t id = 0; id < 600; ++id)
        from_client(with_id(piece_of(datagram(), 0, 1480), id));
    EXPECT_EQ(count("source_share_full"), 600U - 384);
    const Octets sent = with_id(udp_frame_of(inside(other_client, server), 1, kPort, numbered(2000)), 1);
    for (const Octets& p : pieces_of(sent, 1480)) from_client(p);
    expect_whole(kOut, 2, sent);
}

TEST_F(FragmentedFlows, ADatagramHas192AtMost) {
    const auto pieces = pieces_of(datagram(1600), 8);
    ASSERT_GT(pieces.size(), 193U);
    for (std::size_t i = 0; i < 193; ++i) from_client(pieces[i]);
    EXPECT_EQ(count("fragment_table_full"), 193U);
    gate.advance(seconds(1));
    EXPECT_EQ(count("fragments_in_use"), 0U);
}

TEST_F(FragmentedFlows, WhatNoRuleAllowsIsDroppedWhole) {
    const Octets sent = with_id(udp_frame_of(inside(client, server), 40000, 4999, numbered(3000)), 9);
    for (const Octets& p : pieces_of(sent, 1480)) from_client(p);
    expect_silence();
    EXPECT_EQ(count("udp_denied"), 3U);
    const dp::AccessRecord r = record();
    EXPECT_EQ(r.reason, dp::Reason::UdpDenied);
    EXPECT_EQ(r.bytes_received, 3000U);
}

TEST_F(FragmentedFlows, LengthThatIsNotTheDatagramsIsRefused) {
    Octets sent = datagram();
    udp_of(sent).length.set(100);
    for (const Octets& p : pieces_of(sent, 1480)) from_client(p);
    expect_silence();
    EXPECT_EQ(count("udp_malformed"), 3U);
}

// F01, F05, RFC 1858, RFC 3128: however the header is cut, nothing is decided about a part.
TEST_F(FragmentedFlows, OfTcpLeaveInOnePacket) {
    TcpFields t{.addresses = inside(client, server), .dst_port = 22, .flags = wire::kSyn};
    t.options.mss = 1460;
    t.payload = numbered(64);
    for (const Octets& p : pieces_of(tcp_frame(t), 8)) from_client(p);
    Octets syn = to_server();
    EXPECT_EQ(tcp_of(syn).seq.host(), t.seq);
    t.flags = wire::kAck | wire::kPsh;
    t.seq += 65;
    t.payload = numbered(1000);
    for (const Octets& p : pieces_of(tcp_frame(t), 24)) from_client(with_id(p, 3));
    Octets out = to_server();
    EXPECT_EQ(transport_sum(out), 0);
    EXPECT_TRUE(std::equal(t.payload.begin(), t.payload.end(), out.end() - 1000));
    EXPECT_EQ(ipv4_of(out).flags_fragment.host(), 0);
    EXPECT_EQ(count("segments_reassembled"), 2U);
}

TEST_F(FragmentedFlows, OfTcpLargerThanABufferAreTranslatedOrRefused) {
    const auto send = [&](std::uint16_t port, std::uint16_t id, std::size_t first) {
        TcpFields t{.addresses = inside(client, server), .dst_port = port, .seq = 1001};
        t.payload = numbered(2200);
        const Octets frame = with_id(tcp_frame(t), id);
        from_client(piece_of(frame, 0, first));
        for (std::size_t at = first; at < frame.size() - 34; at += 1400) from_client(piece_of(frame, at, 1400));
    };
    from_client(tcp_frame({.addresses = inside(client, server), .dst_port = 22, .flags = wire::kSyn}));
    std::ignore = to_server();
    send(443, 1, 1400);
    expect_silence();
    EXPECT_EQ(count("ip_fragment"), 2U) << "inspected";
    send(22, 2, 8);
    expect_silence();
    EXPECT_EQ(count("fragment_tiny"), 3U);
    send(22, 3, 1400);
    EXPECT_EQ(leave(kOut).size(), 2U);
}

TEST_F(FragmentedFlows, AreDroppedWhereTheConfigurationSaysSo) {
    cfg::Model model = flow_options().model;
    model.fragments = cfg::Fragments::Drop;
    gate.reconfigure(model);
    for (const Octets& p : pieces_of(datagram(), 1480)) from_client(p);
    expect_silence();
    EXPECT_EQ(count("fragment_refused"), 3U);
    gate.advance(seconds(1));
    EXPECT_EQ(count("fragments_in_use"), 0U);
    from_client(datagram(1000));
    EXPECT_EQ(leave(kOut).size(), 1U) << "what is whole passes";
}

// FragmentSmack: thousands of fragments of eight octets that never become a datagram.
TEST_F(FragmentedFlows, AFloodTakesNoMoreThanItsShareOfTheRoom) {
    resolve_next_hop();
    const Octets sent = datagram(1400);
    for (std::uint32_t n = 0; n < 10000; ++n) {
        const auto id = static_cast<std::uint16_t>(1000 + n / 50);
        const auto source = Ipv4Addr::from_host(client.host() + 1 + n % 3);
        Octets piece = with_id(piece_of(sent, 8 * (1 + n % 50), 8), id);
        ipv4_of(piece).src = source;
        wire::set_checksum(ipv4_of(piece));
        from_client(piece);
        if (n % 1000 != 999) continue;
        gate.advance(std::chrono::milliseconds(1));
        ASSERT_LE(count("fragments_in_use"), dp::FragmentStore::kFramesMax * 3 / 4 + 3);
        for (const Octets& p : pieces_of(with_id(sent, static_cast<std::uint16_t>(n)), 64)) from_client(p);
        expect_whole(kOut, 22, sent);
    }
    EXPECT_GE(count("source_share_full"), 9000U);
    expect_silence();
}

TEST_F(FragmentedFlows, ForNoPublicAddressTakeNoRoom) {
    const Octets stray = udp_frame_of(outside(server, v4("203.0.113.99")), 1, 2, numbered(2000));
    for (const Octets& p : pieces_of(stray, 1480)) from_server(p);
    EXPECT_EQ(count("no_session"), 2U);
    gate.advance(seconds(1));
    EXPECT_EQ(count("fragments_in_use"), 0U);
}

TEST_F(FragmentedFlows, OfPingToTheGateAreNotAnswered) {
    const Octets ping = echo_frame(inside(client, v4("10.10.0.1")), wire::kIcmpEchoRequest, 7, numbered(3000));
    for (const Octets& p : pieces_of(ping, 1480)) from_client(p);
    expect_silence();
    EXPECT_EQ(count("ip_fragment"), 3U);
}

class SmallMtu : public FragmentedFlows {
   protected:
    static GateOptions options_of() {
        GateOptions options = flow_options();
        options.model.outside[0].mtu = 1000;
        return options;
    }
    SmallMtu() : FragmentedFlows(options_of()) {}
};

TEST_F(SmallMtu, IsReportedToWhoForbidsFragments) {  // RFC 1191
    from_client(udp_frame_of(inside(client, server), 40000, kPort, numbered(1200)));
    Octets error = to_client();
    EXPECT_EQ(icmp_of(error).type, wire::kIcmpUnreachable);
    EXPECT_EQ(icmp_of(error).code, wire::kIcmpFragmentationNeeded);
    EXPECT_EQ(icmp_of(error).rest.host(), 1000U);
    expect_silence();
    EXPECT_EQ(count("exceeds_mtu"), 1U);
    EXPECT_EQ(count("flows_opened"), 0U);
}

TEST_F(SmallMtu, CutsWhatMayBeCut) {
    const Octets sent = may_fragment(udp_frame_of(inside(client, server), 40000, kPort, numbered(1200)));
    from_client(sent);
    for (const Emitted& e : gate.out(kOut)) EXPECT_LE(e.frame.size(), 14U + 1000);
    expect_whole(kOut, 2, sent);
    EXPECT_EQ(count("datagrams_cut"), 1U);
}

TEST_F(SmallMtu, CutsFragmentsOnceMore) {
    resolve_next_hop();
    const Octets sent = datagram(4000);
    for (const Octets& p : pieces_of(sent, 1480)) from_client(p);
    for (const Emitted& e : gate.out(kOut)) EXPECT_LE(e.frame.size(), 14U + 1000);
    expect_whole(kOut, 6, sent);
}

TEST_F(SmallMtu, WithoutBuffersNothingIsLostButTheDatagram) {
    gate.stock_size = 0;
    gate.advance(std::chrono::milliseconds(5));
    from_client(may_fragment(udp_frame_of(inside(client, server), 40000, kPort, numbered(1200))));
    EXPECT_EQ(count("no_buffer"), 1U);
    EXPECT_EQ(count("exceeds_mtu"), 1U);
    gate.out(kOut).clear();
}

// Random cuts, orders, copies and losses of many datagrams at once: what leaves is whole and right.
TEST_F(FragmentedFlows, SurviveEverythingThatANetworkDoes) {
    resolve_next_hop();
    Rng rng(77);
    for (std::uint16_t round = 0; round < 300; ++round) {
        std::vector<Octets> wire;
        const Octets sent = with_id(datagram(64 + rng.below(3000)), round);
        const bool lossy = rng.below(4) == 0;
        for (const Octets& p : pieces_of(sent, 64 + 8 * rng.below(180))) {
            wire.push_back(p);
            if (rng.below(5) == 0) wire.push_back(p);
        }
        if (wire.size() == 1) continue;
        for (std::size_t i = wire.size(); i > 1; --i)
            std::swap(wire[i - 1], wire[rng.below(static_cast<std::uint32_t>(i))]);
        if (lossy) {
            const Octets lost = wire.back();
            std::erase(wire, lost);
        }
        for (const Octets& p : wire) from_client(p);
        const auto left = leave(kOut);
        if (lossy) {
            EXPECT_TRUE(left.empty());
        } else {
            std::map<std::uint16_t, std::vector<Octets>> by_id;  // if all came twice, so it left twice
            for (Octets f : left) by_id[ipv4_of(f).id.host()].push_back(f);
            EXPECT_GE(by_id.size(), 1U);
            for (const auto& [id, frames] : by_id) {
                Octets out = whole_of(frames);
                EXPECT_EQ(transport_sum(out), 0);
                EXPECT_TRUE(std::equal(out.begin() + 42, out.end(), sent.begin() + 42, sent.end()));
            }
        }
        gate.advance(std::chrono::seconds(2));
    }
}

}  // namespace
}  // namespace sallyport::test

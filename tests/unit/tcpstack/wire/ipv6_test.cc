// SPDX-License-Identifier: Apache-2.0
// IPv6 packets as parse() sees them.
#include "tcpstack/wire/ipv6.h"

#include <gmock/gmock.h>

#include <functional>

#include "tcpstack/base/rng.h"
#include "tcpstack/wire/pretty.h"
#include "tests/support/ipv6_builder.h"

namespace sallyport::wire {
namespace {

using test::Octets;
using test::v6;
using testing::ElementsAre;

const test::Addresses kV6{v6("fd00:10::5"), v6("2001:db8:80::1")};
constexpr std::uint8_t kHopByHop = 0, kDestination = 60, kFragment = 44;

ParseError error_of(Octets frame) {
    PacketView p;
    return parse(frame, p);
}

Octets tcp6(const Octets& payload = {1, 2, 3}) {
    return test::tcp_frame({.addresses = kV6, .payload = payload});
}
Octets with_ip(Octets frame, const std::function<void(Ipv6Header&)>& change) {
    change(test::ipv6_of(frame));
    return frame;
}
Octets from_to(std::string_view src, std::string_view dst) {
    return with_ip(tcp6(), [&](Ipv6Header& ip) {
        ip.src = IpAddr::parse(src)->v6();
        ip.dst = IpAddr::parse(dst)->v6();
    });
}
// Mapped addresses cannot be told from IPv4 ones as IpAddr, so they are put there by octets.
Ipv6Addr mapped() {
    Ipv6Addr a{};
    a.octets = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1};
    return a;
}

TEST(ParseIpv6, ShowsEveryPart) {
    Octets f = tcp6();
    f.resize(f.size() + 9, 0xee);  // padding
    test::ipv6_of(f).hop_limit = 7;
    PacketView p;
    ASSERT_EQ(parse(f, p), ParseError::None);
    EXPECT_TRUE(p.is_v6());
    EXPECT_EQ(p.kind(), PacketKind::Tcp);
    EXPECT_EQ(p.protocol(), kProtocolTcp);
    EXPECT_EQ(p.l4_offset(), 54);
    EXPECT_EQ(p.ip_length(), 63);
    EXPECT_EQ(p.hop_limit(), 7);
    EXPECT_THAT(p.payload(), ElementsAre(1, 2, 3));
    EXPECT_EQ(p.source(), kV6.src);
    EXPECT_EQ(p.destination(), kV6.dst);
    EXPECT_EQ(p.four_tuple(), (FourTuple{kV6.src, kV6.dst, Port{40000}, Port{443}}));
    EXPECT_EQ(p.flow_key6(), (FlowKey6{kV6.src.v6(), kV6.dst.v6(), 40000, 443}));
    EXPECT_EQ(p.datagram_id(), 0U);
    EXPECT_TRUE(p.transport_checksum_ok());
}

TEST(ParseIpv6, RefusesAnImpossibleHeader) {
    using E = ParseError;
    Octets cut = tcp6();
    cut.resize(53);
    EXPECT_EQ(error_of(cut), E::FrameTruncated);
    EXPECT_EQ(error_of(with_ip(tcp6(), [](auto& ip) { ip.version_class_flow.set(4U << 28); })),
              E::IpHeaderMalformed);
    EXPECT_EQ(error_of(with_ip(tcp6(), [](auto& ip) { ip.payload_length.set(24); })),
              E::IpHeaderMalformed)
        << "past the frame";
    EXPECT_EQ(error_of(with_ip(tcp6(), [](auto& ip) { ip.payload_length.set(0); })),
              E::TcpHeaderMalformed);
    for (const int protocol : {1, 4, 41, 47, 50, 51, 59, 132})
        EXPECT_EQ(error_of(with_ip(tcp6(), [&](auto& ip) {
                      ip.next_header = static_cast<std::uint8_t>(protocol);
                  })),
                  E::UnsupportedProtocol)
            << protocol;
    Octets icmpv6_over_ipv4 = test::icmp_frame({}, 8, 0, {});
    test::ipv4_of(icmpv6_over_ipv4).protocol = kProtocolIcmpv6;
    set_checksum(test::ipv4_of(icmpv6_over_ipv4));
    EXPECT_EQ(error_of(icmpv6_over_ipv4), E::UnsupportedProtocol);
}

TEST(ParseIpv6, RefusesAddressesThatNoPacketHas) {
    constexpr auto kInvalid = ParseError::Ipv6AddressInvalid;
    EXPECT_EQ(error_of(from_to("ff02::1", "2001:db8::1")), kInvalid);
    EXPECT_EQ(error_of(from_to("::", "2001:db8::1")), kInvalid);
    EXPECT_EQ(error_of(from_to("::1", "2001:db8::1")), kInvalid);
    EXPECT_EQ(error_of(from_to("2001:db8::1", "::")), kInvalid);
    EXPECT_EQ(error_of(from_to("2001:db8::1", "::1")), kInvalid);
    EXPECT_EQ(error_of(with_ip(tcp6(), [](auto& ip) { ip.src = mapped(); })), kInvalid);
    EXPECT_EQ(error_of(with_ip(tcp6(), [](auto& ip) { ip.dst = mapped(); })), kInvalid);
    EXPECT_EQ(error_of(from_to("fe80::1", "2001:db8::1")), ParseError::None) << "not judged here";
}

TEST(ParseIpv6, UdpMustHaveAChecksum) {
    Octets f = test::udp_frame(kV6, 53, {1, 2, 3});
    PacketView p;
    ASSERT_EQ(parse(f, p), ParseError::None);
    EXPECT_TRUE(p.transport_checksum_ok());
    test::udp_of(f).checksum.set(0);
    EXPECT_EQ(error_of(f), ParseError::UdpMalformed);
}

TEST(ParseIpv6, Icmpv6ChecksumCoversTheAddresses) {
    Octets f = test::icmp_frame(kV6, kIcmpv6EchoRequest, 0, {1, 2, 3});
    PacketView p;
    ASSERT_EQ(parse(f, p), ParseError::None);
    EXPECT_EQ(p.kind(), PacketKind::Icmp);
    EXPECT_TRUE(p.transport_checksum_ok());
    EXPECT_EQ(p.four_tuple(), (FourTuple{kV6.src, kV6.dst, Port{7}, Port{0}}));
    test::icmp_of(f).type = kIcmpv6EchoReply;
    test::set_transport_checksum(f);
    EXPECT_EQ((parse(f, p), p.four_tuple()), (FourTuple{kV6.src, kV6.dst, Port{0}, Port{7}}));
    test::ipv6_of(f).src.octets[15] ^= 1;
    EXPECT_EQ(error_of(f), ParseError::IcmpMalformed);
}

TEST(ParseIpv6, NeighborDiscoveryComesFromThisLink) {
    for (int type = 133; type <= 137; ++type) {
        Octets f = test::icmp_frame(kV6, static_cast<std::uint8_t>(type), 0, Octets(16));
        EXPECT_EQ(error_of(f), ParseError::NeighborDiscoveryMalformed) << "hop limit 64";
        test::ipv6_of(f).hop_limit = 255;
        PacketView p;
        ASSERT_EQ(parse(f, p), ParseError::None);
        EXPECT_EQ(p.kind(), PacketKind::NeighborDiscovery);
        for (const std::uint8_t kind : {kHopByHop, kDestination})
            EXPECT_EQ(error_of(test::with_extensions(f, kind, test::extension(58, Octets(6)))),
                      ParseError::NeighborDiscoveryMalformed);
        EXPECT_EQ(error_of(test::with_extensions(f, kFragment, test::fragment_header(58, 0, false, 1))),
                  ParseError::NeighborDiscoveryMalformed)
            << "RFC 6980";
        test::icmp_of(f).code = 1;
        test::set_transport_checksum(f);
        EXPECT_EQ(error_of(f), ParseError::NeighborDiscoveryMalformed);
    }
    EXPECT_EQ(error_of(test::icmp_frame(kV6, 138, 0, {})), ParseError::None);
}

TEST(ParseIpv6, RefusesWhatExtensionsMaySay) {
    constexpr auto kRefused = ParseError::Ipv6ExtensionHeader;
    const Octets routing0{6, 2, 0, 1, 0, 0, 0, 0, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0,
                          0, 0, 0, 0, 0, 0, 0, 9};
    EXPECT_EQ(error_of(test::with_extensions(tcp6(), 43, routing0)), kRefused);
    Octets jumbo = test::with_extensions(tcp6(), 0, test::extension(6, {0xc2, 4, 0, 1, 0, 0}));
    EXPECT_EQ(error_of(jumbo), kRefused);
    test::ipv6_of(jumbo).payload_length.set(0);
    EXPECT_EQ(error_of(jumbo), kRefused);
}

// Headers that say nothing are taken out, so that nobody behind has to know of them.
TEST(DropExtensionHeaders, LeavesThePacketAsItWasWithoutThem) {
    const Octets plain = tcp6(Octets(30, 0x51));
    Octets f = test::with_extensions(
        plain, kHopByHop,
        test::joined({test::extension(kDestination, {5, 2, 0, 0, 1, 0}),
                      test::extension(kFragment, Octets(6)), test::fragment_header(6, 0, false, 77)}));
    f.resize(f.size() + 5);
    PacketView p;
    ASSERT_EQ(parse(f, p), ParseError::None);
    EXPECT_EQ(p.kind(), PacketKind::Tcp) << "RFC 6946: an atomic fragment is a whole datagram";
    EXPECT_EQ(p.l4_offset(), 54 + 24);
    EXPECT_FALSE(p.more_fragments());
    f.resize(drop_extension_headers(f, p));
    EXPECT_EQ(f, plain);
    EXPECT_EQ(p.l4_offset(), 54);
    EXPECT_EQ(p.payload_length(), 30);
    EXPECT_EQ(p.datagram_id(), 0U);
    EXPECT_TRUE(p.transport_checksum_ok());
}

TEST(DropExtensionHeaders, LeavesTheFragmentHeader) {
    const Octets whole = test::udp_frame(kV6, 53, Octets(32));
    const Octets plain = test::fragment_of(whole, 16, 16, 0x12345678);
    Octets f = test::with_extensions(plain, kDestination, test::extension(kFragment, Octets(6)));
    PacketView p;
    ASSERT_EQ(parse(f, p), ParseError::None);
    f.resize(drop_extension_headers(f, p));
    EXPECT_EQ(f, plain);
    EXPECT_EQ(p.datagram_id(), 0x12345678U);
    EXPECT_EQ(p.fragment_offset(), 16);
    EXPECT_EQ(p.payload_length(), 16);
}

TEST(DropExtensionHeaders, ChangesNothingElse) {
    for (Octets f : {tcp6(), test::tcp_frame({}), test::udp_frame(kV6, 53, {})}) {
        const Octets before = f;
        PacketView p;
        ASSERT_EQ(parse(f, p), ParseError::None);
        EXPECT_EQ(drop_extension_headers(f, p), f.size());
        EXPECT_EQ(f, before);
    }
}

TEST(ParseIpv6, KnowsOfAFragmentWhereItLies) {
    const Octets whole = test::udp_frame(kV6, 53, Octets(16));
    Octets first = test::fragment_of(whole, 0, 16, 5), last = test::fragment_of(whole, 16, 8, 5);
    PacketView p;
    ASSERT_EQ(parse(first, p), ParseError::None);
    EXPECT_EQ(p.kind(), PacketKind::Fragment);
    EXPECT_EQ(p.protocol(), kProtocolUdp);
    EXPECT_EQ(p.fragment_offset(), 0);
    EXPECT_TRUE(p.more_fragments());
    EXPECT_EQ(p.datagram_id(), 5U);
    EXPECT_EQ(p.payload_length(), 16);
    ASSERT_EQ(parse_first_fragment(first, 24, p), ParseError::None);
    EXPECT_EQ(p.kind(), PacketKind::Udp);
    EXPECT_EQ(p.flow_key6().dst_port, 53);
    EXPECT_EQ(p.datagram_payload_length(), 16);
    Sum16 sum = p.transport_sum();
    ASSERT_EQ(parse(last, p), ParseError::None);
    EXPECT_EQ(p.fragment_offset(), 16);
    EXPECT_FALSE(p.more_fragments());
    sum.add_bytes(p.payload());
    EXPECT_EQ(sum.checksum(), 0);
}

TEST(ParseIpv6, RefusesImpossibleFragments) {
    using E = ParseError;
    const Octets whole = test::udp_frame(kV6, 53, Octets(40));
    const auto spoilt = [&](const std::function<void(Ipv6FragmentHeader&)>& change) {
        Octets f = test::fragment_of(whole, 8, 16, 5);
        change(test::header_at<Ipv6FragmentHeader>(f, 54));
        return f;
    };
    EXPECT_EQ(error_of(spoilt([](auto&) {})), E::None);
    EXPECT_EQ(error_of(spoilt([](auto& h) { h.reserved = 1; })), E::IpHeaderMalformed);
    EXPECT_EQ(error_of(spoilt([](auto& h) { h.offset_flags.set(8 | 2); })), E::IpHeaderMalformed);
    EXPECT_EQ(error_of(spoilt([](auto& h) { h.offset_flags.set(0xfff8); })), E::IpHeaderMalformed)
        << "past 64 KiB";
    EXPECT_EQ(error_of(spoilt([](auto& h) { h.next_header = 47; })), E::UnsupportedProtocol);
    EXPECT_EQ(error_of(spoilt([](auto& h) { h.next_header = 60; })), E::Ipv6ExtensionHeader);
    EXPECT_EQ(error_of(test::fragment_of(whole, 8, 12, 5)), E::IpHeaderMalformed) << "cut at no eight";
    EXPECT_EQ(error_of(test::fragment_of(whole, 8, 0, 5)), E::IpHeaderMalformed) << "empty";
}

TEST(ParseIpv6, IsShownAsText) {
    const auto text = [](const Octets& frame) {
        std::array<char, kPrettyMax> out;
        return std::string(pretty(frame, out));
    };
    EXPECT_EQ(text(tcp6()),
              "fd00:10::5.40000 > 2001:db8:80::1.443: Flags [.], seq 1000:1003, ack 2000, win 65535, "
              "length 3");
    EXPECT_EQ(text(test::icmp_frame(kV6, kIcmpv6EchoRequest, 0, {1})),
              "fd00:10::5 > 2001:db8:80::1: ICMPv6 type 128 code 0, length 1");
    EXPECT_EQ(text(test::fragment_of(test::udp_frame(kV6, 53, Octets(16)), 16, 8, 5)),
              "fd00:10::5 > 2001:db8:80::1: fragment of protocol 17, id 5, offset 16, length 8");
}

// Octets from a good frame, some of them changed: no read outside (the sanitizers see it), and
// every view lies inside the frame.
TEST(ParseIpv6, AnyViewLiesInsideItsFrame) {
    Rng rng(29);
    const Octets chain = test::joined({test::extension(kDestination, {5, 2, 0, 0, 1, 0}),
                                       test::extension(kFragment, Octets(6)),
                                       test::fragment_header(6, 0, false, 77)});
    const Octets seeds[] = {tcp6(), test::udp_frame(kV6, 53, Octets(30)),
                            test::with_extensions(tcp6(), kHopByHop, chain),
                            test::fragment_of(test::udp_frame(kV6, 53, Octets(32)), 16, 16, 5)};
    for (int n = 0; n < 50'000; ++n) {
        Octets f = seeds[rng.below(4)];
        for (std::uint32_t k = rng.below(4); k > 0; --k)
            f[rng.below(static_cast<std::uint32_t>(f.size()))] =
                static_cast<std::uint8_t>(rng.next());
        f.resize(rng.below(static_cast<std::uint32_t>(f.size() + 1)));
        PacketView p;
        if (parse(f, p) != ParseError::None) continue;
        ASSERT_LE(p.payload_offset(), p.length());
        ASSERT_LE(p.length(), f.size());
        ASSERT_LE(p.l4_offset(), p.payload_offset());
        f.resize(drop_extension_headers(f, p));
        ASSERT_EQ(p.length(), f.size());
        ASSERT_LE(p.payload_offset(), p.length());
    }
}

}  // namespace
}  // namespace sallyport::wire

// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/wire/packet_view.h"

#include <gmock/gmock.h>

#include <functional>
#include <set>

#include "tcpstack/base/rng.h"
#include "tests/support/frame_builder.h"

namespace sallyport::wire {
namespace {

using test::Octets;
using test::v4;
using testing::ElementsAre;

ParseError error_of(Octets frame) {
    PacketView p;
    return parse(frame, p);
}

// A frame with one thing spoilt, and what parse() must call it.
struct Spoilt {
    const char* description;
    ParseError expected;
    std::function<Octets()> make;
};

Octets with(Octets frame, const std::function<void(Octets&)>& change) {
    change(frame);
    return frame;
}

// Changes a field of the IP header and sets its checksum right again.
Octets with_ip(const std::function<void(Ipv4Header&)>& change) {
    Octets f = test::tcp_frame({.payload = {1, 2, 3, 4}});
    change(test::ipv4_of(f));
    set_checksum(test::ipv4_of(f));
    return f;
}

Octets with_flags(std::uint8_t flags) {
    return test::tcp_frame({.flags = flags});
}

Octets with_offset(std::uint8_t words) {
    return with(test::tcp_frame({.payload = Octets(20)}), [words](Octets& f) {
        test::tcp_of(f).offset_reserved = static_cast<std::uint8_t>(words << 4);
    });
}

Octets with_ethertype(std::uint16_t type) {
    return with(test::tcp_frame({}),
                [type](Octets& f) { test::ethernet_of(f).ethertype.set(type); });
}

Octets with_udp_length(std::uint16_t length) {
    return with(test::udp_frame({}, 53, Octets(10)),
                [length](Octets& f) { test::udp_of(f).length.set(length); });
}

Octets with_arp(const std::function<void(ArpPacket&)>& change) {
    Octets f = test::arp_frame(
        {kArpRequest, test::kStationMac, v4("10.0.0.1"), {}, v4("10.0.0.2"), kBroadcast});
    change(test::header_at<ArpPacket>(f, 14));
    return f;
}

Octets cut(Octets f, std::size_t length) {
    f.resize(length);
    return f;
}

// Cuts the IP packet, not only the frame.
Octets short_segment(Octets f, std::uint16_t segment) {
    test::ipv4_of(f).total_length.set(static_cast<std::uint16_t>(20 + segment));
    set_checksum(test::ipv4_of(f));
    return cut(f, 34U + segment);
}

// IHL 6: one word of options, so the header checksum covers 24 octets.
Octets with_ip_option(std::array<std::uint8_t, 4> option) {
    Octets f = test::tcp_frame({});
    f.insert(f.begin() + 34, option.begin(), option.end());
    Ipv4Header& ip = test::ipv4_of(f);
    ip.version_ihl = 0x46;
    ip.total_length.set(static_cast<std::uint16_t>(f.size() - 14));
    ip.checksum.set(0);
    Sum16 sum;
    sum.add_bytes({f.data() + 14, 24});
    ip.checksum.set(sum.checksum());
    return f;
}

std::vector<Spoilt> ethernet_cases() {
    using E = ParseError;
    return {
        {"empty", E::FrameTruncated, [] { return Octets{}; }},
        {"13 octets", E::FrameTruncated, [] { return cut(test::tcp_frame({}), 13); }},
        {"ends in the IP header", E::FrameTruncated, [] { return cut(test::tcp_frame({}), 33); }},
        {"ends in ARP", E::FrameTruncated, [] { return cut(with_arp([](auto&) {}), 41); }},
        {"802.3 length", E::UnknownEthertype, [] { return with_ethertype(46); }},
        {"MPLS", E::UnknownEthertype, [] { return with_ethertype(0x8847); }},
        {"802.1Q", E::VlanTagged, [] { return with_ethertype(0x8100); }},
        {"802.1ad", E::VlanTagged, [] { return with_ethertype(0x88a8); }},
        {"IPv4 that calls itself IPv6", E::IpHeaderMalformed, [] { return with_ethertype(0x86dd); }},
        {"ARP of Token Ring", E::ArpMalformed,
         [] { return with_arp([](ArpPacket& a) { a.hardware.set(6); }); }},
        {"ARP for IPv6", E::ArpMalformed,
         [] { return with_arp([](ArpPacket& a) { a.protocol.set(0x86dd); }); }},
        {"ARP with 8-octet MACs", E::ArpMalformed,
         [] { return with_arp([](ArpPacket& a) { a.hardware_length = 8; }); }},
        {"ARP with 16-octet addresses", E::ArpMalformed,
         [] { return with_arp([](ArpPacket& a) { a.protocol_length = 16; }); }},
    };
}

std::vector<Spoilt> ip_cases() {
    using E = ParseError;
    return {
        {"version 6", E::IpHeaderMalformed,
         [] { return with_ip([](auto& ip) { ip.version_ihl = 0x65; }); }},
        {"F09: IHL 4", E::IpHeaderMalformed,
         [] { return with_ip([](auto& ip) { ip.version_ihl = 0x44; }); }},
        {"IHL 0", E::IpHeaderMalformed,
         [] { return with_ip([](auto& ip) { ip.version_ihl = 0x40; }); }},
        {"total length below the header", E::IpHeaderMalformed,
         [] { return with_ip([](auto& ip) { ip.total_length.set(19); }); }},
        {"total length 0", E::IpHeaderMalformed,
         [] { return with_ip([](auto& ip) { ip.total_length.set(0); }); }},
        {"total length past the frame", E::IpHeaderMalformed,
         [] { return with_ip([](auto& ip) { ip.total_length.set(45); }); }},
        {"total length 65535", E::IpHeaderMalformed,
         [] { return with_ip([](auto& ip) { ip.total_length.set(0xffff); }); }},
        {"IHL 15 past the total length", E::IpHeaderMalformed,
         [] { return with_ip([](auto& ip) { ip.version_ihl = 0x4f; }); }},
        {"F08: loose source route", E::IpOptions,
         [] {
             return with_ip_option({131, 3, 4, 0});
         }},
        {"option NOP", E::IpOptions,
         [] {
             return with_ip_option({1, 1, 1, 1});
         }},
        {"wrong checksum", E::IpChecksum,
         [] { return with(test::tcp_frame({}), [](Octets& f) { test::ipv4_of(f).ttl ^= 1; }); }},
        {"F11: past 64 KiB", E::IpHeaderMalformed,
         [] { return with_ip([](auto& ip) { ip.flags_fragment.set(kIpv4OffsetMask); }); }},
        {"a fragment cut within eight octets", E::IpHeaderMalformed,
         [] { return with_ip([](auto& ip) { ip.flags_fragment.set(kIpv4MoreFragments), ip.total_length.set(40); }); }},
        {"a fragment of GRE", E::UnsupportedProtocol,
         [] { return with_ip([](auto& ip) { ip.protocol = 47, ip.flags_fragment.set(1); }); }},
        {"GRE", E::UnsupportedProtocol, [] { return with_ip([](auto& ip) { ip.protocol = 47; }); }},
        {"IP in IP", E::UnsupportedProtocol,
         [] { return with_ip([](auto& ip) { ip.protocol = 4; }); }},
        {"SCTP", E::UnsupportedProtocol,
         [] { return with_ip([](auto& ip) { ip.protocol = 132; }); }},
    };
}

std::vector<Spoilt> transport_cases() {
    using E = ParseError;
    return {
        {"T27: data offset 4", E::TcpHeaderMalformed, [] { return with_offset(4); }},
        {"data offset 0", E::TcpHeaderMalformed, [] { return with_offset(0); }},
        {"data offset past the segment", E::TcpHeaderMalformed, [] { return with_offset(11); }},
        {"19 octets of TCP", E::TcpHeaderMalformed,
         [] { return short_segment(test::tcp_frame({}), 19); }},
        {"no octet of TCP", E::TcpHeaderMalformed,
         [] { return short_segment(test::tcp_frame({}), 0); }},
        {"T29: IP length shorter than the options", E::TcpHeaderMalformed,
         [] { return short_segment(test::tcp_frame({.options = {.mss = 1460}}), 22); }},
        {"no flags", E::TcpFlagsInvalid, [] { return with_flags(0); }},
        {"only PSH and URG", E::TcpFlagsInvalid, [] { return with_flags(kPsh | kUrg); }},
        {"only ECE and CWR", E::TcpFlagsInvalid, [] { return with_flags(kEce | kCwr); }},
        {"SYN and FIN", E::TcpFlagsInvalid, [] { return with_flags(kSyn | kFin); }},
        {"SYN, FIN and ACK", E::TcpFlagsInvalid, [] { return with_flags(kSyn | kFin | kAck); }},
        {"SYN and RST", E::TcpFlagsInvalid, [] { return with_flags(kSyn | kRst); }},
        {"FIN without ACK", E::TcpFlagsInvalid, [] { return with_flags(kFin); }},
        {"FIN, PSH and URG", E::TcpFlagsInvalid, [] { return with_flags(kFin | kPsh | kUrg); }},
        {"RST and FIN without ACK", E::TcpFlagsInvalid, [] { return with_flags(kRst | kFin); }},
        {"UDP length 7", E::UdpMalformed, [] { return with_udp_length(7); }},
        {"UDP length past the packet", E::UdpMalformed, [] { return with_udp_length(19); }},
        {"UDP length below the packet", E::UdpMalformed, [] { return with_udp_length(17); }},
        {"7 octets of UDP", E::UdpMalformed,
         [] { return short_segment(test::udp_frame({}, 53, {}), 7); }},
        {"7 octets of ICMP", E::IcmpMalformed,
         [] { return short_segment(test::icmp_frame({}, 8, 0, {}), 7); }},
        {"ICMP checksum", E::IcmpMalformed,
         [] {
             return with(test::icmp_frame({}, 8, 0, {1, 2}), [](Octets& f) { f.back() ^= 1; });
         }},
    };
}

std::vector<Spoilt> all_cases() {
    std::vector<Spoilt> cases = ethernet_cases();
    for (auto& more : {ip_cases(), transport_cases()})
        cases.insert(cases.end(), more.begin(), more.end());
    return cases;
}

TEST(Parse, NamesWhatIsWrong) {
    for (const Spoilt& c : all_cases()) EXPECT_EQ(error_of(c.make()), c.expected) << c.description;
}

TEST(Parse, EveryErrorOfTheListIsTested) {
    // These need to know more than the frame: the port's MAC, and who must verify; and those of IPv6
    // alone are in ipv6_test.cc.
    std::set<ParseError> seen{ParseError::NotOurMac, ParseError::BroadcastIp,
                              ParseError::TcpChecksum, ParseError::Ipv6ExtensionHeader,
                              ParseError::Ipv6AddressInvalid,
                              ParseError::NeighborDiscoveryMalformed};
    for (const Spoilt& c : all_cases()) seen.insert(c.expected);
#define SP_REASON(name, text, help) EXPECT_TRUE(seen.contains(ParseError::name)) << text;
#include "tcpstack/wire/parse_errors.def"
#undef SP_REASON
}

TEST(Parse, LeavesTheViewAloneOnError) {
    Octets good = test::tcp_frame({.payload = {1}}), bad = with_ethertype(0x8100);
    PacketView p;
    ASSERT_EQ(parse(good, p), ParseError::None);
    ASSERT_NE(parse(bad, p), ParseError::None);
    EXPECT_EQ(&p.ethernet(), &test::ethernet_of(good));
}

TEST(Parse, TcpViewShowsEveryPart) {
    Octets f = test::tcp_frame({.flags = kSyn | kAck,
                                .options = {.mss = 1460, .sack_permitted = true},
                                .payload = {7, 8, 9}});
    PacketView p;
    ASSERT_EQ(parse(f, p), ParseError::None);
    EXPECT_EQ(p.kind(), PacketKind::Tcp);
    EXPECT_EQ(p.l3_offset(), 14);
    EXPECT_EQ(p.l4_offset(), 34);
    EXPECT_EQ(p.payload_offset(), 62);
    EXPECT_EQ(p.length(), 65);
    EXPECT_THAT(p.tcp_options(), ElementsAre(2, 4, 5, 0xb4, 1, 1, 4, 2));
    EXPECT_THAT(p.payload(), ElementsAre(7, 8, 9));
    EXPECT_EQ(p.sequence_length(), 4U);
    EXPECT_EQ(p.four_tuple(),
              (FourTuple{v4("10.10.0.5"), v4("203.0.113.80"), Port{40000}, Port{443}}));
    EXPECT_TRUE(p.transport_checksum_ok());
}

TEST(Parse, EthernetPaddingIsNotPayload) {
    Octets f = test::tcp_frame({});
    f.resize(60, 0xee);
    PacketView p;
    ASSERT_EQ(parse(f, p), ParseError::None);
    EXPECT_EQ(p.payload_length(), 0);
    EXPECT_EQ(p.length(), 54);
    EXPECT_TRUE(p.transport_checksum_ok());
}

// proofs T29: the octets behind the IP length are not judged and not covered by the checksum.
TEST(Parse, IpLengthShorterThanTheFrameEndsTheSegment) {
    Octets f = test::tcp_frame({.payload = {1, 2, 3, 4}});
    test::ipv4_of(f).total_length.set(42);
    set_checksum(test::ipv4_of(f));
    PacketView p;
    ASSERT_EQ(parse(f, p), ParseError::None);
    EXPECT_THAT(p.payload(), ElementsAre(1, 2));
    EXPECT_FALSE(p.transport_checksum_ok());
}

// proofs T45 to T47: the urgent pointer is not interpreted, whatever it says.
TEST(Parse, UrgentPointerIsNoReasonToRefuse) {
    for (const std::uint16_t pointer : std::vector<std::uint16_t>{0, 1, 3, 0xffff}) {
        Octets f = test::tcp_frame({.flags = kAck | kUrg, .payload = {1, 2, 3}});
        test::tcp_of(f).urgent.set(pointer);
        PacketView p;
        ASSERT_EQ(parse(f, p), ParseError::None);
        EXPECT_EQ(p.payload_length(), 3);
    }
}

TEST(Parse, AcceptsTheFlagsThatStatesSend) {
    for (const int flags :
         {kSyn | 0, kSyn | kAck, kSyn | kEce | kCwr, kAck | 0, kAck | kPsh, kAck | kFin,
          kAck | kFin | kPsh, kRst | 0, kRst | kAck, kAck | kUrg | kPsh, kSyn | kPsh})
        EXPECT_EQ(error_of(with_flags(static_cast<std::uint8_t>(flags))), ParseError::None)
            << flags;
}

// F10: hosts ignore it, so it is no reason to refuse.
TEST(Parse, ReservedBitIsNoReasonToRefuse) {
    Octets frame = with_ip([](auto& ip) { ip.flags_fragment.set(0x8000); });
    PacketView view;
    ASSERT_EQ(parse(frame, view), ParseError::None);
    EXPECT_EQ(view.kind(), PacketKind::Tcp);
}

TEST(Parse, DontFragmentIsNoFragment) {
    EXPECT_EQ(error_of(with_ip([](auto& ip) { ip.flags_fragment.set(0x4000); })), ParseError::None);
    EXPECT_EQ(error_of(with_ip([](auto& ip) { ip.flags_fragment.set(0); })), ParseError::None);
}

TEST(Parse, FrameLongerThanOffsetsCanSayIsReadToItsIpLength) {
    Octets f = test::tcp_frame({.payload = {5}});
    f.resize(70'000);
    PacketView p;
    ASSERT_EQ(parse(f, p), ParseError::None);
    EXPECT_THAT(p.payload(), ElementsAre(5));
    test::ipv4_of(f).total_length.set(0xffff);  // would end behind 16-bit offsets
    set_checksum(test::ipv4_of(f));
    EXPECT_EQ(parse(f, p), ParseError::IpHeaderMalformed);
}

TEST(TransportChecksum, FindsEveryFlippedBitOfTcp) {
    Octets f = test::tcp_frame({.payload = {1, 2, 3}});
    PacketView p;
    for (std::size_t bit = 34 * 8; bit < f.size() * 8; ++bit) {
        f[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        if (parse(f, p) == ParseError::None) {
            EXPECT_FALSE(p.transport_checksum_ok()) << bit;
        }
        f[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    }
    ASSERT_EQ(parse(f, p), ParseError::None);
    EXPECT_TRUE(p.transport_checksum_ok());
}

TEST(TransportChecksum, CoversTheAddresses) {
    Octets f = test::tcp_frame({});
    test::ipv4_of(f).src = v4("10.10.0.6");
    set_checksum(test::ipv4_of(f));
    PacketView p;
    ASSERT_EQ(parse(f, p), ParseError::None);
    EXPECT_FALSE(p.transport_checksum_ok());
}

TEST(TransportChecksum, OfUdpMayBeAbsent) {  // RFC 768
    Octets f = test::udp_frame({}, 53, {1, 2, 3});
    PacketView p;
    ASSERT_EQ(parse(f, p), ParseError::None);
    EXPECT_TRUE(p.transport_checksum_ok());
    test::udp_of(f).checksum.set(0x1234);
    EXPECT_FALSE(p.transport_checksum_ok());
    test::udp_of(f).checksum.set(0);
    EXPECT_TRUE(p.transport_checksum_ok());
}

TEST(TransportChecksum, OfIcmpHasNoPseudoHeader) {
    Octets f = test::icmp_frame({}, kIcmpEchoRequest, 0, {1, 2, 3});
    PacketView p;
    ASSERT_EQ(parse(f, p), ParseError::None);
    EXPECT_TRUE(p.transport_checksum_ok());
    EXPECT_EQ(p.payload_length(), 3);
    EXPECT_EQ(p.icmp().rest.host(), 0x00070001U);
}

// A datagram of 24 octets behind the IP header, cut behind the first 16.
struct TwoFragments {
    TwoFragments() {
        const Octets whole = test::udp_frame({}, 53, Octets(16, 0x51));
        first = cut(whole, 34 + 16);
        later = cut(whole, 34);
        later.insert(later.end(), whole.begin() + 34 + 16, whole.end());
        set(first, kIpv4MoreFragments);
        set(later, 2);
    }
    static void set(Octets& f, std::uint16_t field) {
        test::ipv4_of(f).total_length.set(static_cast<std::uint16_t>(f.size() - 14));
        test::ipv4_of(f).flags_fragment.set(field);
        set_checksum(test::ipv4_of(f));
    }
    Octets first, later;
};

TEST(Parse, KnowsOfAFragmentWhereItLies) {
    TwoFragments f;
    PacketView p;
    ASSERT_EQ(parse(f.first, p), ParseError::None);
    EXPECT_EQ(p.kind(), PacketKind::Fragment);
    EXPECT_EQ(p.fragment_offset(), 0);
    EXPECT_TRUE(p.more_fragments());
    EXPECT_EQ(p.payload_length(), 16);
    ASSERT_EQ(parse(f.later, p), ParseError::None);
    EXPECT_EQ(p.fragment_offset(), 16);
    EXPECT_FALSE(p.more_fragments());
    EXPECT_EQ(p.payload_length(), 8);
}

TEST(ParseFirstFragment, ReadsTheHeaderOfTheWhole) {
    TwoFragments f;
    PacketView p;
    ASSERT_EQ(parse_first_fragment(f.first, 24, p), ParseError::None);
    EXPECT_EQ(p.kind(), PacketKind::Udp);
    EXPECT_EQ(p.flow_key4().dst_port, 53);
    EXPECT_EQ(p.payload_length(), 8);
    EXPECT_EQ(p.datagram_payload_length(), 16);
    Sum16 sum = p.transport_sum();
    sum.add_bytes(std::span(f.later).subspan(34));
    EXPECT_EQ(sum.checksum(), 0);
    EXPECT_EQ(parse_first_fragment(f.first, 32, p), ParseError::UdpMalformed) << "another length";
}

TEST(Parse, WhatIsBuiltReadsBack) {
    Rng rng(19);
    for (int n = 0; n < 5000; ++n) {
        test::TcpFields t;
        t.addresses.src = Ipv4Addr::from_host(static_cast<std::uint32_t>(rng.next()));
        t.addresses.dst = Ipv4Addr::from_host(static_cast<std::uint32_t>(rng.next()));
        t.src_port = static_cast<std::uint16_t>(rng.next());
        t.seq = static_cast<std::uint32_t>(rng.next());
        t.window = static_cast<std::uint16_t>(rng.next());
        if (rng.below(2)) t.options.timestamps = Timestamps{TsVal{1}, TsVal{2}};
        t.payload.resize(rng.below(1400));
        for (auto& octet : t.payload) octet = static_cast<std::uint8_t>(rng.next());
        Octets f = test::tcp_frame(t);
        PacketView p;
        ASSERT_EQ(parse(f, p), ParseError::None);
        ASSERT_TRUE(p.transport_checksum_ok());
        ASSERT_EQ(p.tcp().seq.host(), t.seq);
        ASSERT_EQ(p.four_tuple().src_port.number, t.src_port);
        ASSERT_TRUE(
            std::equal(t.payload.begin(), t.payload.end(), p.payload().begin(), p.payload().end()));
    }
}

// Octets from a good frame, some of them changed: no read outside (the sanitizers see it), and
// every view lies inside the frame.
TEST(Parse, AnyViewLiesInsideItsFrame) {
    Rng rng(23);
    const Octets seeds[] = {test::tcp_frame({.options = {.mss = 1460}, .payload = Octets(30)}),
                            test::udp_frame({}, 53, Octets(30)),
                            test::icmp_frame({}, 8, 0, Octets(30)), with_arp([](auto&) {})};
    for (int n = 0; n < 50'000; ++n) {
        Octets f = seeds[rng.below(4)];
        for (std::uint32_t k = rng.below(4); k > 0; --k)
            f[rng.below(static_cast<std::uint32_t>(f.size()))] =
                static_cast<std::uint8_t>(rng.next());
        f.resize(rng.below(static_cast<std::uint32_t>(f.size() + 1)));
        if (f.size() >= 34) set_checksum(test::ipv4_of(f));
        PacketView p;
        if (parse(f, p) != ParseError::None) continue;
        ASSERT_LE(p.payload_offset(), p.length());
        ASSERT_LE(p.length(), f.size());
        ASSERT_LE(p.l4_offset(), p.payload_offset());
    }
}

}  // namespace
}  // namespace sallyport::wire

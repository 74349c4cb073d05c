// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/wire/tcp_segment.h"

#include <gmock/gmock.h>

#include "tests/support/frame_builder.h"

namespace sallyport::wire {
namespace {

using test::Octets;

// What emit_tcp writes, with an Ethernet header in front.
Octets emitted(const TcpFields& fields, const Octets& payload) {
    Octets f(14 + kTcpSegmentOverhead + payload.size());
    const bool v4 = fields.tuple.src.is_v4();
    test::ethernet_of(f) = {test::kGateMac, test::kStationMac,
                            Be16{v4 ? kEthertypeIpv4 : kEthertypeIpv6}};
    f.resize(14 + emit_tcp(fields, payload, std::span(f).subspan(14)));
    return f;
}

TEST(EmitTcp, WritesBothFamilies) {
    const FourTuple tuples[] = {{test::v4("203.0.113.7"), test::v4("198.51.100.1"), {1024}, {443}},
                                {test::v6("2001:db8::7"), test::v6("2001:db8:1::1"), {1024}, {443}}};
    for (const FourTuple& tuple : tuples) {
        Octets f = emitted({.tuple = tuple, .seq = SeqNum{7}, .ack = SeqNum{9}, .flags = kAck | kPsh,
                            .window = 500, .options = {.timestamps = Timestamps{TsVal{1}, TsVal{2}}}},
                           {1, 2, 3});
        PacketView p;
        ASSERT_EQ(parse(f, p), ParseError::None);
        EXPECT_EQ(p.is_v6(), !tuple.src.is_v4());
        EXPECT_EQ(p.four_tuple(), tuple);
        EXPECT_EQ(p.hop_limit(), 64);
        EXPECT_EQ(p.tcp().seq.host(), 7U);
        EXPECT_EQ(p.ip_length(), (p.is_v6() ? 40 : 20) + 20 + 12 + 3);
        EXPECT_THAT(p.payload(), testing::ElementsAre(1, 2, 3));
        EXPECT_TRUE(p.transport_checksum_ok());
    }
}

TEST(EmitTcp, WritesNothingWhereItDoesNotFit) {
    const FourTuple tuple{test::v6("2001:db8::7"), test::v6("2001:db8:1::1"), {1}, {2}};
    Octets out(59);
    EXPECT_EQ(emit_tcp({.tuple = tuple}, {}, out), 0U);
    out.resize(60);
    EXPECT_EQ(emit_tcp({.tuple = tuple}, {}, out), 60U);
    const Octets payload(0xffff);
    out.resize(0x1'0100);
    EXPECT_EQ(emit_tcp({.tuple = tuple}, payload, out), 0U);
}

}  // namespace
}  // namespace sallyport::wire

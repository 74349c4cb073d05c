// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/wire/arp.h"

#include <gtest/gtest.h>

#include <array>

#include "tests/support/frame_builder.h"

namespace sallyport::wire {
namespace {

// The octets of a request, as RFC 826 lays them out.
TEST(Arp, EmitsEveryOctetWhereItBelongs) {
    constexpr std::array<std::uint8_t, 42> kExpected{
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0x00, 0x00, 0x00, 0x00, 0xfe, 0x08, 0x06,
        0x00, 0x01, 0x08, 0x00, 0x06, 0x04, 0x00, 0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0xfe,
        0x0a, 0x0a, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x0a, 0x0a, 0x00, 0x05};
    std::array<std::uint8_t, 43> out{};
    out[42] = 0x77;
    emit_arp(
        {kArpRequest, test::kGateMac, test::v4("10.10.0.1"), {}, test::v4("10.10.0.5"), kBroadcast},
        out.data());
    EXPECT_TRUE(std::equal(kExpected.begin(), kExpected.end(), out.begin()));
    EXPECT_EQ(out[42], 0x77) << "and none behind";
}

TEST(Arp, ReadsBackWhatItEmits) {
    test::Octets f = test::arp_frame({kArpReply, test::kGateMac, test::v4("10.10.0.1"),
                                      test::kStationMac, test::v4("10.10.0.5"), test::kStationMac});
    PacketView p;
    ASSERT_EQ(parse(f, p), ParseError::None);
    ASSERT_EQ(p.kind(), PacketKind::Arp);
    EXPECT_EQ(p.arp().operation.host(), kArpReply);
    EXPECT_EQ(p.arp().sender_mac, test::kGateMac);
    EXPECT_EQ(p.arp().sender_ip, test::v4("10.10.0.1"));
    EXPECT_EQ(p.arp().target_mac, test::kStationMac);
    EXPECT_EQ(p.arp().target_ip, test::v4("10.10.0.5"));
    EXPECT_EQ(p.length(), 42);
}

}  // namespace
}  // namespace sallyport::wire

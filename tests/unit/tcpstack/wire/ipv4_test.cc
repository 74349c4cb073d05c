// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/wire/ipv4.h"

#include <gtest/gtest.h>

#include "tcpstack/wire/checksum.h"
#include "tests/support/frame_builder.h"

namespace sallyport::wire {
namespace {

TEST(Ipv4Fill, MakesAnAtomicDatagram) {  // RFC 6864 section 4
    Ipv4Header h;
    fill(h, test::v4("192.0.2.1"), test::v4("198.51.100.7"), kProtocolTcp, 100);
    EXPECT_EQ(h.version_ihl, 0x45);
    EXPECT_EQ(h.total_length.host(), 120);
    EXPECT_EQ(h.id.host(), 0);
    EXPECT_EQ(h.flags_fragment.host(), kIpv4DontFragment);
    EXPECT_EQ(h.ttl, 64);
    EXPECT_EQ(h.protocol, 6);
    EXPECT_EQ(h.src, test::v4("192.0.2.1"));
    EXPECT_EQ(h.dst, test::v4("198.51.100.7"));
}

TEST(Ipv4SetChecksum, MakesTheHeaderSumToZero) {
    Ipv4Header h;
    fill(h, test::v4("192.0.2.1"), test::v4("198.51.100.7"), kProtocolUdp, 1480);
    h.ttl = 3;
    set_checksum(h);
    Sum16 sum;
    sum.add_bytes({reinterpret_cast<const std::uint8_t*>(&h), sizeof h});
    EXPECT_EQ(sum.checksum(), 0);
}

}  // namespace
}  // namespace sallyport::wire

// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/wire/tcp_header.h"

#include <gtest/gtest.h>

namespace sallyport::wire {
namespace {

// A SYN as RFC 9293 section 3.1 lays it out.
constexpr std::uint8_t kOctets[20] = {0x9c, 0x40, 0x01, 0xbb, 0x00, 0x00, 0x03, 0xe8, 0x11, 0x22,
                                      0x33, 0x44, 0xa0, 0x02, 0xfa, 0xf0, 0xbe, 0xef, 0x00, 0x07};

TEST(TcpHeader, FieldsStandWhereTheStandardPutsThem) {
    const auto& h = *reinterpret_cast<const TcpHeader*>(kOctets);
    EXPECT_EQ(h.src_port.host(), 40000);
    EXPECT_EQ(h.dst_port.host(), 443);
    EXPECT_EQ(h.seq_num(), SeqNum{1000});
    EXPECT_EQ(h.ack_num(), SeqNum{0x11223344});
    EXPECT_EQ(h.header_length(), 40U);
    EXPECT_TRUE(h.has(kSyn));
    EXPECT_FALSE(h.has(kAck));
    EXPECT_EQ(h.window.host(), 64240);
    EXPECT_EQ(h.checksum.host(), 0xbeef);
    EXPECT_EQ(h.urgent.host(), 7);
}

}  // namespace
}  // namespace sallyport::wire

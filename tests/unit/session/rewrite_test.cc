// SPDX-License-Identifier: Apache-2.0
#include "dataplane/nat/rewrite.h"

#include <gtest/gtest.h>

#include "tcpstack/base/rng.h"
#include "tests/support/frame_builder.h"

namespace sallyport::dp {
namespace {

using namespace test;

FlowRecord flow_with(Rng& rng) {
    FlowRecord flow;
    flow.key = {v4("10.10.0.5"), v4("203.0.113.80"), 40000, 443};
    flow.rewrite = {v4("203.0.113.7"), v4("203.0.113.80"), 2000, 443};
    flow.seq_delta = static_cast<std::uint32_t>(rng.next());
    flow.ack_delta = static_cast<std::uint32_t>(rng.next());
    flow.ts_val_delta = static_cast<std::uint32_t>(rng.next());
    flow.ts_ecr_delta = static_cast<std::uint32_t>(rng.next());
    flow.timestamps = true;
    flow.shift_here = 7;
    flow.shift_there = 8;
    return flow;
}

// A frame whose option octets are `options` as they stand.
Octets frame_with(const Octets& options, Rng& rng) {
    TcpFields t;
    t.seq = static_cast<std::uint32_t>(rng.next());
    t.ack = static_cast<std::uint32_t>(rng.next());
    t.window = static_cast<std::uint16_t>(rng.next());
    t.payload = Octets(rng.below(40), static_cast<std::uint8_t>(rng.next()));
    Octets f = tcp_frame(t);
    f.insert(f.begin() + 54, options.begin(), options.end());
    tcp_of(f).offset_reserved = static_cast<std::uint8_t>((20 + options.size()) / 4 << 4);
    ipv4_of(f).total_length.set(static_cast<std::uint16_t>(f.size() - 14));
    wire::set_checksum(ipv4_of(f));
    set_transport_checksum(f);
    return f;
}

const Octets kOptions[] = {
    {},
    {1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8},
    {1, 8, 10, 0xff, 0xff, 0xff, 0xff, 5, 6, 7, 8, 1},
    {8, 10, 1, 2, 3, 4, 0, 0, 0, 0, 5, 18, 9, 9, 9, 9, 8, 8, 8, 8, 7, 7, 7, 7, 6, 6, 6, 6},
    {1, 5, 10, 0xff, 0xff, 0xff, 0xf0, 0, 0, 0, 9, 1},
};

// Checksums are rewritten incrementally; over random numbers, at even and odd offsets, they are as
// right as they were. Whole frames are compared with what plain assignment would give.
TEST(RewriteHeaders, KeepsChecksumsRightForAnyNumbers) {
    Rng rng(5);
    for (int i = 0; i < 20'000; ++i) {
        const FlowRecord flow = flow_with(rng);
        Octets frame = frame_with(kOptions[static_cast<std::size_t>(i) % std::size(kOptions)], rng);
        const Octets before = frame;
        wire::PacketView view;
        ASSERT_EQ(wire::parse(frame, view), wire::ParseError::None);
        rewrite_headers(flow, view, nullptr);
        ASSERT_EQ(wire::parse(frame, view), wire::ParseError::None) << "IP checksum " << i;
        ASSERT_TRUE(view.transport_checksum_ok()) << i;
        Octets old = before;
        EXPECT_EQ(tcp_of(frame).seq.host(), tcp_of(old).seq.host() + flow.seq_delta);
        EXPECT_EQ(tcp_of(frame).ack.host(), tcp_of(old).ack.host() + flow.ack_delta);
        EXPECT_EQ(tcp_of(frame).window.host(), tcp_of(old).window.host() / 2);
        EXPECT_EQ(ipv4_of(frame).src, v4("203.0.113.7"));
        EXPECT_EQ(ipv4_of(frame).ttl, ipv4_of(old).ttl - 1);
    }
}

TEST(RewriteHeaders, LeavesAWrongChecksumWrong) {
    Rng rng(6);
    for (int i = 0; i < 1000; ++i) {
        const FlowRecord flow = flow_with(rng);
        Octets frame = frame_with(kOptions[1], rng);
        tcp_of(frame).checksum.set(static_cast<std::uint16_t>(tcp_of(frame).checksum.host() ^ 0x0101));
        wire::PacketView view;
        ASSERT_EQ(wire::parse(frame, view), wire::ParseError::None);
        rewrite_headers(flow, view, nullptr);
        ASSERT_FALSE(view.transport_checksum_ok()) << i;
    }
}

TEST(RewriteHeaders, RaisesAnEchoOfWhatCameBeforeTheJoining) {
    Rng rng(7);
    FlowRecord flow = flow_with(rng);
    flow.ts_ecr_delta = 0;
    Octets frame = frame_with({1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 50}, rng);
    wire::PacketView view;
    ASSERT_EQ(wire::parse(frame, view), wire::ParseError::None);
    const TsVal earliest{60};
    EXPECT_FALSE(rewrite_headers(flow, view, &earliest));
    EXPECT_EQ(wire::parse_options(view.tcp_options()).timestamps->ecr, earliest);
    EXPECT_TRUE(view.transport_checksum_ok());
    const TsVal older{59};
    EXPECT_TRUE(rewrite_headers(flow, view, &older));
}

}  // namespace
}  // namespace sallyport::dp

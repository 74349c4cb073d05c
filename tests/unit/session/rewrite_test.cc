// SPDX-License-Identifier: Apache-2.0
#include "dataplane/nat/rewrite.h"

#include <gtest/gtest.h>

#include "tcpstack/base/rng.h"
#include "tests/support/frame_builder.h"

namespace sallyport::dp {
namespace {

using namespace test;

// A record with both of its lines, of one family.
struct Flow {
    FlowRecord record;
    FlowAddresses6 second;
    FlowLines lines() const { return {record, second}; }
};

Ipv6Addr random_address6(Rng& rng) {
    Ipv6Addr a;
    for (std::uint8_t& octet : a.octets) octet = static_cast<std::uint8_t>(rng.next());
    a.octets[0] = 0x20;
    return a;
}

Flow flow_with(Rng& rng, Family family) {
    Flow out;
    FlowRecord& flow = out.record;
    flow.key = {v4("10.10.0.5"), v4("203.0.113.80"), 40000, 443};
    flow.rewrite = {v4("203.0.113.7"), v4("203.0.113.80"), 2000, 443};
    flow.key_v6 = flow.rewrite_v6 = family == Family::V6;
    out.second.key = {random_address6(rng), random_address6(rng)};
    out.second.rewrite = {random_address6(rng), out.second.key.dst};
    flow.seq_delta = static_cast<std::uint32_t>(rng.next());
    flow.ack_delta = static_cast<std::uint32_t>(rng.next());
    flow.ts_val_delta = static_cast<std::uint32_t>(rng.next());
    flow.ts_ecr_delta = static_cast<std::uint32_t>(rng.next());
    flow.timestamps = true;
    flow.shift_here = 7;
    flow.shift_there = 8;
    return out;
}

// A frame of the flow whose option octets are `options` as they stand.
Octets frame_with(const Flow& flow, const Octets& options, Rng& rng) {
    TcpFields t;
    if (flow.record.key_v6) t.addresses = {flow.second.key.src, flow.second.key.dst};
    t.seq = static_cast<std::uint32_t>(rng.next());
    t.ack = static_cast<std::uint32_t>(rng.next());
    t.window = static_cast<std::uint16_t>(rng.next());
    t.payload = Octets(rng.below(40), static_cast<std::uint8_t>(rng.next()));
    Octets f = tcp_frame(t);
    const auto behind = static_cast<std::ptrdiff_t>(transport_at(f) + sizeof(wire::TcpHeader));
    f.insert(f.begin() + behind, options.begin(), options.end());
    tcp_of(f).offset_reserved = static_cast<std::uint8_t>((20 + options.size()) / 4 << 4);
    set_ip_length(f);
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

class RewriteHeaders : public testing::TestWithParam<Family> {};

// Checksums are rewritten incrementally; over random numbers, at even and odd offsets, they are as
// right as they were.
TEST_P(RewriteHeaders, KeepsChecksumsRightForAnyNumbers) {
    Rng rng(5);
    for (int i = 0; i < 20'000; ++i) {
        const Flow flow = flow_with(rng, GetParam());
        Octets frame =
            frame_with(flow, kOptions[static_cast<std::size_t>(i) % std::size(kOptions)], rng);
        Octets old = frame;
        wire::PacketView view, before;
        ASSERT_EQ(wire::parse(frame, view), wire::ParseError::None);
        ASSERT_EQ(wire::parse(old, before), wire::ParseError::None);
        rewrite_headers(flow.lines(), view, nullptr);
        ASSERT_EQ(wire::parse(frame, view), wire::ParseError::None) << "IP checksum " << i;
        ASSERT_TRUE(view.transport_checksum_ok()) << i;
        EXPECT_EQ(tcp_of(frame).seq.host(), tcp_of(old).seq.host() + flow.record.seq_delta);
        EXPECT_EQ(tcp_of(frame).ack.host(), tcp_of(old).ack.host() + flow.record.ack_delta);
        EXPECT_EQ(tcp_of(frame).window.host(), tcp_of(old).window.host() / 2);
        const bool v6 = GetParam() == Family::V6;
        EXPECT_EQ(view.source(), v6 ? IpAddr{flow.second.rewrite.src} : IpAddr{v4("203.0.113.7")});
        EXPECT_EQ(view.destination(), before.destination());
        EXPECT_EQ(view.hop_limit(), before.hop_limit() - 1);
    }
}

TEST_P(RewriteHeaders, LeavesAWrongChecksumWrong) {
    Rng rng(6);
    for (int i = 0; i < 1000; ++i) {
        const Flow flow = flow_with(rng, GetParam());
        Octets frame = frame_with(flow, kOptions[1], rng);
        tcp_of(frame).checksum.set(static_cast<std::uint16_t>(tcp_of(frame).checksum.host() ^ 0x0101));
        wire::PacketView view;
        ASSERT_EQ(wire::parse(frame, view), wire::ParseError::None);
        rewrite_headers(flow.lines(), view, nullptr);
        ASSERT_FALSE(view.transport_checksum_ok()) << i;
    }
}

TEST_P(RewriteHeaders, RaisesAnEchoOfWhatCameBeforeTheJoining) {
    Rng rng(7);
    Flow flow = flow_with(rng, GetParam());
    flow.record.ts_ecr_delta = 0;
    Octets frame = frame_with(flow, {1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 50}, rng);
    wire::PacketView view;
    ASSERT_EQ(wire::parse(frame, view), wire::ParseError::None);
    const TsVal earliest{60};
    EXPECT_FALSE(rewrite_headers(flow.lines(), view, &earliest));
    EXPECT_EQ(wire::parse_options(view.tcp_options()).timestamps->ecr, earliest);
    EXPECT_TRUE(view.transport_checksum_ok());
    const TsVal older{59};
    EXPECT_TRUE(rewrite_headers(flow.lines(), view, &older));
}

INSTANTIATE_TEST_SUITE_P(BothFamilies, RewriteHeaders, testing::Values(Family::V4, Family::V6),
                         [](const auto& test) { return test.param == Family::V4 ? "V4" : "V6"; });

}  // namespace
}  // namespace sallyport::dp

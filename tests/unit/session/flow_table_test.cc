// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/flow_table.h"

#include <gtest/gtest.h>

#include <vector>

#include "tcpstack/base/rng.h"

namespace sallyport::dp {
namespace {

FourTuple key_of(std::uint32_t n, Family family) {
    FourTuple key{{}, {}, {static_cast<std::uint16_t>(n * 7)}, {443}};
    std::array<std::uint8_t, 16> octets{0x20, 0x01};
    for (std::size_t i = 0; i < 4; ++i) octets[12 + i] = static_cast<std::uint8_t>(n >> 8 * i);
    key.src = family == Family::V4 ? IpAddr{Ipv4Addr::from_host(n)} : IpAddr{Ipv6Addr{octets}};
    key.dst = family == Family::V4 ? *IpAddr::parse("192.0.2.1") : *IpAddr::parse("2001:db8::1");
    return key;
}

// Numbers that are even are of IPv4, the others of IPv6.
Family family_of(std::uint32_t n) { return n % 2 == 0 ? Family::V4 : Family::V6; }

struct Tables {
    explicit Tables(std::size_t n, std::size_t record_count)
        : v4(n), v6(n), lines(record_count), addresses(record_count) {
        for (std::uint32_t i = 0; i < record_count; ++i)
            records.set_key(i, key_of(i * 31 + 5, family_of(i)));
    }
    std::uint32_t find(std::uint32_t record) const { return tables.find(records.key(record)); }

    std::vector<FlowBucket> v4, v6;
    std::vector<FlowRecord> lines;
    std::vector<FlowAddresses6> addresses;
    FlowRecords records{lines, addresses};
    FlowTables tables{v4, v6, records, FlowHash{99}};
};

TEST(FlowTables, AgreeWithAModelInBothFamilies) {
    constexpr std::uint32_t kRecords = 400;
    Tables t(64, kRecords);
    std::vector<bool> in(kRecords);
    Rng rng(3);
    for (int step = 0; step < 40'000; ++step) {
        const std::uint32_t i = rng.below(kRecords);
        if (in[i]) t.tables.erase(i);
        else ASSERT_TRUE(t.tables.insert(i));  // 200 of a family in 512 places
        in[i] = !in[i];
        const std::uint32_t j = rng.below(kRecords);
        ASSERT_EQ(t.find(j), in[j] ? j : kNoIndex) << step;
    }
}

TEST(FlowTables, RefuseWhenBothBucketsAreFullAndForgetNobody) {
    Tables t(2, 128);
    std::array<std::uint32_t, 2> kept{};
    std::vector<bool> in(128);
    for (std::uint32_t i = 0; i < 128; ++i) {
        in[i] = t.tables.insert(i);
        kept[i % 2] += in[i] ? 1U : 0U;
    }
    for (const std::uint32_t n : kept) {
        EXPECT_LE(n, 16U);
        EXPECT_GE(n, 8U);
    }
    for (std::uint32_t i = 0; i < 128; ++i) EXPECT_EQ(t.find(i), in[i] ? i : kNoIndex);
}

TEST(FlowTables, TellFlowsOfIpv6ApartByEveryPartOfTheirKeys) {
    Tables t(2, 5);
    const FourTuple key = key_of(1, Family::V6);
    const IpAddr other = *IpAddr::parse("2001:db8::2");
    const FourTuple keys[] = {key,
                              {other, key.dst, key.src_port, key.dst_port},
                              {key.src, other, key.src_port, key.dst_port},
                              {key.src, key.dst, {1}, key.dst_port},
                              {key.src, key.dst, key.src_port, {1}}};
    for (std::uint32_t i = 0; i < 5; ++i) {
        t.records.set_key(i, keys[i]);
        ASSERT_TRUE(t.tables.insert(i));
    }
    for (std::uint32_t i = 0; i < 5; ++i) EXPECT_EQ(t.tables.find(keys[i]), i);
}

TEST(FlowRecords, KeepKeyAndRewriteOfDifferentFamilies) {
    Tables t(2, 2);
    const FourTuple v4 = key_of(7, Family::V4), v6 = key_of(8, Family::V6);
    t.records.set_key(0, v4);
    t.records.set_rewrite(0, v6);
    t.records.set_key(1, v6.reversed());
    t.records.set_rewrite(1, v4.reversed());
    EXPECT_EQ(t.records.key(0), v4);
    EXPECT_EQ(t.records.rewrite(0), v6);
    EXPECT_EQ(t.records.key(1), v6.reversed());
    EXPECT_EQ(t.records.rewrite(1), v4.reversed());
}

TEST(FlowRecord, CountsOctetsAcrossManyWraps) {
    FlowRecord flow;
    const SeqNum first{0xffff'ff00};
    flow.high = first;
    std::uint64_t sent = 0;
    for (int i = 0; i < 100; ++i) {
        flow.raise_high(flow.high + 0x3fff'ffff);
        sent += 0x3fff'ffff;
        flow.raise_high(flow.high - 1000);  // an old segment raises nothing
    }
    EXPECT_EQ(flow.octets_since(first), sent);
}

TEST(RescaleWindow, NeverPromisesMoreThanWasGiven) {
    EXPECT_EQ(rescale_window(1000, 7), 7);
    EXPECT_EQ(rescale_window(1U << 30, 0), 0xffff);
    EXPECT_EQ(rescale_window(1000, 15), 1000);  // 15: no scale
}

}  // namespace
}  // namespace sallyport::dp

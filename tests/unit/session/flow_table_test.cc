// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/flow_table.h"

#include <gtest/gtest.h>

#include <vector>

#include "tcpstack/base/rng.h"

namespace sallyport::dp {
namespace {

FlowKey4 key_of(std::uint32_t n) {
    FlowKey4 key;
    for (std::size_t i = 0; i < 4; ++i) key.src.octets[i] = static_cast<std::uint8_t>(n >> 8 * i);
    key.src_port = static_cast<std::uint16_t>(n * 7);
    key.dst_port = 443;
    return key;
}

struct Table {
    explicit Table(std::size_t n, std::size_t record_count)
        : buckets(n), records(record_count), table(buckets, records, FlowHash{99}) {}
    std::vector<FlowBucket> buckets;
    std::vector<FlowRecord4> records;
    FlowTable<Ipv4Addr> table;
};

TEST(FlowTable, AgreesWithAModel) {
    constexpr std::uint32_t kRecords = 200;
    Table t(64, kRecords);
    std::vector<bool> in(kRecords);
    for (std::uint32_t i = 0; i < kRecords; ++i) t.records[i].key = key_of(i * 31 + 5);
    Rng rng(3);
    for (int step = 0; step < 20'000; ++step) {
        const std::uint32_t i = rng.below(kRecords);
        if (in[i]) t.table.erase(i);
        else ASSERT_TRUE(t.table.insert(i));  // 200 in 512 places
        in[i] = !in[i];
        const std::uint32_t j = rng.below(kRecords);
        ASSERT_EQ(t.table.find(t.records[j].key), in[j] ? j : kNoIndex) << step;
    }
}

TEST(FlowTable, RefusesWhenBothBucketsAreFullAndForgetsNobody) {
    Table t(2, 64);
    std::uint32_t kept = 0;
    std::vector<bool> in(64);
    for (std::uint32_t i = 0; i < 64; ++i) {
        t.records[i].key = key_of(i);
        in[i] = t.table.insert(i);
        kept += in[i] ? 1U : 0U;
    }
    EXPECT_LE(kept, 16U);
    EXPECT_GE(kept, 8U);
    for (std::uint32_t i = 0; i < 64; ++i)
        EXPECT_EQ(t.table.find(t.records[i].key), in[i] ? i : kNoIndex);
}

TEST(FlowRecord, CountsOctetsAcrossManyWraps) {
    FlowRecord4 flow;
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

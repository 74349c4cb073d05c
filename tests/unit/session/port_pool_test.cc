// SPDX-License-Identifier: Apache-2.0
#include "dataplane/nat/port_pool.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>

namespace sallyport::dp {
namespace {

TEST(PortSlice, CoversTheRangeOnceAndAgreesWithItsOwner) {
    for (const WorkerIndex workers : std::initializer_list<WorkerIndex>{1, 2, 3, 7, 64})
        for (const auto& [first, last] : {std::pair{1024, 65535}, {2000, 2099}, {5000, 5063}}) {
            std::uint32_t next = static_cast<std::uint32_t>(first);
            for (WorkerIndex w = 0; w < workers; ++w) {
                const PortSlice slice = port_slice(static_cast<std::uint16_t>(first),
                                                   static_cast<std::uint16_t>(last), w, workers);
                ASSERT_EQ(slice.first, next);
                for (std::uint32_t p = slice.first; p <= slice.last; ++p)
                    ASSERT_EQ(port_owner(static_cast<std::uint16_t>(first),
                                         static_cast<std::uint16_t>(last),
                                         static_cast<std::uint16_t>(p), workers), w);
                next = slice.last + 1U;
            }
            EXPECT_EQ(next, static_cast<std::uint32_t>(last) + 1);
        }
}

TEST(PortSlice, IsEmptyForAWorkerWithoutPortsAndSearchingItFindsNothing) {
    const PortSlice slice = port_slice(2000, 2000, 0, 2);
    EXPECT_EQ(slice.size(), 0U);
    const auto cursor = std::make_unique<PortCursor>(1);
    EXPECT_FALSE(cursor->find(slice, 5, [](std::uint16_t) { return true; }));
}

TEST(PortCursor, TriesEveryPortOnceAndGoesOnWhereItEnded) {
    const auto cursor = std::make_unique<PortCursor>(1);
    std::set<std::uint16_t> taken;
    const PortSlice slice{2000, 2009};
    const auto is_free = [&](std::uint16_t p) { return !taken.contains(p); };
    std::uint16_t previous = 0;
    for (int i = 0; i < 10; ++i) {
        const auto port = cursor->find(slice, 77, is_free);
        ASSERT_TRUE(port.has_value());
        const bool in_turn = i == 0 || *port == (previous == 2009 ? 2000 : previous + 1);
        EXPECT_TRUE(in_turn) << *port << " after " << previous;
        EXPECT_TRUE(taken.insert(*port).second);
        previous = *port;
    }
    EXPECT_FALSE(cursor->find(slice, 77, is_free));
}

TEST(PortCursor, GivesUpAfterABoundedNumberOfProbes) {
    const auto cursor = std::make_unique<PortCursor>(1);
    std::uint32_t probes = 0;
    EXPECT_FALSE(cursor->find({1024, 65535}, 5, [&](std::uint16_t) { return ++probes == 0; }));
    EXPECT_EQ(probes, PortCursor::kProbesMax);
}

TEST(PortCursor, StartsAtRandomForEachSeed) {
    std::set<std::uint16_t> firsts;
    for (std::uint64_t seed = 1; seed <= 20; ++seed)
        firsts.insert(*std::make_unique<PortCursor>(seed)->find({1024, 65535}, 5, [](auto) { return true; }));
    EXPECT_GT(firsts.size(), 15U);
}

}  // namespace
}  // namespace sallyport::dp

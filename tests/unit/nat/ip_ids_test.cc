// SPDX-License-Identifier: Apache-2.0
#include "dataplane/nat/ip_ids.h"

#include <gtest/gtest.h>

#include <set>

namespace sallyport::dp {
namespace {

TEST(IpIds, AreUniqueOverAllWorkersForAsLongAsThereAreSome) {
    std::set<std::uint16_t> seen;
    for (WorkerIndex worker = 0; worker < 3; ++worker) {
        IpIds ids(worker, 3, 7 + worker);
        for (std::uint32_t i = 0; i < 0x10000 / 3; ++i) {
            const std::uint16_t id = ids.next(99);
            EXPECT_EQ(id % 3, worker);
            EXPECT_TRUE(seen.insert(id).second) << id;
        }
    }
}

TEST(IpIds, GoOnForEachPairOfHostsByItself) {
    IpIds ids(0, 1, 7);
    const std::uint16_t first = ids.next(1);
    for (int i = 0; i < 1000; ++i) ids.next(2);
    EXPECT_EQ(ids.next(1), static_cast<std::uint16_t>(first + 1));
}

}  // namespace
}  // namespace sallyport::dp

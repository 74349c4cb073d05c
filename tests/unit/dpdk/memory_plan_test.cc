// SPDX-License-Identifier: Apache-2.0
#include "dataplane/dpdk/memory_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <filesystem>
#include <fstream>

namespace sallyport::dp {
namespace {

constexpr std::uint64_t kMegabyte = 1U << 20;

TEST(MemoryPlan, CoversDescriptorsAndStocks) {
    const MemoryPlan plan = plan_memory({.workers = 2, .queues = 4, .data_room = 2048});
    EXPECT_GE(plan.mbufs, 4U * 2 * kDescriptors + 2U * kHandoverRing);
    EXPECT_TRUE(std::has_single_bit(plan.mbufs + 1));
    EXPECT_GT(plan.bytes, std::uint64_t{plan.mbufs} * 2048);
}

TEST(MemoryPlan, GrowsWithWorkersQueuesAndFrames) {
    const MemoryPlan small = plan_memory({.workers = 1, .queues = 2, .data_room = 2048});
    const MemoryPlan wide = plan_memory({.workers = 8, .queues = 16, .data_room = 2048});
    const MemoryPlan jumbo = plan_memory({.workers = 1, .queues = 2, .data_room = 16384});
    EXPECT_GT(wide.mbufs, small.mbufs);
    EXPECT_EQ(jumbo.mbufs, small.mbufs);
    EXPECT_GT(jumbo.bytes, small.bytes * 2);
}

class FakeSysfs : public testing::Test {
   protected:
    FakeSysfs() : root_(std::filesystem::path(testing::TempDir()) / "hugepages_fixture") {
        std::filesystem::remove_all(root_);
    }
    ~FakeSysfs() override { std::filesystem::remove_all(root_); }
    void add(const std::string& size, int free) {
        std::filesystem::create_directories(root_ / size);
        std::ofstream(root_ / size / "free_hugepages") << free << "\n";
    }
    std::filesystem::path root_;
};

TEST_F(FakeSysfs, SumsFreePagesOfAllSizes) {
    add("hugepages-2048kB", 100);
    add("hugepages-1048576kB", 1);
    EXPECT_EQ(free_hugepage_bytes(root_.string()), (200 + 1024) * kMegabyte);
}

TEST_F(FakeSysfs, CountsNothingWhereThereIsNothing) {
    EXPECT_EQ(free_hugepage_bytes(root_.string()), 0U);
}

TEST(Hugepages, AutoUsesThemWhenThereAreEnough) {
    std::vector<std::string> warnings;
    EXPECT_EQ(choose_hugepages(cfg::Hugepages::Auto, 100, 100, warnings), true);
    EXPECT_TRUE(warnings.empty());
}

TEST(Hugepages, AutoGoesWithoutAndSaysSoOnce) {
    std::vector<std::string> warnings;
    EXPECT_EQ(choose_hugepages(cfg::Hugepages::Auto, 101 * kMegabyte, 0, warnings), false);
    ASSERT_EQ(warnings.size(), 1U);
    EXPECT_THAT(warnings[0], testing::HasSubstr("vm.nr_hugepages=51"));
}

TEST(Hugepages, OnRefusesToGoWithout) {
    std::vector<std::string> warnings;
    const auto chosen = choose_hugepages(cfg::Hugepages::On, 100, 99, warnings);
    ASSERT_FALSE(chosen);
    EXPECT_EQ(chosen.error().setting, "memory.hugepages");
}

TEST(Hugepages, OffNeverUsesThemAndNeverWarns) {
    std::vector<std::string> warnings;
    EXPECT_EQ(choose_hugepages(cfg::Hugepages::Off, 1, 1000, warnings), false);
    EXPECT_TRUE(warnings.empty());
}

}  // namespace
}  // namespace sallyport::dp

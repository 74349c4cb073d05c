// SPDX-License-Identifier: Apache-2.0
#include "dataplane/dpdk/cpu_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sallyport::dp {
namespace {

using testing::ElementsAre;

Result<CpuPlan, StartError> plan(std::uint32_t count, std::vector<std::uint32_t> cpus,
                                 std::vector<Cpu> allowed) {
    cfg::Workers workers;
    workers.count = count;
    workers.cpus = std::move(cpus);
    return plan_cpus(workers, allowed);
}

TEST(CpuPlan, GivesTheFirstCpusToWorkersAndTheRestToControl) {
    const auto p = plan(2, {}, {2, 3, 5, 7});
    ASSERT_TRUE(p);
    EXPECT_THAT(p->workers, ElementsAre(2, 3));
    EXPECT_THAT(p->control, ElementsAre(5, 7));
    EXPECT_EQ(lcores_text(*p), "0@(5,7),1@2,2@3");
}

TEST(CpuPlan, SharesCpusWithControlOnlyWhenThereAreNoOthers) {
    const auto one = plan(1, {}, {4});
    ASSERT_TRUE(one);
    EXPECT_EQ(lcores_text(*one), "0@(4),1@4");
    const auto two = plan(2, {}, {0, 1});
    ASSERT_TRUE(two);
    EXPECT_EQ(lcores_text(*two), "0@(0,1),1@0,2@1");
}

TEST(CpuPlan, TakesTheCpusThatAreNamed) {
    const auto p = plan(2, {3, 1}, {0, 1, 2, 3});
    ASSERT_TRUE(p);
    EXPECT_THAT(p->workers, ElementsAre(3, 1));
    EXPECT_THAT(p->control, ElementsAre(0, 2));
}

TEST(CpuPlan, LetsWorkersShareACpuThatIsNamedTwice) {
    const auto p = plan(2, {0, 0}, {0});
    ASSERT_TRUE(p);
    EXPECT_EQ(lcores_text(*p), "0@(0),1@0,2@0");
}

TEST(CpuPlan, RefusesMoreWorkersThanCpus) {
    const auto p = plan(3, {}, {0, 1});
    ASSERT_FALSE(p);
    EXPECT_EQ(p.error().setting, "workers.count");
    EXPECT_THAT(p.error().what, testing::HasSubstr("0,1"));
}

TEST(CpuPlan, RefusesACpuThatTheProcessMayNotUse) {
    const auto p = plan(1, {9}, {0, 1});
    ASSERT_FALSE(p);
    EXPECT_EQ(p.error().setting, "workers.cpus");
    EXPECT_THAT(p.error().what, testing::HasSubstr("CPU 9"));
}

TEST(CpuPlan, RefusesAListOfAnotherLengthThanTheCount) {
    EXPECT_FALSE(plan(2, {0}, {0, 1}));
}

TEST(AllowedCpus, NamesAtLeastTheOneThatRunsThis) {
    EXPECT_FALSE(allowed_cpus().empty());
}

}  // namespace
}  // namespace sallyport::dp

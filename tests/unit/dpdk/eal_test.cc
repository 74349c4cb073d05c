// SPDX-License-Identifier: Apache-2.0
#include "dataplane/dpdk/eal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sallyport::dp {
namespace {

using testing::Contains;
using testing::Not;

EalOptions options() {
    EalOptions o;
    o.cpus = {{0, 1}, {2}};
    o.megabytes = 77;
    o.file_prefix = "sallyport-1";
    return o;
}

std::string text(const EalOptions& o) {
    std::string out;
    for (const std::string& a : eal_arguments(o)) out += (out.empty() ? "" : " ") + a;
    return out;
}

TEST(EalArguments, WithoutHugepagesLimitMemoryAndShareNothing) {
    EXPECT_EQ(text(options()),
              "sallyport --lcores 0@(2),1@0,2@1 --main-lcore 0 --file-prefix sallyport-1 "
              "--no-telemetry --log-level=warning --no-huge --no-shconf -m 77 --no-pci");
}

TEST(EalArguments, WithHugepagesLeaveNoFiles) {
    EalOptions o = options();
    o.hugepages = true;
    EXPECT_THAT(eal_arguments(o), Contains("--in-memory"));
    EXPECT_THAT(eal_arguments(o), Contains("--single-file-segments"));
    EXPECT_THAT(eal_arguments(o), Not(Contains("--no-huge")));
    EXPECT_THAT(eal_arguments(o), Not(Contains("-m")));
}

TEST(EalArguments, ProbeOnlyTheConfiguredPciDevices) {
    EalOptions o = options();
    o.pci_devices = {"0000:8a:00.0", "0000:8a:00.1,x=1"};
    EXPECT_THAT(text(o), testing::EndsWith("-a 0000:8a:00.0 -a 0000:8a:00.1,x=1"));
    EXPECT_THAT(eal_arguments(o), Not(Contains("--no-pci")));
}

}  // namespace
}  // namespace sallyport::dp

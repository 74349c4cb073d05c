// SPDX-License-Identifier: Apache-2.0
#include "dataplane/dpdk/ring.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

#include "dataplane/access_record.h"
#include "dataplane/dpdk/eal.h"
#include "tests/unit/dpdk/support/child.h"

namespace sallyport::dp {
namespace {

std::unique_ptr<Eal> started() {
    EalOptions options;
    options.cpus.control = {allowed_cpus().back()};
    options.megabytes = 64;
    options.file_prefix = "sallyport-ring-" + std::to_string(getpid());
    auto eal = Eal::start(options);
    return eal ? std::move(*eal) : nullptr;
}

AccessRecord numbered(std::uint64_t number) {
    AccessRecord r;
    r.session_id = number;
    r.set_name(std::string(number % kNameMax, 'n'));
    if (number % 2 == 0) r.http.emplace().path.set(std::to_string(number));
    return r;
}

void expect_numbered(const AccessRecord& r, std::uint64_t number) {
    const AccessRecord expected = numbered(number);
    EXPECT_EQ(r.session_id, number);
    EXPECT_EQ(r.name(), expected.name());
    ASSERT_EQ(r.http.has_value(), expected.http.has_value());
    if (!r.http) return;
    EXPECT_EQ(r.http->path.view(), expected.http->path.view());
}

TEST(LiveRing, KeepsValuesAndTheirOrderAcrossItsEnd) {
    SP_SKIP_UNLESS_LIVE();
    test::in_child([] {
        const auto eal = started();
        ASSERT_NE(eal, nullptr);
        Ring<AccessRecord> ring("across", 8);
        ASSERT_TRUE(ring.exists());
        std::array<AccessRecord, 5> values, out;
        std::uint64_t in_number = 0, out_number = 0;
        for (int round = 0; round < 20; ++round) {
            for (AccessRecord& r : values) r = numbered(in_number++);
            ASSERT_EQ(ring.push(values), values.size());
            ASSERT_EQ(ring.pop(out), out.size());
            for (const AccessRecord& r : out) expect_numbered(r, out_number++);
        }
        EXPECT_EQ(ring.pop(out), 0U);
    });
}

TEST(LiveRing, TakesWhatFitsAndGivesWhatItHas) {
    SP_SKIP_UNLESS_LIVE();
    test::in_child([] {
        const auto eal = started();
        ASSERT_NE(eal, nullptr);
        Ring<std::uint64_t> ring("full", 8);  // holds seven
        ASSERT_TRUE(ring.exists());
        const std::array<std::uint64_t, 9> values{1, 2, 3, 4, 5, 6, 7, 8, 9};
        EXPECT_EQ(ring.push(values), 7U);
        EXPECT_EQ(ring.room(), 0U);
        EXPECT_EQ(ring.push(values), 0U);
        std::array<std::uint64_t, 9> out{};
        EXPECT_EQ(ring.pop(out), 7U);
        EXPECT_EQ(out, (std::array<std::uint64_t, 9>{1, 2, 3, 4, 5, 6, 7, 0, 0}));
        EXPECT_EQ(ring.pop(out), 0U);
    });
}

}  // namespace
}  // namespace sallyport::dp

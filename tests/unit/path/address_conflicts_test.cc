// SPDX-License-Identifier: Apache-2.0
#include "dataplane/address_conflicts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

namespace sallyport::dp {
namespace {

using namespace std::chrono_literals;

IpAddr address(const std::string& text) { return IpAddr::parse(text).value(); }

AddressConflict conflict(const std::string& own, std::uint8_t mac, Instant heard = Instant{1s}) {
    return {.port = kOutsidePort,
            .address = address(own),
            .mac = {{2, 0, 0, 0, 0, mac}},
            .given_up = mac % 2 == 1,
            .heard = heard};
}

std::vector<AddressConflict> all(const AddressConflicts& conflicts) {
    std::array<AddressConflict, AddressConflicts::kMax> known;
    return {known.begin(), known.begin() + static_cast<std::ptrdiff_t>(conflicts.read(known))};
}

bool same(const AddressConflict& a, const AddressConflict& b) {
    return a.port == b.port && a.address == b.address && a.mac == b.mac && a.given_up == b.given_up &&
           a.heard == b.heard;
}

TEST(AddressConflicts, TellsTheLastOfEachAddress) {
    AddressConflicts conflicts;
    EXPECT_TRUE(all(conflicts).empty());
    for (const char* own : {"203.0.113.7", "2001:db8::7"}) {
        conflicts.note(conflict(own, 1));
        conflicts.note(conflict(own, 0xfe, Instant{2s}));
    }
    ASSERT_EQ(all(conflicts).size(), 2U);
    EXPECT_TRUE(same(all(conflicts)[0], conflict("203.0.113.7", 0xfe, Instant{2s})));
    EXPECT_TRUE(same(all(conflicts)[1], conflict("2001:db8::7", 0xfe, Instant{2s})));
    conflicts.forget(kInsidePort, address("203.0.113.7"));
    EXPECT_EQ(all(conflicts).size(), 2U) << "another port";
    conflicts.forget(kOutsidePort, address("203.0.113.7"));
    ASSERT_EQ(all(conflicts).size(), 1U);
    EXPECT_EQ(all(conflicts)[0].address, address("2001:db8::7"));
}

TEST(AddressConflicts, WhenFullTheOldestMakesWay) {
    AddressConflicts conflicts;
    const auto own = [](std::size_t n) { return "203.0.113." + std::to_string(n); };
    for (std::size_t i = 0; i < AddressConflicts::kMax; ++i)
        conflicts.note(conflict(own(i), 1, Instant{100s - std::chrono::seconds(i)}));
    conflicts.note(conflict(own(99), 1, Instant{200s}));
    const auto known = all(conflicts);
    ASSERT_EQ(known.size(), AddressConflicts::kMax);
    const auto has = [&](std::size_t n) {
        return std::ranges::any_of(known, [&](const auto& c) { return c.address == address(own(n)); });
    };
    EXPECT_TRUE(has(99));
    EXPECT_FALSE(has(AddressConflicts::kMax - 1));
    EXPECT_TRUE(has(AddressConflicts::kMax - 2));
}

TEST(AddressConflicts, AReaderNeverSeesHalfOfOne) {
    AddressConflicts conflicts;
    const auto written = [](std::uint8_t n) {
        return conflict("2001:db8::7", n, Instant{std::chrono::seconds(n)});
    };
    conflicts.note(written(1));
    std::thread writer([&] {
        for (int i = 0; i < 200'000; ++i) conflicts.note(written(static_cast<std::uint8_t>(1 + i % 200)));
    });
    int torn = 0;
    for (int i = 0; i < 100'000; ++i)
        for (const AddressConflict& c : all(conflicts)) torn += same(c, written(c.mac.octets[5])) ? 0 : 1;
    writer.join();
    EXPECT_EQ(torn, 0);
}

}  // namespace
}  // namespace sallyport::dp

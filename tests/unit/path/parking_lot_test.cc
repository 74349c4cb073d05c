// SPDX-License-Identifier: Apache-2.0
#include "dataplane/parking_lot.h"

#include <gtest/gtest.h>

#include <array>
#include <deque>

#include "tcpstack/base/rng.h"

namespace sallyport::dp {
namespace {

Frame numbered(std::uint16_t n) {
    Frame f;
    f.length = n;
    return f;
}

TEST(ParkingLot, GivesFramesBackOldestFirst) {
    ParkingLot lot;
    ParkingLot::Queue a, b;
    lot.push(a, numbered(1));
    lot.push(b, numbered(2));
    lot.push(a, numbered(3));
    EXPECT_EQ(lot.pop(a)->length, 1);
    EXPECT_EQ(lot.pop(a)->length, 3);
    EXPECT_FALSE(lot.pop(a));
    EXPECT_EQ(lot.pop(b)->length, 2);
    EXPECT_EQ(lot.used(), 0U);
}

TEST(ParkingLot, HasRoomForManyInAQueueWhileHalfOfItIsFree) {
    ParkingLot lot;
    std::array<ParkingLot::Queue, 67> queues;
    for (std::size_t q = 0; q < 2; ++q) {
        for (int n = 0; n < 128; ++n) {
            ASSERT_TRUE(lot.has_room(queues[q]));
            lot.push(queues[q], numbered(1));
        }
        EXPECT_FALSE(lot.has_room(queues[q]));
    }
    for (std::size_t q = 2; q < 66; ++q) {
        for (int n = 0; n < 4; ++n) {
            ASSERT_TRUE(lot.has_room(queues[q]));
            lot.push(queues[q], numbered(1));
        }
        EXPECT_FALSE(lot.has_room(queues[q]));
    }
    EXPECT_EQ(lot.used(), 512U);
    EXPECT_FALSE(lot.has_room(queues[66]));
    (void)lot.pop(queues[10]);
    EXPECT_TRUE(lot.has_room(queues[66]));
}

// Against a model, over random pushes and pops.
TEST(ParkingLot, BehavesLikeManyQueues) {
    ParkingLot lot;
    std::array<ParkingLot::Queue, 80> queues;
    std::array<std::deque<std::uint16_t>, 80> model;
    Rng rng(7);
    for (int step = 0; step < 50'000; ++step) {
        const std::uint32_t q = rng.below(80);
        if (rng.below(5) < 3 && lot.has_room(queues[q])) {
            const auto n = static_cast<std::uint16_t>(rng.next());
            lot.push(queues[q], numbered(n));
            model[q].push_back(n);
        } else if (const auto frame = lot.pop(queues[q])) {
            ASSERT_FALSE(model[q].empty());
            ASSERT_EQ(frame->length, model[q].front());
            model[q].pop_front();
        } else {
            ASSERT_TRUE(model[q].empty());
        }
    }
}

}  // namespace
}  // namespace sallyport::dp

// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/tcp/window_demand.h"

#include <gtest/gtest.h>

namespace sallyport::tcp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant kStart = Instant{} + seconds(100);

WindowDemand opened() {
    WindowDemand demand;
    demand.open(0, 1000, kStart);
    return demand;
}

TEST(WindowDemand, IsNothingWhileTheRoundTripIsUnknown) {
    WindowDemand demand = opened();
    demand.on_read(1'000'000, kStart + seconds(1));
    EXPECT_EQ(demand.octets(), 0U);
}

TEST(WindowDemand, IsTwiceWhatIsReadInARoundTripAndTwiceItsGrowth) {
    WindowDemand demand = opened();
    demand.note_round_trip(milliseconds(100));
    demand.on_read(10'000, kStart + milliseconds(99));
    EXPECT_EQ(demand.octets(), 0U);
    demand.on_read(10'000, kStart + milliseconds(100));
    EXPECT_EQ(demand.octets(), 40'000U);
    demand.on_read(30'000, kStart + milliseconds(200));
    EXPECT_EQ(demand.octets(), 60'000U);
    demand.on_read(70'000, kStart + milliseconds(300));
    EXPECT_EQ(demand.octets(), 120'000U);
}

TEST(WindowDemand, NeverBecomesLess) {
    WindowDemand demand = opened();
    demand.note_round_trip(milliseconds(100));
    demand.on_read(50'000, kStart + milliseconds(100));
    demand.on_read(50'001, kStart + milliseconds(200));
    EXPECT_EQ(demand.octets(), 200'000U);
}

TEST(WindowDemand, CountsALongRoundInProportion) {
    WindowDemand demand = opened();
    demand.note_round_trip(milliseconds(10));
    demand.on_read(1'000'000, kStart + seconds(10));  // 1,000 octets in each round trip
    EXPECT_EQ(demand.octets(), 4'000U);
}

TEST(WindowDemand, BelievesTheShortestRoundTrip) {
    WindowDemand demand = opened();
    demand.note_round_trip(seconds(5));  // with a pause of the peer in it
    demand.note_round_trip(milliseconds(10));
    demand.note_round_trip(seconds(2));
    demand.on_read(1'000, kStart + milliseconds(10));
    EXPECT_EQ(demand.octets(), 4'000U);
}

TEST(WindowDemand, MeasuresByTheTimeInWhichAPromiseIsUsedUp) {
    WindowDemand demand = opened();
    demand.on_promise(1000, kStart);  // what the peer knew before measures nothing
    demand.on_received(1000, kStart + milliseconds(1));
    demand.on_promise(3000, kStart + milliseconds(1));
    demand.on_promise(9000, kStart + milliseconds(2));
    demand.on_received(2999, kStart + milliseconds(20));
    demand.on_read(2999, kStart + milliseconds(20));
    EXPECT_EQ(demand.octets(), 0U);
    demand.on_received(3000, kStart + milliseconds(21));  // 20 ms behind the promise
    demand.on_read(4000, kStart + milliseconds(40));
    EXPECT_EQ(demand.octets(), 4 * 4000U * 20 / 40);
}

TEST(WindowDemand, IsNotFooledByAReaderThatWasBehind) {
    WindowDemand demand;
    demand.open(5000, 9000, kStart);  // of those, nothing was passed on yet
    demand.note_round_trip(milliseconds(10));
    demand.on_read(0, kStart + milliseconds(10));
    EXPECT_EQ(demand.octets(), 0U);
    demand.on_read(100, kStart + milliseconds(20));
    EXPECT_EQ(demand.octets(), 400U);
}

}  // namespace
}  // namespace sallyport::tcp

// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/tcp/isn.h"

#include <gtest/gtest.h>

namespace sallyport::tcp {
namespace {

constexpr SipKey kSecret{1, 2};
const IpAddr kLocal = *IpAddr::parse("203.0.113.7"), kRemote = *IpAddr::parse("198.51.100.80");

TEST(InitialSequence, GrowsByOneEveryFourMicroseconds) {  // RFC 6528 section 3
    const FourTuple t{kLocal, kRemote, {1024}, {443}};
    const SeqNum first = initial_sequence(kSecret, t, Instant{});
    EXPECT_EQ(initial_sequence(kSecret, t, Instant{} + std::chrono::microseconds(4000)), first + 1000);
}

TEST(InitialSequence, DiffersByTupleAndSecret) {
    const FourTuple a{kLocal, kRemote, {1024}, {443}}, b{kLocal, kRemote, {1025}, {443}};
    EXPECT_NE(initial_sequence(kSecret, a, Instant{}), initial_sequence(kSecret, b, Instant{}));
    EXPECT_NE(initial_sequence(kSecret, a, Instant{}), initial_sequence({1, 3}, a, Instant{}));
}

TEST(TimestampClock, IsOneMillisecondClockForAPairOfAddresses) {
    const TsVal first = timestamp_clock(kSecret, kLocal, kRemote, Instant{});
    EXPECT_EQ(timestamp_clock(kSecret, kLocal, kRemote, Instant{} + std::chrono::seconds(3)),
              first + 3000);
    EXPECT_NE(timestamp_clock(kSecret, kRemote, kLocal, Instant{}), first);
}

TEST(CookieTimestamp, CarriesTheMacAndIsNeverBehindTheClock) {
    for (std::uint32_t clock : {0U, 1U, 255U, 256U, 0xffff'ff01U, 0xffff'ffffU})
        for (unsigned mac = 0; mac < 256; mac += 51) {
            const TsVal t = cookie_timestamp(TsVal{clock}, static_cast<std::uint8_t>(mac));
            EXPECT_EQ(t.raw() & 255, mac);
            EXPECT_LE(t.raw() - clock, 511U);
        }
}

}  // namespace
}  // namespace sallyport::tcp

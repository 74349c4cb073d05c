// SPDX-License-Identifier: Apache-2.0
#include "dataplane/neighbors.h"

#include <gmock/gmock.h>

#include "tests/unit/path/neighbors_fixture.h"

namespace sallyport::dp {
namespace {

using test::kGateMac;
using test::kStationMac;
using test::v4;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(NeighborsTest, AsksOnceAndParksWhileUnknown) {
    const NeighborIndex i = acquire("10.10.0.5");
    EXPECT_THAT(sent(), IsEmpty());
    send(i);
    send(i);
    EXPECT_THAT(sent(), ElementsAre(kAsk));
    EXPECT_EQ(neighbors.parked(), 2U);
    EXPECT_EQ(counters.frames_parked.value(), 2U);
    EXPECT_EQ(counters.arp_requests_sent.value(), 1U);
    EXPECT_FALSE(neighbors.resolved(i));
}

TEST_F(NeighborsTest, RequestIsABroadcastFromTheGate) {
    send(acquire("10.10.0.5"));
    const auto frames = take_sent();
    ASSERT_THAT(frames, SizeIs(1));
    const auto& ethernet = *reinterpret_cast<wire::EthernetHeader*>(frames[0].data);
    EXPECT_EQ(ethernet.dst, wire::kBroadcast);
    EXPECT_EQ(ethernet.src, kGateMac);
    EXPECT_EQ(frames[0].length, 42);
}

TEST_F(NeighborsTest, ReplySendsWhatWaitedInOrderWithBothMacs) {
    const NeighborIndex i = acquire("10.10.0.5");
    const Frame first = packet(), second = packet();
    neighbors.send(first, i, now, outbox);
    neighbors.send(second, i, now, outbox);
    (void)sent();
    reply_from("10.10.0.5", kStationMac);
    const auto frames = take_sent();
    ASSERT_THAT(frames, SizeIs(2));
    EXPECT_EQ(frames[0].buffer, first.buffer);
    EXPECT_EQ(frames[1].buffer, second.buffer);
    const auto& ethernet = *reinterpret_cast<wire::EthernetHeader*>(frames[0].data);
    EXPECT_EQ(ethernet.dst, kStationMac);
    EXPECT_EQ(ethernet.src, kGateMac);
    EXPECT_TRUE(neighbors.resolved(i));
    EXPECT_EQ(neighbors.mac(i), kStationMac);
    EXPECT_EQ(neighbors.parked(), 0U);
    EXPECT_EQ(counters.frames_parked.value(), 0U);
    EXPECT_EQ(freed(), 1U);  // the reply itself
}

TEST_F(NeighborsTest, SendsAtOnceWhenResolved) {
    const NeighborIndex i = make_reachable("10.10.0.5");
    send(i);
    EXPECT_THAT(take_sent(), SizeIs(1));
}

TEST_F(NeighborsTest, OneFrameMoreThanMayWaitPushesTheOldestOut) {
    refill(200);
    const NeighborIndex i = acquire("10.10.0.5");
    const Frame oldest = packet();
    neighbors.send(oldest, i, now, outbox);
    for (int n = 0; n < 127; ++n) send(i);
    EXPECT_EQ(counters.of(Reason::ArpParked), 0U);
    send(i);
    EXPECT_EQ(neighbors.parked(), 128U);
    EXPECT_EQ(counters.of(Reason::ArpParked), 1U);
    ASSERT_EQ(freed(), 1U);
    EXPECT_EQ(outbox.to_free[0].buffer, oldest.buffer);
}

TEST_F(NeighborsTest, StationsThatNeverAnswerLeaveRoomForOthers) {
    Neighbors many(200, {kGateMac, kOutsideMac}, counters, SipKey{1, 2});
    for (std::uint32_t n = 0; n < 10; ++n) {
        refill(1);
        const NeighborIndex silent = many.acquire(kInsidePort, Ipv4Addr::from_host(0x0a0a0105 + n), now);
        for (int k = 0; k < 128; ++k) many.send(packet(), silent, now, outbox);
        outbox.to_free.clear();
    }
    EXPECT_EQ(many.parked(), 256U + 8 * 4);
    const std::uint64_t dropped = counters.of(Reason::ArpParked);
    refill(1);
    const NeighborIndex other = many.acquire(kInsidePort, test::v4("10.10.0.5"), now);
    for (int k = 0; k < 4; ++k) many.send(packet(), other, now, outbox);
    EXPECT_EQ(counters.of(Reason::ArpParked), dropped);
}

TEST_F(NeighborsTest, ParksAtMost512FramesInAll) {
    Neighbors many(200, {kGateMac, kOutsideMac}, counters, SipKey{1, 2});
    for (std::uint32_t n = 0; n < 129; ++n) {
        refill(5);
        const auto ip = Ipv4Addr::from_host(0x0a0a0005 + n);
        const NeighborIndex i = many.acquire(kInsidePort, ip, now);
        for (int k = 0; k < 4; ++k) many.send(packet(), i, now, outbox);
    }
    EXPECT_EQ(many.parked(), 512U);
    EXPECT_EQ(counters.of(Reason::ArpParked), 4U);
}

TEST_F(NeighborsTest, AsksOnceASecondThreeTimesThenFails) {
    const NeighborIndex i = acquire("10.10.0.5");
    send(i);
    pass(900ms);
    EXPECT_THAT(sent(), ElementsAre(kAsk));
    pass(400ms);
    EXPECT_THAT(sent(), ElementsAre(kAsk));
    pass(1300ms);
    EXPECT_THAT(sent(), ElementsAre(kAsk));
    EXPECT_FALSE(neighbors.failed(i));
    pass(1300ms);
    EXPECT_THAT(sent(), IsEmpty());
    EXPECT_TRUE(neighbors.failed(i));
    EXPECT_EQ(neighbors.parked(), 0U);
    EXPECT_EQ(counters.of(Reason::UpstreamUnreachable), 1U);
}

TEST_F(NeighborsTest, FailedNeighbourDropsForAWhileAndIsThenAskedAgain) {
    const NeighborIndex i = acquire("10.10.0.5");
    send(i);
    pass(4s);
    ASSERT_TRUE(neighbors.failed(i));
    (void)sent();
    send(i);
    EXPECT_EQ(counters.of(Reason::UpstreamUnreachable), 2U);
    EXPECT_THAT(sent(), IsEmpty());
    pass(4s);
    EXPECT_FALSE(neighbors.failed(i));
    send(i);
    EXPECT_THAT(sent(), ElementsAre(kAsk));
}

TEST_F(NeighborsTest, FailedNeighbourThatSpeaksIsUsedAtOnce) {
    const NeighborIndex i = acquire("10.10.0.5");
    send(i);
    pass(4s);
    ASSERT_TRUE(neighbors.failed(i));
    reply_from("10.10.0.5", kStationMac);
    EXPECT_TRUE(neighbors.resolved(i));
}

TEST_F(NeighborsTest, ProbesByUnicastWhenInUseAndKeepsSending) {
    const NeighborIndex i = make_reachable("10.10.0.5");
    send(i);
    pass(59s);
    EXPECT_THAT(take_sent(), SizeIs(1));
    pass(2s);
    const auto probes = take_sent();
    ASSERT_FALSE(probes.empty());
    EXPECT_EQ(reinterpret_cast<wire::EthernetHeader*>(probes[0].data)->dst, kStationMac);
    send(i);
    EXPECT_THAT(take_sent(), SizeIs(1));
    reply_from("10.10.0.5", kStationMac);
    pass(30s);
    EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(NeighborsTest, FramesThatWaitedCountAsUse) {
    send(acquire("10.10.0.5"));
    reply_from("10.10.0.5", kStationMac);
    (void)sent();
    pass(61s);
    EXPECT_FALSE(take_sent().empty()) << "a probe";
}

TEST_F(NeighborsTest, DoesNotProbeWhatIsNotUsed) {
    const NeighborIndex i = make_reachable("10.10.0.5");
    pass(200s);
    EXPECT_THAT(sent(), IsEmpty());
    EXPECT_TRUE(neighbors.resolved(i));
}

TEST_F(NeighborsTest, ThreeUnansweredProbesMakeItUnknownAgain) {
    const NeighborIndex i = make_reachable("10.10.0.5");
    send(i);
    pass(60s + 4s);
    EXPECT_FALSE(neighbors.resolved(i));
    EXPECT_FALSE(neighbors.failed(i));
    const auto frames = take_sent();  // the packet, three probes, then a broadcast
    ASSERT_THAT(frames, SizeIs(5));
    EXPECT_EQ(reinterpret_cast<wire::EthernetHeader*>(frames[3].data)->dst, kStationMac);
    EXPECT_EQ(reinterpret_cast<wire::EthernetHeader*>(frames[4].data)->dst, wire::kBroadcast);
    send(i);
    EXPECT_EQ(neighbors.parked(), 1U);
}

TEST_F(NeighborsTest, OldIdleEntryIsAskedForAnew) {
    const NeighborIndex i = make_reachable("10.10.0.5");
    neighbors.release(i);
    pass(61s);
    ASSERT_EQ(acquire("10.10.0.5"), i);
    send(i);
    EXPECT_THAT(sent(), ElementsAre(kAsk));
}

TEST_F(NeighborsTest, FreshIdleEntryIsUsedAsItIs) {
    const NeighborIndex i = make_reachable("10.10.0.5");
    neighbors.release(i);
    pass(10s);
    ASSERT_EQ(acquire("10.10.0.5"), i);
    EXPECT_TRUE(neighbors.resolved(i));
}

TEST_F(NeighborsTest, SameAddressOnAnotherPortIsAnotherNeighbour) {
    const NeighborIndex inside = acquire("10.10.0.5");
    const NeighborIndex outside = neighbors.acquire(kOutsidePort, v4("10.10.0.5"), now);
    EXPECT_NE(inside, outside);
    reply_from("10.10.0.5", kStationMac);
    EXPECT_TRUE(neighbors.resolved(inside));
    EXPECT_FALSE(neighbors.resolved(outside));
}

TEST_F(NeighborsTest, PortIsPartOfTheKey) {
    Neighbors single(1, {kGateMac, kOutsideMac}, counters, SipKey{1, 2});  // one bucket
    single.release(single.acquire(kInsidePort, v4("10.10.0.5"), now));
    single.send(packet(), single.acquire(kOutsidePort, v4("10.10.0.5"), now), now, outbox);
    EXPECT_THAT(sent(kInsidePort), IsEmpty());
    EXPECT_THAT(sent(kOutsidePort), SizeIs(1));
}

TEST_F(NeighborsTest, ReferencedEntriesAreNeverRecycled) {
    std::vector<NeighborIndex> taken;
    for (std::uint32_t n = 0; n < 8; ++n)
        taken.push_back(neighbors.acquire(kInsidePort, Ipv4Addr::from_host(0x0a0a0005 + n), now));
    EXPECT_EQ(acquire("10.10.0.99"), kNoNeighbor);
    neighbors.release(taken[3]);
    neighbors.release(taken[1]);
    EXPECT_EQ(acquire("10.10.0.99"), taken[3]) << "released longest ago";
    EXPECT_EQ(acquire("10.10.0.6"), taken[1]) << "still cached";
    EXPECT_EQ(acquire("10.10.0.98"), kNoNeighbor);
}

TEST_F(NeighborsTest, RecycledEntryForgetsItsAddress) {
    const NeighborIndex old = make_reachable("10.10.0.5");
    neighbors.release(old);
    for (std::uint32_t n = 0; n < 8; ++n)
        EXPECT_NE(neighbors.acquire(kInsidePort, Ipv4Addr::from_host(0x0a0a0105 + n), now),
                  kNoNeighbor);
    EXPECT_FALSE(neighbors.resolved(old));
    reply_from("10.10.0.5", kStationMac);
    EXPECT_FALSE(neighbors.resolved(old));
    EXPECT_EQ(counters.of(Reason::ArpIgnored), 1U);
}

TEST_F(NeighborsTest, EntryForWhichFramesWaitIsNotRecycled) {
    const NeighborIndex waiting = acquire("10.10.0.5");
    send(waiting);
    neighbors.release(waiting);
    for (std::uint32_t n = 0; n < 7; ++n)
        EXPECT_NE(neighbors.acquire(kInsidePort, Ipv4Addr::from_host(0x0a0a0105 + n), now),
                  kNoNeighbor);
    EXPECT_EQ(acquire("10.10.0.99"), kNoNeighbor);
    pass(4s);  // it fails, what waits is dropped
    EXPECT_EQ(acquire("10.10.0.99"), waiting);
}

TEST_F(NeighborsTest, SenderIsTheOwnAddressOnTheNetworkOfTheTarget) {
    send(acquire("172.16.0.9"));
    EXPECT_THAT(sent(), ElementsAre("ARP who-has 172.16.0.9 tell 172.16.0.1"));
    send(acquire("192.0.2.1"));  // on no network: the first address
    EXPECT_THAT(sent(), ElementsAre("ARP who-has 192.0.2.1 tell 10.10.0.1"));
}

TEST_F(NeighborsTest, WithoutOwnAddressTheRequestIsAProbe) {
    send(neighbors.acquire(kOutsidePort, v4("203.0.113.1"), now));
    EXPECT_THAT(sent(kOutsidePort), ElementsAre("ARP who-has 203.0.113.1 tell 0.0.0.0"));
}

TEST_F(NeighborsTest, RequestThatFindsNoBufferIsNotATry) {
    refill(0);
    const NeighborIndex i = acquire("10.10.0.5");
    send(i);
    EXPECT_EQ(counters.of(Reason::NoBuffer), 1U);
    pass(10s);
    EXPECT_FALSE(neighbors.failed(i));
    refill(64);
    pass(1300ms);
    EXPECT_THAT(sent(), testing::Contains(kAsk));
    EXPECT_EQ(neighbors.parked(), 1U);
}

TEST_F(NeighborsTest, SweepReachesEveryEntryOfALargeCache) {
    Neighbors many(Neighbors::kCapacityMax, {kGateMac, kOutsideMac}, counters, SipKey{1, 2});
    for (std::uint32_t n = 0; n < Neighbors::kCapacityMax; ++n) {
        const auto ip = Ipv4Addr::from_host(0x0a0a0005 + n);
        ASSERT_EQ(many.acquire(kInsidePort, ip, now), n);
    }
    const auto last = static_cast<NeighborIndex>(Neighbors::kCapacityMax - 1);
    many.send(packet(), last, now, outbox);
    (void)sent();
    now += 1100ms;
    for (int call = 0; call < 63; ++call) many.advance(now, outbox);
    EXPECT_THAT(sent(), IsEmpty()) << "64 entries a call";
    many.advance(now, outbox);
    EXPECT_THAT(sent(), SizeIs(1));
}

}  // namespace
}  // namespace sallyport::dp

// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "dataplane/neighbors.h"
#include "tests/unit/path/neighbors_fixture.h"

namespace sallyport::dp {
namespace {

using test::kGateMac;
using test::kStationMac;
using test::v4;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const std::string kTold = "ARP who-has 10.10.0.1 tell 10.10.0.1";

TEST_F(NeighborsTest, AnswersForOwnAddressInTheFrameOfTheRequest) {
    request_for("172.16.0.1", "172.16.0.9");
    const auto frames = take_sent();
    ASSERT_THAT(frames, SizeIs(1));
    wire::PacketView view;
    ASSERT_EQ(wire::parse(frames[0].bytes(), view), wire::ParseError::None);
    EXPECT_EQ(view.ethernet().dst, kStationMac);
    EXPECT_EQ(view.ethernet().src, kGateMac);
    EXPECT_EQ(view.arp().operation.host(), wire::kArpReply);
    EXPECT_EQ(view.arp().sender_ip, v4("172.16.0.1"));
    EXPECT_EQ(view.arp().sender_mac, kGateMac);
    EXPECT_EQ(view.arp().target_ip, v4("172.16.0.9"));
    EXPECT_EQ(view.arp().target_mac, kStationMac);
    EXPECT_EQ(freed(), 0U);
}

TEST_F(NeighborsTest, AnswersAProbeWithoutSenderAddress) {  // RFC 5227 section 2.1.1
    request_for("10.10.0.1", "0.0.0.0");
    EXPECT_THAT(sent(), ElementsAre("ARP reply 10.10.0.1 is-at 02:00:00:00:00:fe"));
}

TEST_F(NeighborsTest, IgnoresRequestsForOthers) {
    request_for("10.10.0.77", "10.10.0.5");
    EXPECT_THAT(sent(), IsEmpty());
    EXPECT_EQ(counters.of(Reason::ArpIgnored), 1U);
    EXPECT_EQ(freed(), 1U);
}

TEST_F(NeighborsTest, RequestTeachesOnlyAboutKnownNeighbours) {
    const NeighborIndex i = acquire("10.10.0.5");
    request_for("10.10.0.1", "10.10.0.5");
    EXPECT_TRUE(neighbors.resolved(i));
    request_for("10.10.0.1", "10.10.0.6");
    EXPECT_FALSE(neighbors.resolved(acquire("10.10.0.6")));
}

TEST_F(NeighborsTest, GratuitousArpMovesAKnownNeighbour) {
    const NeighborIndex i = make_reachable("10.10.0.5");
    on_arp({wire::kArpRequest, kOtherMac, v4("10.10.0.5"), {}, v4("10.10.0.5"), wire::kBroadcast});
    EXPECT_EQ(neighbors.mac(i), kOtherMac);
    EXPECT_THAT(sent(), IsEmpty());
    EXPECT_EQ(counters.of(Reason::ArpIgnored), 0U);
}

TEST_F(NeighborsTest, ClaimOfAnOwnAddressIsNotedAndNotBelieved) {  // RFC 5227 section 2.4
    const NeighborIndex i = acquire("10.10.0.1");
    on_arp({wire::kArpRequest, kOtherMac, v4("10.10.0.1"), {}, v4("10.10.0.1"), wire::kBroadcast});
    reply_from("10.10.0.1", kOtherMac);
    EXPECT_FALSE(neighbors.resolved(i));
    EXPECT_EQ(counters.of(Reason::DuplicateAddress), 2U);
    std::array<AddressConflict, AddressConflicts::kMax> known;
    ASSERT_EQ(neighbors.conflicts().read(known), 1U);
    EXPECT_EQ(known[0].port, kInsidePort);
    EXPECT_EQ(known[0].address, IpAddr(v4("10.10.0.1")));
    EXPECT_EQ(known[0].mac, kOtherMac);
    EXPECT_FALSE(known[0].given_up);
    EXPECT_EQ(known[0].heard, now);
}

// RFC 5227 section 2.4 (c): the address is kept, and told of at most once in ten seconds.
TEST_F(NeighborsTest, DefendsAnOwnAddress) {
    claim("10.10.0.1");
    const auto frames = take_sent();
    ASSERT_THAT(frames, SizeIs(1)) << "at once";
    wire::PacketView view;
    ASSERT_EQ(wire::parse(frames[0].bytes(), view), wire::ParseError::None);
    EXPECT_EQ(view.ethernet().dst, wire::kBroadcast);
    EXPECT_EQ(view.ethernet().src, kGateMac);
    EXPECT_EQ(view.arp().operation.host(), wire::kArpRequest);
    EXPECT_EQ(view.arp().sender_mac, kGateMac);
    EXPECT_EQ(view.arp().sender_ip, v4("10.10.0.1"));
    EXPECT_EQ(view.arp().target_ip, v4("10.10.0.1"));
    EXPECT_EQ(view.arp().target_mac, wire::MacAddr{});
    pass(20s);
    EXPECT_THAT(sent(), IsEmpty()) << "once is enough";
}

TEST_F(NeighborsTest, DefendsAnAddressOnceInTenSecondsAndHasTheLastWord) {
    claim("10.10.0.1");
    EXPECT_THAT(sent(), SizeIs(1));
    for (int i = 0; i < 9; ++i) {
        pass(1s);
        claim("10.10.0.1");
    }
    claim("172.16.0.1");
    EXPECT_THAT(sent(), ElementsAre("ARP who-has 172.16.0.1 tell 172.16.0.1")) << "another address";
    pass(900ms);
    EXPECT_THAT(sent(), IsEmpty());
    pass(400ms);
    EXPECT_THAT(sent(), ElementsAre(kTold)) << "it was claimed again meanwhile";
    pass(20s);
    EXPECT_THAT(sent(), IsEmpty());
    claim("10.10.0.1");
    EXPECT_THAT(sent(), ElementsAre(kTold));
}

TEST_F(NeighborsTest, DefendsAnAddressOnceAFrameIsLeft) {
    outbox.stock.clear();
    claim("10.10.0.1");
    EXPECT_THAT(sent(), IsEmpty());
    refill(4);
    pass(300ms);
    EXPECT_THAT(sent(), ElementsAre(kTold));
}

TEST_F(NeighborsTest, DefendsABoundedNumberOfAddresses) {
    networks.addresses.clear();
    for (std::size_t i = 0; i < 2 * AddressDefence::kMax; ++i)
        networks.addresses.push_back(Ipv4Addr{{10, 10, 0, static_cast<std::uint8_t>(i)}});
    neighbors.use_networks(kInsidePort, networks);
    std::size_t told = 0;
    for (const IpAddr& own : networks.addresses) {
        refill(4);
        on_arp({wire::kArpRequest, kOtherMac, own.v4(), {}, own.v4(), wire::kBroadcast});
        told += sent().size();
    }
    EXPECT_EQ(told, AddressDefence::kMax);
    EXPECT_EQ(counters.of(Reason::DuplicateAddress), networks.addresses.size());
    pass(10s);
    claim("10.10.0.127");
    EXPECT_THAT(sent(), SizeIs(1)) << "there is room again";
}

TEST_F(NeighborsTest, DefendsNoAddressThatItHasNoMore) {
    claim("10.10.0.1");
    claim("10.10.0.1");
    (void)sent();
    networks.addresses = {v4("172.16.0.1")};
    neighbors.use_networks(kInsidePort, networks);
    pass(20s);
    EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(NeighborsTest, TheWorkerThatSpeaksDefendsWhateverWorkerHeardIt) {
    const auto learn = [&](Neighbors& worker) {
        const Frame f = frame_of(test::arp_frame(
            {wire::kArpRequest, kOtherMac, v4("10.10.0.1"), {}, v4("10.10.0.1"), wire::kBroadcast}));
        wire::PacketView view;
        ASSERT_EQ(wire::parse(f.bytes(), view), wire::ParseError::None);
        worker.learn_only(f, view, networks, now, outbox);
    };
    Neighbors silent{8, {kGateMac, kOutsideMac}, counters, SipKey{1, 2}, false};
    silent.use_networks(kInsidePort, networks);
    learn(silent);
    silent.advance(now + 20s, outbox);
    EXPECT_THAT(sent(), IsEmpty());
    learn(neighbors);
    EXPECT_THAT(sent(), ElementsAre(kTold));
}

TEST_F(NeighborsTest, OurOwnFrameComeBackIsNoConflict) {
    on_arp({wire::kArpRequest, kGateMac, v4("10.10.0.1"), {}, v4("10.10.0.1"), wire::kBroadcast});
    EXPECT_EQ(counters.of(Reason::DuplicateAddress), 0U);
    EXPECT_EQ(counters.of(Reason::ArpIgnored), 1U);
    EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(NeighborsTest, GroupAndZeroAndOwnMacsAreNotLearned) {
    const NeighborIndex i = acquire("10.10.0.5");
    for (const wire::MacAddr& mac :
         {wire::kBroadcast, wire::MacAddr{}, kGateMac, wire::MacAddr{{0x01, 0, 0x5e, 0, 0, 1}}})
        reply_from("10.10.0.5", mac);
    EXPECT_FALSE(neighbors.resolved(i));
    EXPECT_EQ(counters.of(Reason::ArpIgnored), 4U);
}

TEST_F(NeighborsTest, OtherOperationsAreIgnored) {
    const NeighborIndex i = acquire("10.10.0.5");
    on_arp({8, kStationMac, v4("10.10.0.5"), kGateMac, v4("10.10.0.1"), kGateMac});
    EXPECT_FALSE(neighbors.resolved(i));
    EXPECT_EQ(counters.of(Reason::ArpIgnored), 1U);
}

TEST_F(NeighborsTest, CopyForAnotherWorkerTeachesButAnswersAndCountsNothing) {
    const NeighborIndex i = acquire("10.10.0.5");
    for (const char* target : {"10.10.0.1", "10.10.0.77"}) {
        const Frame f = frame_of(test::arp_frame(
            {wire::kArpRequest, kStationMac, v4("10.10.0.5"), {}, v4(target), wire::kBroadcast}));
        wire::PacketView view;
        ASSERT_EQ(wire::parse(f.bytes(), view), wire::ParseError::None);
        neighbors.learn_only(f, view, networks, now, outbox);
    }
    EXPECT_TRUE(neighbors.resolved(i));
    EXPECT_THAT(sent(), IsEmpty());
    EXPECT_EQ(counters.of(Reason::ArpIgnored), 0U);
    EXPECT_EQ(freed(), 2U);
}

TEST_F(NeighborsTest, AnnouncesEveryOwnAddress) {
    networks.addresses.push_back(*IpAddr::parse("fd00::1"));
    neighbors.announce(kInsidePort, networks, now, outbox);
    EXPECT_THAT(sent(), ElementsAre("ARP who-has 10.10.0.1 tell 10.10.0.1",
                                    "ARP who-has 172.16.0.1 tell 172.16.0.1"));
}

}  // namespace
}  // namespace sallyport::dp

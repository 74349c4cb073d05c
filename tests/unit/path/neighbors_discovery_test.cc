// SPDX-License-Identifier: Apache-2.0
// Neighbors over IPv6: RFC 4861 section 7, RFC 4862 section 5.4.
#include <gmock/gmock.h>

#include "tests/unit/path/neighbors_fixture.h"

namespace sallyport::dp {
namespace {

using test::kGateMac;
using test::kStationMac;
using test::v6;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using wire::NeighborMessage;

constexpr auto kSolicitation = wire::kIcmpv6NeighborSolicitation;
constexpr auto kAdvertisement = wire::kIcmpv6NeighborAdvertisement;
const std::string kHostMac = "02:00:00:00:00:01", kOwnMac = "02:00:00:00:00:fe";
const std::string kTold = "fd00:10::1 > ff02::1: neighbor advertisement, fd00:10::1 is at " + kOwnMac + ", router, override";
const std::string kAskHost = "fd00:10::1 > ff02::1:ff00:5: neighbor solicitation, who has fd00:10::5, tell " + kOwnMac;
const std::string kProbeHost = "fd00:10::1 > fd00:10::5: neighbor solicitation, who has fd00:10::5, tell " + kOwnMac;

class NeighborDiscovery : public OutboxFixture {
   protected:
    NeighborDiscovery() {
        networks.addresses = {test::v4("10.10.0.1"), v6("fd00:10::1"), v6("fd00:20::1")};
        networks.on_link = {*IpPrefix::parse("10.10.0.0/24"), *IpPrefix::parse("fd00:10::/64"),
                            *IpPrefix::parse("fd00:20::/64")};
        neighbors.use_networks(kInsidePort, networks);
    }

    NeighborIndex acquire(std::string_view ip) { return neighbors.acquire(kInsidePort, v6(ip), now); }
    Frame packet() {
        return frame_of(test::tcp_frame({.addresses = {v6("fd00:10::1"), v6("fd00:10::5")}}));
    }
    void send(NeighborIndex i) { neighbors.send(packet(), i, now, outbox); }

    struct From {
        Ipv6Addr src, dst;
        wire::MacAddr mac = kStationMac;
    };
    void receive(const From& from, const NeighborMessage& message) {
        test::Octets f(wire::kNeighborFrameMax);
        f.resize(wire::emit_neighbor_message({from.mac, kGateMac, from.src, from.dst, message}, f.data()));
        take(frame_of(f));
    }
    void take(const Frame& f) {
        wire::PacketView view;
        ASSERT_EQ(wire::parse(f.bytes(), view), wire::ParseError::None);
        neighbors.on_discovery(f, view, networks, now, outbox);
    }
    // From the host, to the gate.
    void advertise(NeighborMessage m) {
        m.type = kAdvertisement;
        receive({v6("fd00:10::5"), v6("fd00:10::1")}, m);
    }
    void answered(const wire::MacAddr& mac = kStationMac) {
        advertise({.target = v6("fd00:10::5"), .link_address = mac, .solicited = true, .overrides = true});
    }
    void solicit(std::string_view target, std::string_view src = "fd00:10::5") {
        receive({v6(src), wire::solicited_node(v6(target))},
                {.type = kSolicitation, .target = v6(target), .link_address = kStationMac});
    }
    // What a host sends that wants the address for itself.
    void want(std::string_view target, const wire::MacAddr& mac = kStationMac) {
        receive({Ipv6Addr{}, wire::solicited_node(v6(target)), mac},
                {.type = kSolicitation, .target = v6(target)});
    }
    NeighborIndex reachable() {
        const NeighborIndex i = acquire("fd00:10::5");
        send(i);
        answered();
        (void)take_sent();
        return i;
    }
    void pass(Duration d) {
        for (const Instant end = now + d; now < end;) {
            now += 50ms;
            refill(64);
            neighbors.advance(now, outbox);
        }
    }
    // What a host sends that has taken the address.
    void claim(std::string_view target) {
        receive({v6(target), wire::kAllNodes},
                {.type = kAdvertisement, .target = v6(target), .link_address = kStationMac, .overrides = true});
    }
    std::uint64_t count(Reason reason) const { return counters.of(reason); }
    std::vector<AddressConflict> conflicts() const {
        std::array<AddressConflict, AddressConflicts::kMax> known;
        return {known.begin(), known.begin() + static_cast<std::ptrdiff_t>(neighbors.conflicts().read(known))};
    }

    PortNetworks networks;
    Instant now{1h};
    Neighbors neighbors{8, {kGateMac, kOutsideMac}, counters, SipKey{1, 2}};
};

TEST_F(NeighborDiscovery, AsksTheGroupOfTheTargetAndParks) {
    const NeighborIndex i = acquire("fd00:10::5");
    send(i);
    send(i);
    const auto frames = take_sent();
    ASSERT_THAT(frames, SizeIs(1));
    wire::PacketView p;
    ASSERT_EQ(wire::parse(frames[0].bytes(), p), wire::ParseError::None);
    EXPECT_EQ(p.ethernet().dst, (wire::MacAddr{{0x33, 0x33, 0xff, 0, 0, 5}}));
    EXPECT_EQ(p.hop_limit(), 255);
    outbox.send(frames[0], kInsidePort);
    EXPECT_THAT(sent(), ElementsAre(kAskHost));
    EXPECT_EQ(neighbors.parked(), 2U);
    EXPECT_EQ(counters.neighbor_solicitations_sent.value(), 1U);
}

TEST_F(NeighborDiscovery, AsksFromTheAddressOnTheTargetsNetwork) {
    send(acquire("fd00:20::9"));
    EXPECT_TRUE(sent().at(0).starts_with("fd00:20::1 > ff02::1:ff00:9: "));
    send(acquire("fe80::1"));
    EXPECT_TRUE(sent().at(0).starts_with("fe80::ff:fe00:fe > ")) << "its own link-local one";
}

TEST_F(NeighborDiscovery, AnAnswerSendsWhatWaited) {
    const NeighborIndex i = acquire("fd00:10::5");
    send(i);
    send(i);
    (void)take_sent();
    answered();
    EXPECT_THAT(take_sent(), SizeIs(2));
    EXPECT_EQ(neighbors.mac(i), kStationMac);
    pass(29s);
    EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(NeighborDiscovery, GivesUpAfterThreeQuestions) {
    const NeighborIndex i = acquire("fd00:10::5");
    send(i);
    pass(4s);
    EXPECT_THAT(sent(), ElementsAre(kAskHost, kAskHost, kAskHost));
    EXPECT_TRUE(neighbors.failed(i));
    EXPECT_EQ(count(Reason::UpstreamUnreachable), 1U);
}

TEST_F(NeighborDiscovery, ProbesANeighbourInUse) {
    const NeighborIndex i = reachable();
    send(i);
    (void)take_sent();
    pass(31s);
    EXPECT_THAT(sent(), ElementsAre(kProbeHost));
    answered();
    pass(20s);
    EXPECT_THAT(sent(), IsEmpty()) << "not used since";
}

TEST_F(NeighborDiscovery, AsksEverybodyWhenProbesFail) {
    const NeighborIndex i = reachable();
    send(i);
    (void)take_sent();
    pass(34s);
    EXPECT_THAT(sent(), ElementsAre(kProbeHost, kProbeHost, kProbeHost, kAskHost));
}

// Section 7.2.5, the rows of appendix C.
TEST_F(NeighborDiscovery, WhatAnAdvertisementChanges) {
    const NeighborIndex i = reachable();
    const Ipv6Addr host = v6("fd00:10::5");
    advertise({.target = host, .link_address = kOtherMac, .solicited = true});
    EXPECT_EQ(neighbors.mac(i), kStationMac) << "another address does not override";
    EXPECT_THAT(sent(), ElementsAre(kProbeHost)) << "but casts doubt";
    advertise({.target = host, .link_address = kOtherMac, .overrides = true});
    EXPECT_EQ(neighbors.mac(i), kOtherMac);
    EXPECT_THAT(sent(), ElementsAre(kProbeHost)) << "nobody has asked: whether it hears us is not known";
    advertise({.target = host, .solicited = true});
    EXPECT_EQ(neighbors.mac(i), kOtherMac) << "without an address it confirms what is known";
    pass(10s);
    EXPECT_THAT(sent(), IsEmpty());
    advertise({.target = host, .link_address = kOtherMac, .overrides = true});
    EXPECT_THAT(sent(), IsEmpty()) << "nothing new";
}

TEST_F(NeighborDiscovery, AnAnswerWithoutAnAddressIsNone) {
    const NeighborIndex i = acquire("fd00:10::5");
    send(i);
    advertise({.target = v6("fd00:10::5"), .solicited = true, .overrides = true});
    EXPECT_FALSE(neighbors.resolved(i));
}

TEST_F(NeighborDiscovery, AQuestionTellsWhereTheAskerIs) {
    const NeighborIndex i = acquire("fd00:10::5");
    solicit("fd00:10::1");
    EXPECT_FALSE(neighbors.resolved(i)) << "not wanted yet";
    send(i);
    solicit("fd00:10::1");
    EXPECT_TRUE(neighbors.resolved(i));
    EXPECT_EQ(neighbors.parked(), 0U);
}

TEST_F(NeighborDiscovery, LearnsOnlyWhomItWantedToReach) {
    answered();
    solicit("fd00:10::1", "fd00:10::6");
    EXPECT_FALSE(neighbors.resolved(acquire("fd00:10::5")));
    EXPECT_FALSE(neighbors.resolved(acquire("fd00:10::6")));
    EXPECT_EQ(count(Reason::NeighborDiscoveryIgnored), 1U) << "the answer that nobody waited for";
}

TEST_F(NeighborDiscovery, AnswersForItsOwnAddresses) {
    solicit("fd00:10::1");
    solicit("fe80::ff:fe00:fe", "fe80::5");
    EXPECT_THAT(sent(),
                ElementsAre("fd00:10::1 > fd00:10::5: neighbor advertisement, fd00:10::1 is at " +
                                kOwnMac + ", router, solicited, override",
                            "fe80::ff:fe00:fe > fe80::5: neighbor advertisement, fe80::ff:fe00:fe is at " +
                                kOwnMac + ", router, solicited, override"));
}

TEST_F(NeighborDiscovery, AnswersInTheFrameOfTheQuestion) {
    solicit("fd00:10::1");
    const auto frames = take_sent();
    ASSERT_THAT(frames, SizeIs(1));
    wire::PacketView p;
    ASSERT_EQ(wire::parse(frames[0].bytes(), p), wire::ParseError::None);
    EXPECT_EQ(p.ethernet().dst, kStationMac);
    EXPECT_EQ(p.ethernet().src, kGateMac);
    EXPECT_EQ(freed(), 0U);
}

TEST_F(NeighborDiscovery, IgnoresQuestionsForOthersAndRouters) {
    solicit("fd00:10::77");
    test::Octets router = test::icmp_frame({v6("fe80::5"), v6("ff02::1")}, 134, 0, test::Octets(8));
    test::ipv6_of(router).hop_limit = 255;
    take(frame_of(router));
    EXPECT_THAT(sent(), IsEmpty());
    EXPECT_EQ(count(Reason::NeighborDiscoveryIgnored), 2U);
    EXPECT_EQ(freed(), 2U);
    router[14 + 40] = kSolicitation;  // without a target
    test::set_transport_checksum(router);
    take(frame_of(router));
    EXPECT_EQ(count(Reason::NeighborDiscoveryMalformed), 1U);
}

TEST_F(NeighborDiscovery, NothingIsClaimedWithoutIpv6) {
    networks.addresses = {test::v4("10.10.0.1")};
    neighbors.use_networks(kInsidePort, networks);
    neighbors.announce(kInsidePort, networks, now, outbox);
    (void)take_sent();
    pass(2s);
    EXPECT_THAT(sent(), IsEmpty());
    solicit("fe80::ff:fe00:fe", "fe80::5");
    EXPECT_THAT(sent(), IsEmpty());
}

class AddressClaiming : public NeighborDiscovery {
   protected:
    AddressClaiming() {
        neighbors.announce(kInsidePort, networks, now, outbox);
        (void)take_sent();
        pass(50ms);
    }
    // Without the reports of groups.
    std::vector<std::string> sent() {
        std::vector<std::string> lines = OutboxFixture::sent();
        std::erase_if(lines, [](const std::string& line) { return line.ends_with(kReport); });
        return lines;
    }
    static constexpr std::string_view kReport = "> ff02::16: ICMPv6 type 143 code 0, length 60";
};

TEST_F(AddressClaiming, ListensToTheGroupsFirstAndSaysSoEveryMinute) {  // RFC 4862 section 5.4.2
    EXPECT_EQ(OutboxFixture::sent().at(0), ":: " + std::string(kReport));
    pass(50s);
    (void)take_sent();
    pass(11s);
    EXPECT_THAT(OutboxFixture::sent(), ElementsAre("fe80::ff:fe00:fe " + std::string(kReport)));
}

TEST_F(AddressClaiming, AsksForEachAddressAndThenTellsOfIt) {
    EXPECT_THAT(sent(), ElementsAre(":: > ff02::1:ff00:fe: neighbor solicitation, who has fe80::ff:fe00:fe",
                                    ":: > ff02::1:ff00:1: neighbor solicitation, who has fd00:10::1",
                                    ":: > ff02::1:ff00:1: neighbor solicitation, who has fd00:20::1"));
    pass(2s);
    const std::string told = " > ff02::1: neighbor advertisement, ";
    EXPECT_THAT(sent(), ElementsAre("fe80::ff:fe00:fe" + told + "fe80::ff:fe00:fe is at " + kOwnMac + ", router, override",
                                    "fd00:10::1" + told + "fd00:10::1 is at " + kOwnMac + ", router, override",
                                    "fd00:20::1" + told + "fd00:20::1 is at " + kOwnMac + ", router, override"));
    pass(100s);
    EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(AddressClaiming, OverridesNobodyMeanwhile) {  // RFC 4429
    (void)sent();
    solicit("fd00:10::1");
    EXPECT_THAT(sent(), ElementsAre("fd00:10::1 > fd00:10::5: neighbor advertisement, fd00:10::1 is at " +
                                    kOwnMac + ", router, solicited"));
    send(acquire("fd00:10::5"));
    EXPECT_THAT(sent(), ElementsAre("fd00:10::1 > ff02::1:ff00:5: neighbor solicitation, who has fd00:10::5"));
}

// Linux does not answer a question without the asker's link-layer address, unless it knows it already.
TEST_F(AddressClaiming, WhoIsAskedForMeanwhileIsAskedForAnewOnceAnAddressIsHeld) {
    pass(850ms);
    (void)sent();
    const NeighborIndex host = acquire("fd00:10::5");
    for (int i = 0; i < 3; ++i) send(host);
    EXPECT_THAT(sent(), ElementsAre("fd00:10::1 > ff02::1:ff00:5: neighbor solicitation, who has fd00:10::5"));
    pass(300ms);
    EXPECT_THAT(sent(), Contains(kAskHost)) << "no second later, with what waits for it";
    answered();
    EXPECT_THAT(sent(), SizeIs(3));
}

TEST_F(AddressClaiming, GivesUpAnAddressThatSomebodyHas) {
    receive({v6("fd00:10::1"), wire::kAllNodes},
            {.type = kAdvertisement, .target = v6("fd00:10::1"), .link_address = kStationMac, .overrides = true});
    EXPECT_EQ(count(Reason::DuplicateAddress), 1U);
    ASSERT_THAT(conflicts(), SizeIs(1));
    EXPECT_EQ(conflicts()[0].address, IpAddr(v6("fd00:10::1")));
    EXPECT_EQ(conflicts()[0].mac, kStationMac);
    EXPECT_TRUE(conflicts()[0].given_up);
    pass(2s);
    EXPECT_EQ(counters.addresses_duplicate.value(), 1U);
    (void)sent();
    solicit("fd00:10::1");
    EXPECT_THAT(sent(), IsEmpty());
    solicit("fd00:20::1");
    EXPECT_THAT(sent(), SizeIs(1)) << "the others stay";
    send(acquire("fd00:10::5"));
    EXPECT_TRUE(sent().at(0).starts_with("fe80::ff:fe00:fe > ")) << "nothing is asked in its name";
}

TEST_F(AddressClaiming, WhoHasAnAddressThatWasGivenUpMayUseIt) {
    want("fd00:10::1");
    pass(2s);
    (void)sent();
    now += 5s;
    solicit("fd00:20::1", "fd00:10::1");
    EXPECT_THAT(sent(), ElementsAre("fd00:20::1 > fd00:10::1: neighbor advertisement, fd00:20::1 is at " +
                                    kOwnMac + ", router, solicited, override"));
    ASSERT_THAT(conflicts(), SizeIs(1));
    EXPECT_EQ(conflicts()[0].heard, now) << "it is there still";
    EXPECT_EQ(count(Reason::DuplicateAddress), 1U);
}

TEST_F(AddressClaiming, GivesUpAnAddressThatSomebodyWantsAtTheSameTime) {
    want("fd00:10::1", kGateMac);  // our own question, come back
    EXPECT_EQ(count(Reason::DuplicateAddress), 0U);
    want("fd00:10::1");
    EXPECT_EQ(count(Reason::DuplicateAddress), 1U);
    pass(2s);
    EXPECT_EQ(counters.addresses_duplicate.value(), 1U);
}

TEST_F(AddressClaiming, TriesAgainAfterAMinute) {
    want("fd00:10::1");
    EXPECT_THAT(conflicts(), SizeIs(1));
    pass(59s);
    (void)sent();
    pass(3s);
    EXPECT_THAT(conflicts(), IsEmpty()) << "nobody has said anything to the second claim";
    EXPECT_THAT(sent(), ElementsAre(":: > ff02::1:ff00:1: neighbor solicitation, who has fd00:10::1",
                                    "fd00:10::1 > ff02::1: neighbor advertisement, fd00:10::1 is at " +
                                        kOwnMac + ", router, override"));
    EXPECT_EQ(counters.addresses_duplicate.value(), 0U);
    solicit("fd00:10::1");
    EXPECT_THAT(sent(), SizeIs(1));
}

// One packet must not be enough to take an address away.
TEST_F(AddressClaiming, DefendsWhatItHolds) {
    pass(2s);
    (void)sent();
    want("fd00:10::1");
    EXPECT_THAT(sent(), ElementsAre(kTold));
    claim("fd00:10::1");
    EXPECT_THAT(sent(), ElementsAre(kTold)) << "so that nobody's cache stays wrong";
    EXPECT_EQ(count(Reason::DuplicateAddress), 1U);
    ASSERT_THAT(conflicts(), SizeIs(1));
    EXPECT_FALSE(conflicts()[0].given_up);
    solicit("fd00:10::1");
    EXPECT_THAT(sent(), SizeIs(1));
}

// As over IPv4, see neighbors_arp_test.cc.
TEST_F(AddressClaiming, DefendsAnAddressOnceInTenSecondsAndHasTheLastWord) {
    pass(2s);
    (void)sent();
    claim("fd00:10::1");
    claim("fe80::ff:fe00:fe");
    EXPECT_THAT(sent(), SizeIs(2));
    pass(9s);
    claim("fd00:10::1");
    solicit("fd00:20::1", "fd00:10::1");
    EXPECT_THAT(sent(), IsEmpty());
    pass(1300ms);
    EXPECT_THAT(sent(), ElementsAre(kTold));
    EXPECT_THAT(conflicts(), SizeIs(2)) << "the station is there still";
    pass(20s);
    EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(AddressClaiming, OverridesNobodyInDefenceOfWhatIsClaimedAnew) {
    pass(2s);
    claim("fd00:10::1");
    claim("fd00:10::1");
    pass(9s);
    neighbors.announce(kInsidePort, networks, now, outbox);
    pass(900ms);
    want("fd00:10::1");  // now it is lost
    (void)sent();
    pass(10s);
    EXPECT_THAT(sent(), Not(Contains(kTold)));
}

TEST_F(AddressClaiming, BeginsWithTheNextCallHoweverRecentTheLast) {
    pass(2s);
    (void)sent();
    neighbors.advance(now, outbox);
    neighbors.announce(kInsidePort, networks, now, outbox);
    now += 1ms;
    neighbors.advance(now, outbox);
    EXPECT_THAT(sent(), Contains(":: > ff02::1:ff00:1: neighbor solicitation, who has fd00:10::1"));
}

TEST_F(AddressClaiming, WaitsForFramesToAskWith) {
    neighbors.announce(kInsidePort, networks, now, outbox);
    (void)take_sent();
    outbox.stock.clear();
    now += 1s;
    neighbors.advance(now, outbox);
    EXPECT_THAT(sent(), IsEmpty());
    pass(300ms);
    EXPECT_THAT(sent(), SizeIs(3));
}

TEST_F(AddressClaiming, AnotherWorkerListensAndIsSilent) {
    Neighbors other{8, {kGateMac, kOutsideMac}, counters, SipKey{1, 2}, false};
    other.use_networks(kInsidePort, networks);
    other.announce(kInsidePort, networks, now, outbox);
    now += 300ms;
    (void)take_sent();
    other.advance(now, outbox);
    EXPECT_THAT(sent(), IsEmpty());
    test::Octets f(wire::kNeighborFrameMax);
    f.resize(wire::emit_neighbor_message({kStationMac, kGateMac, v6("fd00:10::1"), wire::kAllNodes,
                                          {.type = kAdvertisement, .target = v6("fd00:10::1"),
                                           .link_address = kStationMac, .overrides = true}},
                                         f.data()));
    const Frame copy = frame_of(f);
    wire::PacketView view;
    ASSERT_EQ(wire::parse(copy.bytes(), view), wire::ParseError::None);
    other.learn_only(copy, view, networks, now, outbox);
    EXPECT_EQ(freed(), 1U);
    f.resize(wire::emit_neighbor_message({kStationMac, kGateMac, v6("fd00:10::5"), v6("fd00:10::1"),
                                          {.type = kSolicitation, .target = v6("fd00:10::1")}},
                                         f.data()));
    const Frame question = frame_of(f);
    ASSERT_EQ(wire::parse(question.bytes(), view), wire::ParseError::None);
    other.on_discovery(question, view, networks, now, outbox);
    EXPECT_THAT(sent(), IsEmpty()) << "it knows that the address is lost";
}

}  // namespace
}  // namespace sallyport::dp

// SPDX-License-Identifier: Apache-2.0
// Neighbors and switches that filter multicast: RFC 3810 section 6, RFC 2710 section 4.
#include <gmock/gmock.h>

#include <algorithm>

#include "tests/support/ipv6_builder.h"
#include "tests/unit/path/neighbors_fixture.h"

namespace sallyport::dp {
namespace {

using test::v6;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

const std::string kReport = "fe80::ff:fe00:fe > ff02::16: ICMPv6 type 143 code 0, length 60";
const std::string kOwnGroup = "ff02::1:ff00:1";

class Listening : public OutboxFixture {
   protected:
    // Past the start, so that the next report would come within a minute.
    Listening() {
        networks.addresses = {v6("fd00:10::1"), v6("fd00:20::2")};
        networks.on_link = {*IpPrefix::parse("fd00:10::/64"), *IpPrefix::parse("fd00:20::/64")};
        neighbors.use_networks(kInsidePort, networks);
        neighbors.announce(kInsidePort, networks, now, outbox);
        pass(3s);
        (void)take_sent();
    }

    // Within so many milliseconds; of the first version without what concerns queriers.
    test::Octets query(std::uint16_t within, std::string_view group = "::", bool version_1 = false) {
        test::Octets body(version_1 ? 16 : 20);
        std::ranges::copy(v6(group).octets, body.begin());
        test::Octets f = test::icmp_frame(
            {v6("fe80::99"), v6("ff02::1"), test::kStationMac, wire::multicast_mac(wire::kAllNodes)},
            wire::kIcmpv6ListenerQuery, 0, body);
        test::icmp_of(f).rest.set(std::uint32_t{within} << 16);
        test::set_transport_checksum(f);
        test::ipv6_of(f).hop_limit = 1;
        return test::with_extensions(f, 0, test::extension(58, {5, 2, 0, 0, 1, 0}));
    }
    void ask(const test::Octets& octets, bool copy = false) {
        const Frame f = frame_of(octets);
        wire::PacketView view;
        ASSERT_EQ(wire::parse(f.bytes(), view), wire::ParseError::None);
        ASSERT_EQ(view.kind(), wire::PacketKind::NeighborDiscovery);
        copy ? neighbors.learn_only(f, view, networks, now, outbox)
             : neighbors.on_discovery(f, view, networks, now, outbox);
    }
    void pass(Duration d) {
        for (const Instant end = now + d; now < end;) {
            now += 50ms;
            refill(64);
            neighbors.advance(now, outbox);
        }
    }

    PortNetworks networks;
    Instant now{1h};
    Neighbors neighbors{8, {test::kGateMac, kOutsideMac}, counters, SipKey{1, 2}};
};

TEST_F(Listening, AnswersAGeneralQueryWithinItsTime) {
    ask(query(10'000));
    EXPECT_EQ(freed(), 1U);
    pass(10s);
    EXPECT_THAT(sent(), ElementsAre(kReport));
    pass(49s);
    EXPECT_THAT(sent(), IsEmpty()) << "the next one unasked is due a minute later";
}

TEST_F(Listening, AnswersAtATimeThatNobodyFixes) {
    std::vector<Duration> delays;
    for (int i = 0; i < 20; ++i) {
        const Instant asked = now;
        ask(query(10'000));
        for (std::vector<std::string> lines; lines.empty(); lines = sent()) pass(50ms);
        delays.push_back(now - asked);
    }
    const auto [least, most] = std::ranges::minmax(delays);
    EXPECT_LE(most, 10s);
    EXPECT_LT(least, 4s) << "of twenty";
    EXPECT_GT(most - least, 2s);
}

TEST_F(Listening, AnswersAtOnceWhenThereIsNoTime) {
    ask(query(0));
    pass(300ms);
    EXPECT_THAT(sent(), SizeIs(1));
}

TEST_F(Listening, OneAnswerServesEveryQuestionBeforeIt) {
    for (int i = 0; i < 50; ++i) ask(query(1'000));
    pass(2s);
    EXPECT_THAT(sent(), SizeIs(1));
}

TEST_F(Listening, AnswersForItsOwnGroupsOnly) {
    ask(query(1'000, kOwnGroup));
    pass(1s);
    EXPECT_THAT(sent(), SizeIs(1));
    ask(query(1'000, "ff02::1:ff00:77"));
    pass(1s);
    EXPECT_THAT(sent(), IsEmpty());
    EXPECT_EQ(counters.of(Reason::NeighborDiscoveryIgnored), 1U);
}

// RFC 3810 section 8.2.1.
TEST_F(Listening, SpeaksTheFirstVersionToWhoKnowsNoOther) {
    ask(query(1'000, "::", true));
    pass(1s);
    const auto report = [](const std::string& group) {
        return "fe80::ff:fe00:fe > " + group + ": ICMPv6 type 131 code 0, length 16";
    };
    const auto reports = UnorderedElementsAre(report("ff02::1:ff00:fe"), report(kOwnGroup), report("ff02::1:ff00:2"));
    EXPECT_THAT(sent(), reports);
    pass(61s);
    EXPECT_THAT(sent(), reports) << "unasked as well";
    pass(250s);
    (void)sent();
    ask(query(1'000));
    pass(1s);
    EXPECT_THAT(sent(), ElementsAre(kReport)) << "it was not heard of for so long that it has gone";
}

TEST_F(Listening, ManyGroupsAreReportedInTurns) {
    networks.addresses.clear();
    for (int i = 1; i <= 200; ++i) networks.addresses.push_back(v6("fd00:10::1:" + std::to_string(i)));
    neighbors.use_networks(kInsidePort, networks);
    ask(query(0, "::", true));
    now += 250ms;
    neighbors.advance(now, outbox);
    std::size_t reports = take_sent().size();
    EXPECT_EQ(reports, 16U) << "of one turn";
    for (int turn = 0; turn < 30; ++turn) {
        pass(250ms);
        for (const std::string& line : sent()) reports += line.find("type 131") != line.npos ? 1U : 0U;
    }
    EXPECT_EQ(reports, 201U);
}

TEST_F(Listening, ACopyOfAQueryCounts) {
    ask(query(1'000), true);
    pass(1s);
    EXPECT_THAT(sent(), SizeIs(1));
}

TEST_F(Listening, APortWithoutIpv6IsSilent) {
    PortNetworks none;
    Neighbors other{8, {test::kGateMac, kOutsideMac}, counters, SipKey{1, 2}};
    other.use_networks(kInsidePort, none);
    other.announce(kInsidePort, none, now, outbox);
    const Frame f = frame_of(query(0));
    wire::PacketView view;
    ASSERT_EQ(wire::parse(f.bytes(), view), wire::ParseError::None);
    other.on_discovery(f, view, none, now, outbox);
    for (int i = 0; i < 20; ++i) other.advance(now += 100ms, outbox);
    EXPECT_THAT(sent(), IsEmpty());
}

}  // namespace
}  // namespace sallyport::dp

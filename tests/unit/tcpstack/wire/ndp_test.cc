// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/wire/ndp.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/support/ipv6_builder.h"

namespace sallyport::wire {
namespace {

using test::Octets;
using test::v6;

const Ipv6Addr kTarget = v6("fd00:10::1"), kHost = v6("fd00:10::5");

Octets emitted(const NeighborFields& fields) {
    Octets f(kNeighborFrameMax);
    f.resize(emit_neighbor_message(fields, f.data()));
    return f;
}
Octets solicitation() {
    return emitted({test::kStationMac, multicast_mac(solicited_node(kTarget)), kHost,
                    solicited_node(kTarget),
                    {.type = kIcmpv6NeighborSolicitation, .target = kTarget,
                     .link_address = test::kStationMac}});
}
Octets advertisement(bool solicited = true, const Ipv6Addr& to = kTarget) {
    return emitted({test::kStationMac, test::kGateMac, kHost, to,
                    {.type = kIcmpv6NeighborAdvertisement, .target = kHost,
                     .link_address = test::kStationMac, .router = true, .solicited = solicited,
                     .overrides = true}});
}
// Parses, after a change that the checksum follows.
std::optional<NeighborMessage> read(Octets f, const std::function<void(Octets&)>& change = {}) {
    if (change) change(f);
    test::ipv6_of(f).payload_length.set(static_cast<std::uint16_t>(f.size() - 54));
    test::set_transport_checksum(f);
    PacketView p;
    EXPECT_EQ(parse(f, p), ParseError::None);
    EXPECT_EQ(p.kind(), PacketKind::NeighborDiscovery);
    return read_neighbor_message(p);
}

TEST(Ndp, KnowsTheAddressesOfGroupsAndLinks) {
    EXPECT_EQ(solicited_node(v6("2001:db8::12:3456")), v6("ff02::1:ff12:3456"));
    EXPECT_EQ(multicast_mac(v6("ff02::1:ff12:3456")), (MacAddr{{0x33, 0x33, 0xff, 0x12, 0x34, 0x56}}));
    EXPECT_EQ(link_local({{0x02, 0, 0x5e, 0x10, 0, 0xfe}}), v6("fe80::5eff:fe10:fe"));
    EXPECT_TRUE(is_link_local(v6("febf::1")));
    EXPECT_FALSE(is_link_local(v6("fec0::1")));
}

TEST(Ndp, WhatIsBuiltReadsBack) {
    const auto asked = read(solicitation());
    ASSERT_TRUE(asked);
    EXPECT_EQ(asked->type, kIcmpv6NeighborSolicitation);
    EXPECT_EQ(asked->target, kTarget);
    EXPECT_EQ(asked->link_address, test::kStationMac);
    const auto told = read(advertisement());
    ASSERT_TRUE(told);
    EXPECT_EQ(told->type, kIcmpv6NeighborAdvertisement);
    EXPECT_EQ(told->target, kHost);
    EXPECT_TRUE(told->router && told->solicited && told->overrides);
    EXPECT_FALSE(read(advertisement(false))->solicited);
}

TEST(Ndp, OtherMessagesAreNone) {
    for (const std::uint8_t type : {kIcmpv6RouterSolicitation, kIcmpv6RouterAdvertisement, kIcmpv6Redirect})
        EXPECT_FALSE(read(solicitation(), [&](Octets& f) { test::icmp_of(f).type = type; }));
}

// RFC 4861 section 7.1.
TEST(Ndp, RefusesWhatIsNotValid) {
    const auto multicast_target = [](Octets& f) { f[62] = 0xff; };
    const auto mapped_target = [](Octets& f) {
        const Octets mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1};
        std::copy(mapped.begin(), mapped.end(), f.begin() + 62);
    };
    const auto cut = [](Octets& f) { f.resize(77); };
    const auto no_length = [](Octets& f) { f[79] = 0; };
    const auto too_long = [](Octets& f) { f[79] = 2; };
    const auto half_option = [](Octets& f) { f.resize(f.size() - 3); };
    for (const Octets& good : {solicitation(), advertisement()}) {
        EXPECT_TRUE(read(good));
        for (const std::function<void(Octets&)>& spoil :
             {std::function<void(Octets&)>(multicast_target), std::function<void(Octets&)>(mapped_target),
              std::function<void(Octets&)>(cut), std::function<void(Octets&)>(no_length),
              std::function<void(Octets&)>(too_long), std::function<void(Octets&)>(half_option)})
            EXPECT_FALSE(read(good, spoil));
    }
    EXPECT_FALSE(read(advertisement(true, kAllNodes))) << "told everybody, solicited by nobody";
    EXPECT_TRUE(read(advertisement(false, kAllNodes)));
    const auto nameless = [](Octets& f) { test::ipv6_of(f).src = Ipv6Addr{}; };
    EXPECT_FALSE(read(solicitation(), nameless)) << "with a source link-layer address";
    EXPECT_FALSE(read(advertisement(), nameless));
    EXPECT_TRUE(read(solicitation(), [&](Octets& f) { nameless(f), f.resize(78); }));
    EXPECT_FALSE(read(solicitation(), [&](Octets& f) {
        nameless(f), f.resize(78), test::ipv6_of(f).dst = kTarget;
    })) << "not to the solicited-node group";
}

TEST(Ndp, PassesOverOptionsThatItDoesNotKnow) {
    const Octets nonce{14, 1, 1, 2, 3, 4, 5, 6};
    const auto found = read(solicitation(), [&](Octets& f) {
        f.insert(f.begin() + 78, nonce.begin(), nonce.end());
        f.insert(f.end(), {2, 1, 9, 9, 9, 9, 9, 9});  // a target address in a solicitation
        f.insert(f.end(), {1, 1, 9, 9, 9, 9, 9, 9});  // a second source
    });
    ASSERT_TRUE(found);
    EXPECT_EQ(found->link_address, test::kStationMac);
}

}  // namespace
}  // namespace sallyport::wire

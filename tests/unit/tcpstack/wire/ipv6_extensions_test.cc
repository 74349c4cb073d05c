// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/wire/ipv6_extensions.h"

#include <gtest/gtest.h>

#include "tests/support/ipv6_builder.h"

namespace sallyport::wire {
namespace {

using test::extension;
using test::fragment_header;
using test::joined;
using test::Octets;

constexpr std::uint8_t kTcp = 6, kHopByHop = 0, kDestination = 60, kFragment = 44;

ExtensionHeaders read(std::uint8_t first, const Octets& octets) {
    return read_extensions(first, octets);
}
bool allowed(std::uint8_t first, const Octets& octets) { return read(first, octets).allowed; }

TEST(Ipv6Extensions, NoneIsTheUsualCase) {
    const ExtensionHeaders found = read(kTcp, Octets(20));
    EXPECT_TRUE(found.allowed);
    EXPECT_EQ(found.protocol, kTcp);
    EXPECT_EQ(found.length, 0U);
    EXPECT_FALSE(found.has_fragment);
}

TEST(Ipv6Extensions, FindsTheTransportBehindAllThatMayBeThere) {
    const Octets chain = joined({extension(kDestination, {5, 2, 0, 0, 1, 0}),
                                 extension(kFragment, {1, 4, 0, 0, 0, 0}),
                                 fragment_header(kTcp, 0, true, 9), Octets(20)});
    const ExtensionHeaders found = read(kHopByHop, chain);
    EXPECT_TRUE(found.allowed);
    EXPECT_EQ(found.protocol, kTcp);
    EXPECT_EQ(found.length, 24U);
    EXPECT_TRUE(found.has_fragment);
}

TEST(Ipv6Extensions, LetsPaddingPassAsSendersWriteIt) {
    for (const Octets& padding :
         {Octets{0, 0, 0, 0, 0, 0}, Octets{1, 4, 0, 0, 0, 0}, Octets{1, 0, 1, 2, 0, 0},
          Octets{0, 1, 3, 0, 0, 0}}) {
        EXPECT_TRUE(allowed(kHopByHop, extension(kTcp, padding)));
        EXPECT_TRUE(allowed(kDestination, extension(kTcp, padding)));
    }
    EXPECT_TRUE(allowed(kHopByHop, extension(kTcp, {1, 4, 0, 0, 0, 0, 5, 2, 0, 0, 1, 2, 0, 0})));
}

// Octets that the receiver ignores would leave the network unjudged.
TEST(Ipv6Extensions, RefusesPaddingThatSaysSomething) {
    EXPECT_FALSE(allowed(kDestination, extension(kTcp, {1, 4, 0, 0, 's', 0})));
    EXPECT_FALSE(allowed(kHopByHop, extension(kTcp, {1, 4, 1, 0, 0, 0})));
    EXPECT_FALSE(allowed(kHopByHop, extension(kTcp, {1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})))
        << "more in a row than any alignment wants";
    EXPECT_FALSE(allowed(kHopByHop, extension(kTcp, {1, 4, 0, 0, 0, 0, 1, 6, 0, 0, 0, 0, 0, 0})));
}

TEST(Ipv6Extensions, RefusesEveryOtherOption) {
    for (int option = 2; option < 256; ++option) {
        const Octets octets = extension(kTcp, {static_cast<std::uint8_t>(option), 2, 0, 0, 1, 0});
        EXPECT_EQ(allowed(kHopByHop, octets), option == 5) << option;
        EXPECT_FALSE(allowed(kDestination, octets)) << option;
    }
    EXPECT_FALSE(allowed(kHopByHop, extension(kTcp, {0xc2, 4, 0, 1, 0, 0}))) << "a jumbogram";
    EXPECT_FALSE(allowed(kHopByHop, extension(kTcp, {5, 3, 0, 0, 0, 0}))) << "not of its length";
    EXPECT_FALSE(allowed(kHopByHop,
                         extension(kTcp, {5, 2, 0, 0, 5, 2, 0, 0, 1, 4, 0, 0, 0, 0})));
}

TEST(Ipv6Extensions, RefusesOptionsThatPassTheEnd) {
    EXPECT_FALSE(allowed(kHopByHop, extension(kTcp, {1, 5, 0, 0, 0, 0})));
    EXPECT_FALSE(allowed(kHopByHop, extension(kTcp, {1, 3, 0, 0, 0, 1}))) << "a type without length";
}

TEST(Ipv6Extensions, RefusesTheKindsThatAreNotListed) {
    for (const int kind : {43, 135, 139, 140, 253, 254}) {
        EXPECT_FALSE(allowed(static_cast<std::uint8_t>(kind), Octets(64))) << kind;
        EXPECT_FALSE(allowed(kHopByHop, extension(static_cast<std::uint8_t>(kind), Octets(6))));
    }
}

TEST(Ipv6Extensions, RefusesWhatIsOutOfOrderOrTwice) {
    const Octets pad(6);
    EXPECT_FALSE(allowed(kDestination, joined({extension(kHopByHop, pad), extension(kTcp, pad)})));
    EXPECT_FALSE(allowed(kHopByHop, joined({extension(kHopByHop, pad), extension(kTcp, pad)})));
    EXPECT_FALSE(allowed(kDestination, joined({extension(kDestination, pad), extension(kTcp, pad)})));
    for (const std::uint8_t behind : {kHopByHop, kDestination, kFragment})
        EXPECT_FALSE(allowed(kFragment, joined({fragment_header(behind, 0, true, 1),
                                                fragment_header(kTcp, 0, true, 2), Octets(20)})))
            << int{behind};
}

TEST(Ipv6Extensions, RefusesWhatIsCutShortOrTooLong) {
    const Octets whole = joined({extension(kFragment, Octets(6)), fragment_header(kTcp, 0, false, 1)});
    for (std::size_t length = 0; length < whole.size(); ++length)
        EXPECT_FALSE(allowed(kHopByHop, Octets(whole.begin(), whole.begin() + static_cast<long>(length))));
    EXPECT_TRUE(allowed(kHopByHop, whole));
    Octets options;  // paddings between router alerts cannot be, so the length has to be a lie
    options.resize(62);
    EXPECT_FALSE(allowed(kHopByHop, extension(kTcp, options)));
}

}  // namespace
}  // namespace sallyport::wire

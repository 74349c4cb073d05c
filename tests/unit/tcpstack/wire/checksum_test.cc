// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/wire/checksum.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "tcpstack/base/rng.h"

namespace sallyport::wire {
namespace {

using Octets = std::vector<std::uint8_t>;

std::uint16_t sum_of(const Octets& octets) {
    Sum16 s;
    s.add_bytes(octets);
    return s.folded();
}

// Word by word, as RFC 1071 section 1 defines it.
std::uint16_t reference_sum(const Octets& octets) {
    std::uint32_t s = 0;
    for (std::size_t i = 0; i < octets.size(); ++i) {
        s += static_cast<std::uint32_t>(octets[i]) << (i % 2 == 0 ? 8 : 0);
        s = (s & 0xffff) + (s >> 16);
    }
    return static_cast<std::uint16_t>(s);
}

TEST(Checksum, OfTheExampleOfRfc1071Section3) {
    EXPECT_EQ(sum_of({0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7}), 0xddf2);
}

TEST(Checksum, OfNothingAndOfZerosIsAllOnes) {
    EXPECT_EQ(Sum16{}.checksum(), 0xffff);
    EXPECT_EQ(sum_of(Octets(40, 0)), 0);
}

TEST(Checksum, PadsAnOddOctetWithZero) {
    EXPECT_EQ(sum_of({0xab}), 0xab00);
    EXPECT_EQ(sum_of({1, 2, 3}), sum_of({1, 2, 3, 0}));
}

TEST(Checksum, AgreesWithTheDefinitionAtEveryLength) {
    Rng rng(3);
    for (std::size_t n = 0; n < 300; ++n) {
        Octets octets(n);
        for (auto& octet : octets)
            octet = rng.below(3) == 0 ? 0xff : static_cast<std::uint8_t>(rng.next());
        ASSERT_EQ(sum_of(octets), reference_sum(octets)) << n;
    }
    EXPECT_EQ(sum_of(Octets(65535, 0xff)), reference_sum(Octets(65535, 0xff)));
}

TEST(Checksum, AddsInAnyGrouping) {
    Sum16 whole, part, other;
    whole.add32(0x12345678);
    whole.add(0xfffe);
    part.add(0x1234);
    other.add(0x5678);
    other.add(0xfffe);
    part.add(other);
    EXPECT_EQ(part.folded(), whole.folded());
}

// RFC 1624 section 4: the case that equation 2 gets wrong.
TEST(IncrementalUpdate, GivesTheResultOfRfc1624Section4) {
    Sum16 delta;
    delta.replace(0x5555, 0x3285);
    EXPECT_EQ(updated(0xdd2f, delta), 0x0000);
}

// Every new value of a word, over the old values and remainders where one's complement has its
// corners: the updated checksum is the one that would be computed.
TEST(IncrementalUpdate, EqualsRecomputationForEveryWord) {
    constexpr std::uint16_t kCorners[] = {0x0000, 0x0001, 0x00ff, 0x0100, 0x7fff, 0x8000,
                                          0x8001, 0xaaaa, 0xff00, 0xfffe, 0xffff};
    constexpr std::uint16_t kRests[] = {0x0001, 0x1234, 0x7fff, 0x8000, 0xfffe, 0xffff};
    for (const std::uint16_t rest : kRests)
        for (const std::uint16_t from : kCorners)
            for (std::uint32_t to = 0; to <= 0xffff; ++to) {
                Sum16 before, after, delta;
                before.add(rest);
                before.add(from);
                after.add(rest);
                after.add(static_cast<std::uint16_t>(to));
                delta.replace(from, static_cast<std::uint16_t>(to));
                ASSERT_EQ(updated(before.checksum(), delta), after.checksum())
                    << rest << ' ' << from << ' ' << to;
            }
}

TEST(IncrementalUpdate, EqualsRecomputationForChainsOfChanges) {
    Rng rng(5);
    for (int n = 0; n < 2000; ++n) {
        std::array<std::uint32_t, 6> words;
        for (auto& w : words) w = static_cast<std::uint32_t>(rng.next());
        Sum16 before, after, delta;
        for (const auto w : words) before.add32(w);
        for (auto& w : words) {
            const auto to = rng.below(4) == 0 ? ~0U : static_cast<std::uint32_t>(rng.next());
            delta.replace32(w, to);
            w = to;
        }
        for (const auto w : words) after.add32(w);
        ASSERT_EQ(updated(before.checksum(), delta), after.checksum());
    }
}

TEST(IncrementalUpdate, WrongChecksumStaysWrong) {
    Sum16 delta;
    delta.replace(0x1111, 0x2222);
    const std::uint16_t right = 0x4567;
    EXPECT_NE(updated(right ^ 0x0100, delta), updated(right, delta));
}

TEST(PseudoHeader, CoversAddressesProtocolAndLength) {
    const IpAddr src = *IpAddr::parse("192.0.2.1"), dst = *IpAddr::parse("198.51.100.7");
    EXPECT_EQ(pseudo_header(src, dst, 6, 1000).folded(),
              reference_sum({192, 0, 2, 1, 198, 51, 100, 7, 0, 6, 0x03, 0xe8}));
}

TEST(PseudoHeader, OfIpv6CoversAllSixteenOctets) {
    const IpAddr src = *IpAddr::parse("2001:db8::1"), dst = *IpAddr::parse("fd00::2:3");
    Octets octets(src.octets().begin(), src.octets().end());
    octets.insert(octets.end(), dst.octets().begin(), dst.octets().end());
    octets.insert(octets.end(), {0, 1, 0x11, 0x70, 0, 0, 0, 17});
    EXPECT_EQ(pseudo_header(src, dst, 17, 70000).folded(), reference_sum(octets));
}

}  // namespace
}  // namespace sallyport::wire

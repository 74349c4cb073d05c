// SPDX-License-Identifier: Apache-2.0
#include "tools/sallyctl/replay/fragments.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/unit/sallyctl/packets.h"

namespace sallyport::replay {
namespace {

const IpAddr kFrom = ip("10.0.0.2"), kTo = ip("192.0.2.1");

Bytes datagram(std::size_t size) {
    Bytes out(size);
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(i * 7);
    return out;
}

std::vector<Bytes> cut(const Bytes& whole, std::size_t size, unsigned id = 7) {
    std::vector<Bytes> out;
    for (std::size_t at = 0; at < whole.size(); at += size) {
        const std::size_t end = std::min(at + size, whole.size());
        const unsigned more = end < whole.size() ? 0x2000 : 0;
        out.push_back(ipv4(kFrom, kTo, 17,
                           Bytes(whole.begin() + static_cast<std::ptrdiff_t>(at),
                                 whole.begin() + static_cast<std::ptrdiff_t>(end)),
                           more | static_cast<unsigned>(at / 8), id));
    }
    return out;
}

// What comes out of the packets in this order.
std::optional<Bytes> put_together(Fragments& fragments, const std::vector<Bytes>& packets,
                                  Time at = {}) {
    for (const Bytes& packet : packets)
        if (const auto whole = fragments.add(*parse_ip(packet), at))
            return Bytes(whole->payload.begin(), whole->payload.end());
    return std::nullopt;
}

TEST(ReplayFragments, AnyOrderAndRepetitions) {
    const Bytes whole = datagram(1000);
    std::mt19937 random(1);
    for (int round = 0; round < 200; ++round) {
        std::vector<Bytes> packets = cut(whole, 8 * (1 + random() % 40));
        packets.push_back(packets[random() % packets.size()]);
        std::ranges::shuffle(packets, random);
        Fragments fragments;
        EXPECT_EQ(put_together(fragments, packets), whole) << round;
    }
}

TEST(ReplayFragments, Ipv6WithHeadersBehindTheFragment) {
    Bytes part{17, 0, 1, 4, 0, 0, 0, 0};  // destination options, then UDP
    put(part, datagram(56));
    const auto fragment = [&](std::size_t from, std::size_t to, bool more) {
        Bytes payload{60, 0};
        put16(payload, static_cast<unsigned>(from) | (more ? 1U : 0U));
        put32(payload, 99);
        payload.insert(payload.end(), part.begin() + static_cast<std::ptrdiff_t>(from),
                       part.begin() + static_cast<std::ptrdiff_t>(to));
        return ipv6(ip("2001:db8::2"), ip("2001:db8::1"), 44, payload);
    };
    Fragments fragments;
    EXPECT_FALSE(fragments.add(*parse_ip(fragment(32, 64, false)), {}));
    const Bytes first = fragment(0, 32, true);
    const auto whole = fragments.add(*parse_ip(first), {});
    ASSERT_TRUE(whole);
    EXPECT_EQ(whole->protocol, 17);
    EXPECT_EQ(Bytes(whole->payload.begin(), whole->payload.end()), datagram(56));
}

TEST(ReplayFragments, AnOverlapSpoilsTheDatagram) {
    std::vector<Bytes> packets = cut(datagram(64), 32);
    Bytes other = packets[0];
    other.back() ^= 1;
    Fragments fragments;
    EXPECT_FALSE(put_together(fragments, {packets[0], other, packets[1]}));
    EXPECT_EQ(fragments.lost(), 1u);
}

TEST(ReplayFragments, OldOnesAndTooManyAreLost) {
    Fragments fragments;
    const auto packets = cut(datagram(64), 32);
    EXPECT_FALSE(put_together(fragments, {packets[0]}));
    EXPECT_FALSE(put_together(fragments, {packets[1]}, Time(std::chrono::seconds(61))));
    EXPECT_EQ(fragments.lost(), 1u);
    for (unsigned id = 0; id < 2000; ++id)
        fragments.add(*parse_ip(cut(datagram(64), 32, 100 + id)[0]), {});
    fragments.end();
    EXPECT_EQ(fragments.lost(), 1u + 2000u + 1u);
}

}  // namespace
}  // namespace sallyport::replay

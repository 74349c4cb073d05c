// SPDX-License-Identifier: Apache-2.0
#include "dataplane/dpdk/vlan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace sallyport::dp {
namespace {

using Octets = std::vector<std::uint8_t>;

constexpr Attachments kTwoDevices{{{.device = 0, .vlan = kNoVlan}, {.device = 1, .vlan = kNoVlan}}};
constexpr Attachments kOneTagged{{{.device = 0, .vlan = 7}, {.device = 1, .vlan = kNoVlan}}};
constexpr Attachments kOneArm{{{.device = 0, .vlan = 10}, {.device = 0, .vlan = 4094}}};

// A buffer of one segment, as a driver would fill it.
struct Buffer {
    explicit Buffer(const Octets& frame) {
        mbuf.buf_addr = room.data();
        mbuf.buf_len = static_cast<std::uint16_t>(room.size());
        mbuf.data_off = RTE_PKTMBUF_HEADROOM;
        mbuf.data_len = static_cast<std::uint16_t>(frame.size());
        mbuf.pkt_len = mbuf.data_len;
        mbuf.nb_segs = 1;
        rte_mbuf_refcnt_set(&mbuf, 1);
        std::ranges::copy(frame, room.begin() + RTE_PKTMBUF_HEADROOM);
    }
    Octets frame() const {
        const auto* begin = rte_pktmbuf_mtod(&mbuf, const std::uint8_t*);
        return {begin, begin + mbuf.data_len};
    }

    Octets room = Octets(2048);
    std::unique_ptr<rte_mbuf> owner = std::make_unique<rte_mbuf>();
    rte_mbuf& mbuf = *owner;
};

Octets frame_with(const Octets& tags) {
    Octets frame{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2};
    frame.insert(frame.end(), tags.begin(), tags.end());
    for (const int octet : {0x08, 0x00, 0x45, 1, 2, 3, 4, 5})
        frame.push_back(static_cast<std::uint8_t>(octet));
    return frame;
}

Octets untagged() {
    return frame_with({});
}

TEST(Vlan, LeavesFramesOfDevicesOfTheirOwnAlone) {
    for (const PortIndex device : {kInsidePort, kOutsidePort}) {
        Buffer buffer(untagged());
        EXPECT_EQ(take_off_tag(buffer.mbuf, device, kTwoDevices), device);
        EXPECT_EQ(buffer.frame(), untagged());
    }
}

TEST(Vlan, LeavesATagForThePathToRefuseWhereNoneIsExpected) {
    const Octets tagged = frame_with({0x81, 0x00, 0x00, 0x07});
    Buffer buffer(tagged);
    EXPECT_EQ(take_off_tag(buffer.mbuf, 1, kOneTagged), kOutsidePort);
    EXPECT_EQ(buffer.frame(), tagged);
}

TEST(Vlan, TellsThePortByTheTagAndTakesItOff) {
    Buffer inside(frame_with({0x81, 0x00, 0x00, 10}));
    EXPECT_EQ(take_off_tag(inside.mbuf, 0, kOneArm), kInsidePort);
    EXPECT_EQ(inside.frame(), untagged());
    Buffer outside(frame_with({0x81, 0x00, 0x0f, 0xfe}));
    EXPECT_EQ(take_off_tag(outside.mbuf, 0, kOneArm), kOutsidePort);
    EXPECT_EQ(outside.frame(), untagged());
}

TEST(Vlan, DoesNotMindThePriority) {
    Buffer buffer(frame_with({0x81, 0x00, 0xf0, 10}));
    EXPECT_EQ(take_off_tag(buffer.mbuf, 0, kOneArm), kInsidePort);
}

TEST(Vlan, RefusesEveryOtherTagAndNone) {
    for (const Octets& tags : {Octets{}, Octets{0x81, 0x00, 0x00, 0x00}, Octets{0x81, 0x00, 0xe0, 0x00},
                               Octets{0x81, 0x00, 0x00, 11}, Octets{0x81, 0x00, 0x0f, 0xff},
                               Octets{0x88, 0xa8, 0x00, 10}}) {
        Buffer buffer(frame_with(tags));
        EXPECT_EQ(take_off_tag(buffer.mbuf, 0, kOneArm), std::nullopt);
    }
}

TEST(Vlan, LeavesTheSecondTagForThePathToRefuse) {
    Buffer buffer(frame_with({0x81, 0x00, 0x00, 10, 0x81, 0x00, 0x00, 10}));
    EXPECT_EQ(take_off_tag(buffer.mbuf, 0, kOneArm), kInsidePort);
    EXPECT_EQ(buffer.frame(), frame_with({0x81, 0x00, 0x00, 10}));
}

TEST(Vlan, RefusesAFrameThatEndsInItsTag) {
    Octets frame = frame_with({0x81, 0x00, 0x00, 10});
    for (const std::size_t length : {0U, 1U, 12U, 14U, 17U}) {
        Buffer buffer(Octets(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(length)));
        EXPECT_EQ(take_off_tag(buffer.mbuf, 0, kOneArm), std::nullopt) << length;
    }
}

TEST(Vlan, BelievesADriverThatTookTheTagOff) {
    Buffer buffer(untagged());
    buffer.mbuf.ol_flags = RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
    buffer.mbuf.vlan_tci = 0x200a;
    EXPECT_EQ(take_off_tag(buffer.mbuf, 0, kOneArm), kInsidePort);
    EXPECT_EQ(buffer.frame(), untagged());
    EXPECT_EQ(take_off_tag(buffer.mbuf, 0, kTwoDevices), std::nullopt) << "it was tagged";
}

TEST(Vlan, IsPutOnWhereThePortHasOne) {
    Buffer buffer(untagged());
    put_on_tag(&buffer.mbuf, kNoVlan);
    EXPECT_EQ(buffer.frame(), untagged());
    put_on_tag(&buffer.mbuf, 4094);
    EXPECT_EQ(buffer.frame(), frame_with({0x81, 0x00, 0x0f, 0xfe}));
}

}  // namespace
}  // namespace sallyport::dp

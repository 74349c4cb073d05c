// SPDX-License-Identifier: Apache-2.0
// A neighbour cache with two networks inside, and the packets that reach it.
#pragma once
#include <gtest/gtest.h>

#include <string>

#include "dataplane/neighbors.h"
#include "tests/unit/path/outbox_fixture.h"

namespace sallyport::dp {

using namespace std::chrono_literals;

inline constexpr wire::MacAddr kOutsideMac{{0x02, 0, 0, 0, 0, 0xfd}};
inline constexpr wire::MacAddr kOtherMac{{0x02, 0, 0, 0, 0, 0x02}};
inline const std::string kAsk = "ARP who-has 10.10.0.5 tell 10.10.0.1";

inline PortNetworks inside_networks() {
    PortNetworks n;
    n.addresses = {test::v4("10.10.0.1"), test::v4("172.16.0.1")};
    n.on_link = {*IpPrefix::parse("10.0.0.0/8"), *IpPrefix::parse("10.10.0.0/24"),
                 *IpPrefix::parse("172.16.0.0/16")};
    return n;
}

class NeighborsTest : public OutboxFixture {
   protected:
    NeighborsTest() { neighbors.use_networks(kInsidePort, networks); }

    NeighborIndex acquire(std::string_view ip) {
        return neighbors.acquire(kInsidePort, test::v4(ip), now);
    }
    Frame packet() { return frame_of(test::tcp_frame({})); }
    void send(NeighborIndex i) { neighbors.send(packet(), i, now, outbox); }

    void on_arp(const wire::ArpFields& fields, PortIndex port = kInsidePort) {
        const Frame f = frame_of(test::arp_frame(fields), port);
        wire::PacketView view;
        ASSERT_EQ(wire::parse(f.bytes(), view), wire::ParseError::None);
        neighbors.on_arp(f, view, networks, now, outbox);
    }
    void reply_from(std::string_view ip, const wire::MacAddr& mac) {
        on_arp({wire::kArpReply, mac, test::v4(ip), test::kGateMac, test::v4("10.10.0.1"),
                test::kGateMac});
    }
    void request_for(std::string_view own, std::string_view from) {
        on_arp({wire::kArpRequest,
                test::kStationMac,
                test::v4(from),
                {},
                test::v4(own),
                wire::kBroadcast});
    }
    // Gratuitous ARP of another station.
    void claim(std::string_view ip) {
        on_arp({wire::kArpRequest, kOtherMac, test::v4(ip), {}, test::v4(ip), wire::kBroadcast});
    }
    // Lets time pass in steps as a worker does.
    void pass(Duration d) {
        for (const Instant end = now + d; now < end;) {
            now += 50ms;
            neighbors.advance(now, outbox);
        }
    }
    NeighborIndex make_reachable(std::string_view ip) {
        const NeighborIndex i = acquire(ip);
        reply_from(ip, test::kStationMac);
        (void)sent();
        return i;
    }

    PortNetworks networks = inside_networks();
    Instant now{1h};
    Neighbors neighbors{8, {test::kGateMac, kOutsideMac}, counters, SipKey{1, 2}};
};

}  // namespace sallyport::dp

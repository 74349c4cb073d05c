// SPDX-License-Identifier: Apache-2.0
// Any octets as a frame for the gate itself: ARP, neighbor discovery, ping and ICMP errors. The first octet says how
// much time has passed; whatever is made must be a packet that parses, and no frame may be lost.
#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "dataplane/icmp_echo.h"
#include "dataplane/icmp_error.h"
#include "dataplane/neighbors.h"
#include "tcpstack/base/check.h"

namespace {

using namespace sallyport;
using namespace sallyport::dp;

constexpr wire::MacAddr kInsideMac{{2, 0, 0, 0, 0, 1}}, kOutsideMac{{2, 0, 0, 0, 0, 2}};

PortNetworks make_networks() {
    PortNetworks n;
    n.addresses = {Ipv4Addr{{10, 10, 0, 1}}, *IpAddr::parse("fd00:10::1")};
    n.on_link = {IpPrefix(Ipv4Addr{{10, 10, 0, 0}}, 24), *IpPrefix::parse("fd00:10::/64")};
    return n;
}

// One worker's neighbours over the whole run, so that states follow each other.
struct World {
    std::unique_ptr<Counters> counters = std::make_unique<Counters>();
    std::unique_ptr<Outbox> outbox = std::make_unique<Outbox>(*counters);
    PortNetworks networks = make_networks();
    Neighbors neighbors{16, {kInsideMac, kOutsideMac}, *counters, SipKey{1, 2}};
    Instant now{};
    World() { neighbors.use_networks(kInsidePort, networks); }
};

// Buffers of one input; a parked frame would outlive them, so frames are only sent to the resolved.
using Buffers = std::deque<std::vector<std::uint8_t>>;

Frame frame_of(Buffers& buffers, std::span<const std::uint8_t> octets) {
    auto& b = buffers.emplace_back(octets.begin(), octets.end());
    const auto used = static_cast<std::uint16_t>(octets.size());
    b.resize(octets.size() + 600);
    return {b.data(), used, static_cast<std::uint16_t>(b.size()), kInsidePort, &b};
}

void expect_packet(const Frame& frame) {
    wire::PacketView p;
    SP_CHECK(wire::parse(frame.bytes(), p) == wire::ParseError::None);
    SP_CHECK(p.transport_checksum_ok());
}

void answer_arp(World& w, const Frame& frame, const wire::PacketView& p) {
    const std::uint32_t sender = p.arp().sender_ip.host() & 0x1f;
    const NeighborIndex i =
        w.neighbors.acquire(kInsidePort, Ipv4Addr::from_host(0x0a0a0000 | sender), w.now);
    w.neighbors.on_arp(frame, p, w.networks, w.now, *w.outbox);
    SP_CHECK(w.outbox->to_send[kInsidePort].size() + w.outbox->to_free.size() == 1);
    if (i != kNoNeighbor) w.neighbors.release(i);
    for (const Frame& reply : w.outbox->to_send[kInsidePort]) expect_packet(reply);
}

void answer_discovery(World& w, const Frame& frame, const wire::PacketView& p) {
    const NeighborIndex i = w.neighbors.acquire(kInsidePort, p.source(), w.now);
    if (frame.data[0] & 1) w.neighbors.announce(kInsidePort, w.networks, w.now, *w.outbox);
    w.outbox->to_send[kInsidePort].clear();
    w.neighbors.on_discovery(frame, p, w.networks, w.now, *w.outbox);
    SP_CHECK(w.outbox->to_send[kInsidePort].size() + w.outbox->to_free.size() == 1);
    if (i != kNoNeighbor) w.neighbors.release(i);
    for (const Frame& reply : w.outbox->to_send[kInsidePort]) expect_packet(reply);
}

void answer_ip(Buffers& buffers, Frame frame, const wire::PacketView& p) {
    Frame error = frame_of(buffers, {});
    const IpAddr own = p.is_v6() ? IpAddr{Ipv6Addr{{0xfd, 1}}} : IpAddr{Ipv4Addr{{10, 10, 0, 1}}};
    if (make_icmp_error(p, admin_prohibited(p.is_v6()), own, error)) expect_packet(error);
    if (turn_into_echo_reply(frame, p)) expect_packet(frame);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static World w;
    if (size == 0 || size > 2000) return 0;
    w.now += std::chrono::milliseconds(data[0] * 100);
    Buffers buffers;
    const Frame frame = frame_of(buffers, {data + 1, size - 1});
    wire::PacketView p;
    if (wire::parse(frame.bytes(), p) == wire::ParseError::None) {
        if (p.kind() == wire::PacketKind::Arp) {
            answer_arp(w, frame, p);
        } else if (p.kind() == wire::PacketKind::NeighborDiscovery) {
            answer_discovery(w, frame, p);
        } else {
            answer_ip(buffers, frame, p);
        }
    }
    w.outbox->to_send[kInsidePort].clear();
    w.outbox->to_free.clear();
    w.neighbors.advance(w.now, *w.outbox);
    return 0;
}

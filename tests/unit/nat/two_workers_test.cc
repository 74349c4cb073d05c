// SPDX-License-Identifier: Apache-2.0
// Two workers of which one polls everything: flows, errors about them and their fragments find their
// owner, and the ports of the two never meet.
#include <set>

#include "dataplane/nat/port_pool.h"
#include "tests/unit/nat/fragments.h"

namespace sallyport::test {
namespace {

constexpr std::uint16_t kPort = 5000;

class TwoWorkers : public ::testing::Test {
   protected:
    TwoWorkers() {
        for (dp::WorkerIndex w = 0; w < 2; ++w) {
            dp::PathConfig config;
            config.worker = w;
            config.worker_count = 2;
            config.secrets = {{1, 2}, {3, 4}, {5, 6}, {7, 8}};
            config.macs = {kGateMac, kOutsideGateMac};
            config.sessions = 1024;
            config.hold_bytes = config.relay_bytes = 1U << 20;
            paths_.push_back(std::make_unique<dp::Path>(config));
        }
        refill();
    }
    // The first worker polls it; what leaves is in out_ of its port afterwards.
    void inject(dp::PortIndex port, const Octets& octets) {
        const dp::Frame burst[1] = {frame_of(octets, port)};
        paths_[0]->run(burst, generation_, now_);
        while (settle()) {}
    }
    std::vector<Octets> take(dp::PortIndex port) { return std::exchange(out_[port], {}); }
    std::uint64_t opened(std::size_t worker) { return paths_[worker]->counters().flows_opened.value(); }
    Octets asked(std::uint16_t src_port, std::size_t octets = 8) {
        return with_id(udp_frame_of(inside(client, server), src_port, kPort, numbered(octets)), src_port);
    }
    // A flow of each client port; returns what the server saw of it.
    Octets open(std::uint16_t src_port) {
        inject(dp::kInsidePort, asked(src_port));
        const auto frames = take(dp::kOutsidePort);
        EXPECT_EQ(frames.size(), 1U);
        return frames.at(0);
    }

    const Ipv4Addr client = v4("10.10.0.5"), server = v4("198.51.100.80"), egress = v4("203.0.113.7");
    std::vector<std::unique_ptr<dp::Path>> paths_;

   private:
    using Buffer = std::array<std::uint8_t, 2048>;
    dp::Frame frame_of(const Octets& octets, dp::PortIndex port) {
        buffers_.push_back(std::make_unique<Buffer>());
        std::copy(octets.begin(), octets.end(), buffers_.back()->begin());
        return {buffers_.back()->data(), static_cast<std::uint16_t>(octets.size()), sizeof(Buffer), port,
                buffers_.back().get()};
    }
    void refill() {
        for (auto& path : paths_)
            while (path->outbox().stock.size() < 8) (void)path->outbox().stock.push_back(frame_of({}, 0));
    }
    // Empties both outboxes; true while frames were handed over or ARP was answered.
    bool settle() {
        bool more = false;
        for (auto& path : paths_) {
            dp::Outbox& outbox = path->outbox();
            for (dp::PortIndex port = 0; port < dp::kPortsMax; ++port) {
                for (const dp::Frame& f : outbox.to_send[port]) more |= leave({f.data, f.data + f.length}, port);
                outbox.to_send[port].clear();
            }
            outbox.to_free.clear();
            for (const dp::Handover& h : outbox.to_hand_over) handed_.push_back(h);
            outbox.to_hand_over.clear();
        }
        refill();
        for (const dp::Handover& h : std::exchange(handed_, {})) {
            paths_[h.owner]->run_handed_over({&h.frame, 1}, generation_, now_);
            more = true;
        }
        for (const auto& [port, reply] : std::exchange(replies_, {})) {
            const dp::Frame burst[1] = {frame_of(reply, port)};
            paths_[0]->run(burst, generation_, now_);
        }
        return more;
    }
    bool leave(Octets frame, dp::PortIndex port) {
        wire::PacketView view;
        EXPECT_EQ(wire::parse(frame, view), wire::ParseError::None);
        if (view.kind() != wire::PacketKind::Arp) return out_[port].push_back(frame), false;
        const wire::ArpPacket& arp = view.arp();
        const wire::MacAddr mac = port == dp::kInsidePort ? kStationMac : kRouterMac;
        replies_.push_back({port, arp_frame({wire::kArpReply, mac, arp.target_ip, arp.sender_mac,
                                             arp.sender_ip, arp.sender_mac})});
        return true;
    }

    const dp::Generation generation_ = dp::policy::compile(flow_options().model);
    Instant now_ = Instant{} + std::chrono::seconds(100);
    std::vector<std::unique_ptr<Buffer>> buffers_;
    std::vector<dp::Handover> handed_;
    std::vector<std::pair<dp::PortIndex, Octets>> replies_;
    std::vector<Octets> out_[dp::kPortsMax];
};

TEST_F(TwoWorkers, EachHasItsFlowsAndItsPorts) {
    std::set<std::uint16_t> ports;
    for (std::uint16_t i = 0; i < 100; ++i) {
        const std::uint64_t before = opened(0);
        Octets out = open(static_cast<std::uint16_t>(40000 + i));
        const std::uint16_t port = udp_of(out).src_port.host();
        EXPECT_TRUE(ports.insert(port).second);
        EXPECT_EQ(dp::port_owner(1024, 65535, port, 2), opened(0) > before ? 0 : 1);
        inject(dp::kOutsidePort, udp_frame_of(outside(server, egress), kPort, port, {1}));
        const auto back = take(dp::kInsidePort);
        ASSERT_EQ(back.size(), 1U);
        Octets answer = back[0];
        EXPECT_EQ(udp_of(answer).dst_port.host(), 40000 + i);
    }
    EXPECT_GE(opened(0), 25U);
    EXPECT_GE(opened(1), 25U);
    EXPECT_EQ(opened(0) + opened(1), 100U);
}

TEST_F(TwoWorkers, AnErrorFindsTheOwnerOfItsFlow) {
    for (std::uint16_t i = 0; i < 20; ++i) {
        const Octets out = open(static_cast<std::uint16_t>(40000 + i));
        inject(dp::kOutsidePort, icmp_frame(outside(v4("192.0.2.1"), egress), wire::kIcmpUnreachable, 3,
                                            Octets(out.begin() + 14, out.begin() + 42)));
        const auto errors = take(dp::kInsidePort);
        ASSERT_EQ(errors.size(), 1U);
        // And about the answer, from inside.
        Octets back = udp_frame_of({server, client, kRouterMac, kOutsideGateMac}, kPort,
                                   static_cast<std::uint16_t>(40000 + i), {});
        inject(dp::kInsidePort, icmp_frame(inside(client, server), wire::kIcmpUnreachable, 3,
                                           Octets(back.begin() + 14, back.begin() + 42)));
        EXPECT_EQ(take(dp::kOutsidePort).size(), 1U);
    }
}

TEST_F(TwoWorkers, FragmentsAreGatheredAndThenGoToTheOwner) {
    open(1), open(2), open(3), open(4);  // so that both know the next hop
    for (std::uint16_t i = 0; i < 40; ++i) {
        const Octets sent = asked(static_cast<std::uint16_t>(40000 + i), 3000);
        for (const Octets& p : pieces_of(sent, 1480)) inject(dp::kInsidePort, p);
        const auto frames = take(dp::kOutsidePort);
        ASSERT_EQ(frames.size(), 3U);
        Octets out = whole_of(frames);
        EXPECT_EQ(transport_sum(out), 0);
        const Octets answer = with_id(udp_frame_of(outside(server, egress), kPort, udp_of(out).src_port.host(),
                                                   numbered(2000)), i);
        for (const Octets& p : pieces_of(answer, 1480)) inject(dp::kOutsidePort, p);
        EXPECT_EQ(take(dp::kInsidePort).size(), 2U);
    }
    const auto gathered = [&](std::size_t w) { return paths_[w]->counters().datagrams_gathered.value(); };
    EXPECT_GT(gathered(0), 20U);
    EXPECT_GT(gathered(1), 20U);
    EXPECT_GT(gathered(0) + gathered(1), 80U) << "some were handed on whole";
}

TEST_F(TwoWorkers, ASegmentInFragmentsGoesToItsOwnerWhole) {  // F17
    for (std::uint16_t i = 0; i < 40; ++i) {
        TcpFields t{.addresses = inside(client, server), .src_port = static_cast<std::uint16_t>(40000 + i)};
        t.flags = wire::kSyn;
        for (const Octets& p : pieces_of(with_id(tcp_frame(t), i), 8)) inject(dp::kInsidePort, p);
        auto answers = take(dp::kInsidePort);
        ASSERT_EQ(answers.size(), 1U);
        EXPECT_EQ(tcp_of(answers[0]).flags, wire::kSyn | wire::kAck);
        EXPECT_EQ(tcp_of(answers[0]).dst_port.host(), 40000 + i);
    }
    const auto& one = paths_[0]->counters();
    const auto& two = paths_[1]->counters();
    EXPECT_EQ(one.segments_reassembled.value() + two.segments_reassembled.value(), 40U);
    EXPECT_GT(one.segments_reassembled.value(), 5U);
    EXPECT_GT(two.segments_reassembled.value(), 5U);
    EXPECT_GT(one.syn_acks_sent.value(), 5U);
    EXPECT_GT(two.syn_acks_sent.value(), 5U);
}

}  // namespace
}  // namespace sallyport::test

// SPDX-License-Identifier: Apache-2.0
// What hostile clients cost a gate, and what is left for the others: counted in segments, chunks and
// virtual time.
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/gate_under_test.h"
#include "tests/support/tcp_host.h"
#include "tests/support/twins.h"

namespace sallyport::test {
namespace {

using namespace std::chrono_literals;

constexpr int kStorm = 10'000;
const std::string kRequest = "GET / HTTP/1.1\r\nHost: allowed.example\r\n\r\n";

std::string response(std::size_t octets) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(octets) + "\r\n\r\n" +
           std::string(octets, 'r');
}

// Many clients and their servers around one gate; every frame takes eight milliseconds.
class Crowd {
   public:
    explicit Crowd(const GateOptions& options) : gate(options) {}

    TcpHost& add_client(std::uint8_t host, std::uint16_t port, const HostOptions& options) {
        clients_.push_back(std::make_unique<TcpHost>(options));
        const Ipv4Addr source = v4("10.10.0." + std::to_string(host));
        const Addresses addresses{source, v4("198.51.100.80"), kStationMac, kGateMac};
        by_client_[{source.host(), port}] = clients_.back().get();
        send(dp::kInsidePort, clients_.back()->connect(addresses, port, 80));
        return *clients_.back();
    }
    // What each server says once it has heard a request.
    std::string answer;

    void turn() {
        gate.advance(4ms);
        for (const dp::PortIndex port : {dp::kInsidePort, dp::kOutsidePort}) collect(port);
        while (!flying_.empty() && flying_.front().at <= gate.now()) {
            const Flight flight = std::move(flying_.front());
            flying_.pop_front();
            flight.to_gate ? gate.inject(flight.port, flight.frame) : deliver(flight);
        }
        for (auto& host : clients_) flush(dp::kInsidePort, *host);
        for (auto& [port, host] : servers_) flush(dp::kOutsidePort, *host);
    }
    void turns(Duration time) {
        for (const Instant end = gate.now() + time; gate.now() < end;) turn();
    }

    GateUnderTest gate;

   private:
    struct Flight {
        Instant at{};
        dp::PortIndex port = 0;
        bool to_gate = false;
        Octets frame;
    };
    static constexpr Duration kDelay = 8ms;

    void send(dp::PortIndex port, const Octets& frame) {
        flying_.push_back({gate.now() + kDelay, port, true, frame});
    }
    void collect(dp::PortIndex port) {
        for (Emitted& e : gate.out(port))
            flying_.push_back({gate.now() + kDelay, port, false, std::move(e.frame)});
        gate.out(port).clear();
    }
    void flush(dp::PortIndex port, TcpHost& host) {
        for (const Octets& frame : host.frames(gate.now())) send(port, frame);
    }
    void deliver(const Flight& flight) {
        Octets frame = flight.frame;
        wire::PacketView view;
        if (wire::parse(frame, view) != wire::ParseError::None) return;
        if (view.kind() != wire::PacketKind::Tcp) return;
        const FourTuple tuple = view.four_tuple();
        if (flight.port == dp::kInsidePort) {
            const auto found = by_client_.find({tuple.dst.v4().host(), tuple.dst_port.number});
            if (found != by_client_.end()) found->second->on_frame(view, gate.now());
            return;
        }
        auto& server = servers_[tuple.src_port.number];
        if (!server) {
            server = std::make_unique<TcpHost>();
            server->say(answer);
        }
        server->on_frame(view, gate.now());
    }

    std::vector<std::unique_ptr<TcpHost>> clients_;
    std::map<std::pair<std::uint32_t, std::uint16_t>, TcpHost*> by_client_;
    std::map<std::uint16_t, std::unique_ptr<TcpHost>> servers_;  // by the gate's port
    std::deque<Flight> flying_;
};

// A gate of an eighth of the usual size, and an eighth of a thousand clients that never read.
constexpr std::uint64_t kEighth = 32U << 20;

// Virtual time until a client among `stopped` others has its octets; these have so many addresses.
Duration time_of_transfer(int stopped, int sources, std::uint64_t relay_bytes) {
    constexpr std::size_t kOctets = 1'000'000;
    GateOptions options;
    options.relay_bytes = relay_bytes;
    Crowd crowd(options);
    crowd.answer = response(kOctets);
    HostOptions small;
    small.window = 4096;
    for (int i = 0; i < stopped; ++i) {
        TcpHost& client = crowd.add_client(static_cast<std::uint8_t>(10 + i % sources),
                                           static_cast<std::uint16_t>(40001 + i), small);
        client.reading = false;
        client.say(kRequest);
    }
    crowd.turns(5s);
    EXPECT_LE(crowd.gate.counter("relay_chunks_in_use").value() * tcp::kChunkOctets, relay_bytes);
    TcpHost& client = crowd.add_client(200, 40001, {});
    client.say(kRequest);
    const Instant begin = crowd.gate.now();
    while (client.heard().size() < response(kOctets).size() && crowd.gate.now() < begin + 60s)
        crowd.turn();
    EXPECT_EQ(client.heard().size(), response(kOctets).size());
    return crowd.gate.now() - begin;
}

TEST(AttackCost, OfClientsThatNeverReadIsNotBorneByTheOthers) {
    const Duration alone = time_of_transfer(0, 1, kEighth), among = time_of_transfer(125, 125, kEighth);
    EXPECT_LE(among, alone * 10 / 9) << alone / 1ms << " ms alone, " << among / 1ms << " ms among them";
}

// There is half of what they were promised together, and they are of enough addresses to take it all
// by eighths.
TEST(AttackCost, OfClientsThatFillAllThereIsIsNotBorneByTheOthers) {
    constexpr std::uint64_t kLittle = kEighth / 4;
    const Duration alone = time_of_transfer(0, 1, kLittle), among = time_of_transfer(125, 8, kLittle);
    EXPECT_LE(among, alone * 10 / 9) << alone / 1ms << " ms alone, " << among / 1ms << " ms among them";
}

TcpFields from_source(const std::string& source, std::uint16_t port) {
    TcpFields t;
    const IpAddr address = IpAddr::parse(source).value(), server = v4("198.51.100.80");
    t.addresses = {address, address.is_v4() ? server : twin(server), kStationMac, kGateMac};
    t.src_port = port;
    t.dst_port = 443;
    return t;
}

// One for one and without a trace: a SYN stores nothing, and a reply is not larger than what asked.
TEST(AttackCost, OfSynsIsAReplyEach) {
    GateUnderTest gate;
    std::size_t in = 0;
    for (int i = 0; i < kStorm; ++i) {
        TcpFields syn = from_source("10.10.0." + std::to_string(2 + i % 250),
                                    static_cast<std::uint16_t>(1024 + i));
        syn.flags = wire::kSyn;
        syn.options.mss = 1460;
        syn.options.sack_permitted = true;
        syn.options.window_shift = 7;
        const Octets frame = tcp_frame(syn);
        in += frame.size();
        gate.inject(dp::kInsidePort, frame);
    }
    std::size_t out = 0;
    for (const Emitted& e : gate.out(dp::kInsidePort)) out += e.frame.size();
    EXPECT_EQ(gate.out(dp::kInsidePort).size(), std::size_t{kStorm});
    EXPECT_LE(out, in + 4 * kStorm);
    EXPECT_TRUE(gate.out(dp::kOutsidePort).empty());
    for (const char* gauge : {"embryos_in_use", "sessions_active", "setups_in_use", "tombstones_in_use"})
        EXPECT_EQ(gate.counter(gauge), 0U) << gauge;
}

// A thousand a second for each source, then silence for a second; nothing is kept.
TEST(AttackCost, OfForgedAcksIsBoundedForEachSource) {
    GateUnderTest gate;
    for (int i = 0; i < kStorm; ++i) {
        TcpFields ack = from_source("10.10.0.5", static_cast<std::uint16_t>(1024 + i));
        ack.seq = static_cast<std::uint32_t>(i) * 7919;
        ack.ack = static_cast<std::uint32_t>(i) * 104'729;
        gate.inject(dp::kInsidePort, tcp_frame(ack));
    }
    EXPECT_LE(gate.out(dp::kInsidePort).size(), 1001U);
    EXPECT_TRUE(gate.out(dp::kOutsidePort).empty());
    EXPECT_EQ(gate.counter("embryos_in_use"), 0U);
    EXPECT_EQ(gate.counter("sessions_active"), 0U);
}

// The others of its /64 included: of what proves nothing anybody there can say that it is from there.
TEST(AttackCost, OfForgedAcksIsNotBorneByOtherAddresses) {
    const std::string attackers[] = {"10.10.0.5", "fd00:0:a0a:5::1"}, others[] = {"10.10.0.6", "fd00:0:a0a:5::2"};
    for (int family = 0; family < 2; ++family) {
        GateUnderTest gate;
        for (int i = 0; i < kStorm; ++i)
            gate.inject(dp::kInsidePort, tcp_frame(from_source(attackers[family], static_cast<std::uint16_t>(1024 + i))));
        for (const std::string& source : {attackers[family], others[family]}) {
            TcpFields syn = from_source(source, 1000);
            syn.flags = wire::kSyn;
            gate.inject(dp::kInsidePort, tcp_frame(syn));
            EXPECT_EQ(gate.counter("syn_acks_sent"), source == attackers[family] ? 0U : 1U) << source;
        }
    }
}

TEST(AttackCost, OfResetsIsNothing) {
    GateUnderTest gate;
    for (int i = 0; i < kStorm; ++i) {
        TcpFields rst = from_source("10.10.0.5", static_cast<std::uint16_t>(1024 + i));
        rst.flags = wire::kRst;
        gate.inject(dp::kInsidePort, tcp_frame(rst));
        rst.addresses = {v4("198.51.100.80"), v4("203.0.113.7"), kRouterMac, kOutsideGateMac};
        gate.inject(dp::kOutsidePort, tcp_frame(rst));
    }
    EXPECT_TRUE(gate.out(dp::kInsidePort).empty());
    EXPECT_TRUE(gate.out(dp::kOutsidePort).empty());
}

}  // namespace
}  // namespace sallyport::test

// SPDX-License-Identifier: Apache-2.0
// A gate with layer-4 rules, and a client and a server that talk through it.
#pragma once
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/support/gate_under_test.h"
#include "tests/unit/policy/rules.h"

namespace sallyport::test {

inline cfg::Rule flow_rule(std::string name, std::vector<cfg::ProtocolPort> protocols,
                           std::string_view network = "198.51.100.0/24") {
    cfg::Rule rule;
    rule.name = std::move(name);
    rule.networks = {prefix(network)};
    rule.protocols = std::move(protocols);
    return rule;
}
inline cfg::ProtocolPort tcp_port(std::uint16_t port) { return {cfg::Protocol::Tcp, port}; }
inline cfg::ProtocolPort udp_port(std::uint16_t port) { return {cfg::Protocol::Udp, port}; }
inline cfg::ProtocolPort icmp_echo() { return {cfg::Protocol::Icmp, 0}; }

inline GateOptions flow_options() {
    GateOptions options;
    options.model.policy.rules.push_back(flow_rule("flows", {tcp_port(22), udp_port(53), udp_port(5000), icmp_echo()}));
    return options;
}

// One end's view of a datagram.
struct Datagram {
    Ipv4Addr src{}, dst{};
    std::uint16_t src_port = 0, dst_port = 0;
    Octets payload{};
    std::uint8_t ttl = 64;
};

inline Addresses inside(const IpAddr& src, const IpAddr& dst) {
    return {src, dst, kStationMac, kGateMac};
}
inline Addresses outside(const IpAddr& src, const IpAddr& dst) {
    return {src, dst, kRouterMac, kOutsideGateMac};
}

inline Octets udp_frame_of(const Addresses& a, std::uint16_t src_port, std::uint16_t dst_port,
                           const Octets& payload) {
    Octets f = udp_frame(a, dst_port, payload);
    udp_of(f).src_port.set(src_port);
    set_transport_checksum(f);
    return f;
}

inline Octets echo_frame(const Addresses& a, std::uint8_t type, std::uint16_t id,
                         const Octets& payload = Octets(56, 0x61)) {
    Octets f = icmp_frame(a, type, 0, payload);
    icmp_of(f).set_echo_id(id);
    set_transport_checksum(f);
    return f;
}

// Changes the IP header and makes its checksum right again.
template <class Change>
Octets with_ip(Octets frame, Change&& change) {
    change(ipv4_of(frame));
    wire::set_checksum(ipv4_of(frame));
    return frame;
}
inline Octets with_ttl(Octets frame, std::uint8_t ttl) {
    return with_ip(std::move(frame), [&](wire::Ipv4Header& ip) { ip.ttl = ttl; });
}
inline Octets may_fragment(Octets frame) {
    return with_ip(std::move(frame), [](wire::Ipv4Header& ip) { ip.flags_fragment.set(0); });
}

class FlowTest : public ::testing::Test {
   protected:
    explicit FlowTest(const GateOptions& options = flow_options()) : gate(options) {}
    void TearDown() override {
        gate.finish();
        for (const std::string& problem : gate.problems()) ADD_FAILURE() << problem;
    }

    void from_client(const Octets& frame) { gate.inject(dp::kInsidePort, frame); }
    void from_server(const Octets& frame) { gate.inject(dp::kOutsidePort, frame); }
    // The frame that left by the port; nullopt, and a failure, when it is not exactly one.
    Octets take(dp::PortIndex port) {
        auto& out = gate.out(port);
        EXPECT_EQ(out.size(), 1U) << "frames that left by port " << int{port};
        Octets frame = out.empty() ? udp_frame({}, 1, {}) : out.front().frame;
        out.clear();
        return frame;
    }
    // All frames that left by the port.
    std::vector<Octets> leave(dp::PortIndex port) {
        std::vector<Octets> frames;
        for (const Emitted& e : gate.out(port)) frames.push_back(e.frame);
        gate.out(port).clear();
        return frames;
    }
    Octets to_server() { return take(dp::kOutsidePort); }
    Octets to_client() { return take(dp::kInsidePort); }
    void expect_silence() {
        EXPECT_TRUE(gate.out(dp::kInsidePort).empty());
        EXPECT_TRUE(gate.out(dp::kOutsidePort).empty());
    }
    dp::AccessRecord record() {
        EXPECT_EQ(gate.records().size(), 1U) << "records";
        const dp::AccessRecord r =
            gate.records().empty() ? dp::AccessRecord{} : gate.records().front();
        gate.records().clear();
        return r;
    }
    std::uint64_t count(std::string_view counter) { return gate.counter(counter).value(); }

    const Ipv4Addr client = v4("10.10.0.5"), other_client = v4("10.10.0.6");
    const Ipv4Addr server = v4("198.51.100.80"), other_server = v4("198.51.100.81");
    const Ipv4Addr egress = v4("203.0.113.7");
    GateUnderTest gate;
};

}  // namespace sallyport::test

// SPDX-License-Identifier: Apache-2.0
// Limits of a layer-4 rule.
#include "tests/unit/nat/flows.h"

namespace sallyport::test {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using dp::Reason;

class FlowLimits : public FlowTest {
   protected:
    static constexpr std::uint16_t kPort = 6000;
    void limit(const cfg::Quota& quota) {
        cfg::Model model = flow_options().model;
        model.policy.rules.push_back(flow_rule("limited", {udp_port(kPort), tcp_port(kPort)}));
        model.policy.rules.back().limits.rule = quota;
        gate.reconfigure(model);
    }
    void ask(std::uint16_t src_port, std::size_t octets = 1) {
        from_client(udp_frame_of(inside(client, server), src_port, kPort, Octets(octets, 7)));
    }
    std::size_t passed() {
        const std::size_t n = gate.out(dp::kOutsidePort).size();
        gate.out(dp::kOutsidePort).clear();
        return n;
    }
};

TEST_F(FlowLimits, ConnectionsAreFlows) {
    limit({.max_connections = 2});
    ask(1), ask(2), ask(3), ask(1);
    EXPECT_EQ(passed(), 3U);
    EXPECT_EQ(record().reason, Reason::ConnectionLimit);
    gate.advance(minutes(6));
    gate.records().clear();
    ask(3);
    EXPECT_EQ(passed(), 1U) << "what is over is given back";
}

TEST_F(FlowLimits, OpeningsASecond) {
    limit({.new_per_second = 2});
    for (std::uint16_t i = 0; i < 5; ++i) ask(i);
    EXPECT_EQ(passed(), 2U);
    EXPECT_EQ(count("rate_limit"), 3U);
    gate.records().clear();
    gate.advance(seconds(1));
    ask(9);
    EXPECT_EQ(passed(), 1U);
}

TEST_F(FlowLimits, OctetsASecondDelayNobodyAndDropTheRest) {
    limit({.bytes_per_second = 1000});
    for (int i = 0; i < 5; ++i) ask(1, 600);
    EXPECT_EQ(passed(), 2U);
    EXPECT_EQ(count("over_rate"), 3U);
    gate.advance(seconds(2));
    ask(1, 600);
    EXPECT_EQ(passed(), 1U);
    EXPECT_TRUE(gate.records().empty()) << "the flow goes on";
}

TEST_F(FlowLimits, ABudgetEndsTheFlow) {
    limit({.bytes = 1000});
    ask(1, 600);
    ask(1, 600);
    EXPECT_EQ(passed(), 1U);
    const dp::AccessRecord r = record();
    EXPECT_EQ(r.reason, Reason::BudgetExceeded);
    EXPECT_EQ(r.bytes_received, 600U);
    ask(1, 1);
    EXPECT_EQ(passed(), 0U);
    EXPECT_EQ(record().reason, Reason::BudgetExceeded) << "and none begins";
}

TEST_F(FlowLimits, ABudgetThatTheFirstDatagramExceeds) {
    limit({.bytes = 100});
    ask(1, 600);
    EXPECT_EQ(passed(), 0U);
    EXPECT_EQ(record().reason, Reason::BudgetExceeded);
}

TEST_F(FlowLimits, OfTcpTellTheClient) {
    limit({.max_connections = 1});
    const auto syn = [&](std::uint16_t src_port) {
        TcpFields t{.addresses = inside(client, server), .src_port = src_port, .dst_port = kPort};
        t.flags = wire::kSyn;
        from_client(tcp_frame(t));
    };
    syn(1), syn(2);
    EXPECT_EQ(passed(), 1U);
    Octets reset = to_client();
    EXPECT_TRUE(tcp_of(reset).has(wire::kRst));
    EXPECT_EQ(record().reason, Reason::ConnectionLimit);
}

// What was sent before counts once.
TEST_F(FlowLimits, OfTcpCountEachOctetOnce) {
    limit({.bytes = 100});
    TcpFields t{.addresses = inside(client, server), .src_port = 1, .dst_port = kPort};
    t.seq = 1000;
    t.flags = wire::kSyn;
    from_client(tcp_frame(t));
    t.flags = wire::kAck;
    t.seq = 1001;
    t.payload = Octets(60, 7);
    for (int i = 0; i < 5; ++i) from_client(tcp_frame(t));
    EXPECT_EQ(passed(), 6U);
    t.seq = 1061;
    from_client(tcp_frame(t));
    EXPECT_EQ(passed(), 0U);
    EXPECT_EQ(record().reason, Reason::BudgetExceeded);
}

}  // namespace
}  // namespace sallyport::test

// SPDX-License-Identifier: Apache-2.0
// A running gate whose ports are VLANs of one device.
#include <gtest/gtest.h>

#include "dataplane/dpdk/cpu_plan.h"
#include "tests/unit/dpdk/support/child.h"
#include "tests/unit/dpdk/support/gate.h"
#include "tests/unit/dpdk/support/wire_end.h"

namespace sallyport::dp {
namespace {

using test::Order;

constexpr std::uint16_t kInsideVlan = 10, kOutsideVlan = 4094;

cfg::Model one_arm(std::uint32_t workers) {
    cfg::Model model = test::gate_model();
    model.outside.front().device = model.inside.front().device;
    model.inside.front().vlan = kInsideVlan;
    model.outside.front().vlan = kOutsideVlan;
    model.workers.count = workers;
    const std::vector<Cpu> cpus = allowed_cpus();
    if (workers > cpus.size()) model.workers.cpus.assign(workers, cpus.front());
    return model;
}

TEST(LiveVlan, CarriesFramesFromOneVlanToTheOther) {
    SP_SKIP_UNLESS_LIVE();
    test::in_child([] {
        test::make_wires();
        const test::WireEnd trunk("ci");
        const auto gate = test::running(one_arm(1));
        ASSERT_NE(gate, nullptr);
        EXPECT_EQ(gate->ports()[0].vlan, kInsideVlan);
        EXPECT_EQ(gate->ports()[1].vlan, kOutsideVlan);
        // The last one is as long as the MTU lets it be: a tag does not count.
        for (const std::size_t length : {60U, 61U, 1514U}) {
            const test::Octets sent = test::order_frame(trunk, Order::Forward, 0, length);
            trunk.send(test::tagged(sent, kInsideVlan));
            EXPECT_EQ(trunk.receive(test::is_tagged), test::tagged(sent, kOutsideVlan));
            trunk.send(test::tagged(sent, kOutsideVlan));
            EXPECT_EQ(trunk.receive(test::is_tagged), test::tagged(sent, kInsideVlan));
        }
    });
}

TEST(LiveVlan, CountsFramesOfNoVlanOfTheGate) {
    SP_SKIP_UNLESS_LIVE();
    test::in_child([] {
        test::make_wires();
        const test::WireEnd trunk("ci");
        const auto gate = test::running(one_arm(1));
        ASSERT_NE(gate, nullptr);
        const test::Octets frame = test::order_frame(trunk, Order::Forward, 0);
        trunk.send(frame);
        trunk.send(test::tagged(frame, 0));
        trunk.send(test::tagged(frame, kInsideVlan + 1));
        EXPECT_TRUE(test::eventually([&] { return test::reason(*gate, 0, Reason::WrongVlan) == 3; }));
        EXPECT_EQ(test::counter(*gate, 0, "rx_packets"), 3U);
    });
}

TEST(LiveVlan, TellsTheOwnerOfAFrameWhereItCameIn) {
    SP_SKIP_UNLESS_LIVE();
    test::in_child([] {
        test::make_wires();
        const test::WireEnd trunk("ci");
        const auto gate = test::running(one_arm(2));
        ASSERT_NE(gate, nullptr);
        for (const std::uint16_t vlan : {kInsideVlan, kOutsideVlan})
            for (const std::uint8_t worker : {std::uint8_t{0}, std::uint8_t{1}}) {
                trunk.send(test::tagged(test::order_frame(trunk, Order::HandOver, worker), vlan));
                const auto echo = trunk.receive(test::is_tagged);
                ASSERT_TRUE(echo);
                EXPECT_EQ((*echo)[14] << 8 | (*echo)[15], vlan);
                EXPECT_EQ((*echo)[4 + 16], worker);
            }
    });
}

}  // namespace
}  // namespace sallyport::dp

// SPDX-License-Identifier: Apache-2.0
// Frames through a running gate: ports, queues, hand-over, records, control's requests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <set>

#include "dataplane/dpdk/cpu_plan.h"
#include "tests/unit/dpdk/support/child.h"
#include "tests/unit/dpdk/support/gate.h"
#include "tests/unit/dpdk/support/wire_end.h"

namespace sallyport::dp {
namespace {

using namespace std::chrono_literals;
using test::Order;

bool is_announcement(const test::Octets& frame) {
    return test::is_arp(frame, 1);
}

cfg::Model two_workers() {
    cfg::Model model = test::gate_model();
    model.workers.count = 2;
    const std::vector<Cpu> cpus = allowed_cpus();
    if (cpus.size() < 2) model.workers.cpus = {cpus.front(), cpus.front()};
    return model;
}

TEST(LiveGate, AnswersArpThroughAfPacket) {
    SP_SKIP_UNLESS_LIVE();
    test::in_child([] {
        test::make_wires();
        const test::WireEnd client("ci");
        const auto gate = test::running(test::gate_model());
        ASSERT_NE(gate, nullptr);
        client.send(test::arp_request(client));
        const auto reply = client.receive([](auto& f) { return test::is_arp(f, 2); });
        ASSERT_TRUE(reply);
        EXPECT_TRUE(test::eventually([&] { return test::counter(*gate, 0, "rx_packets") >= 1; }));
        EXPECT_TRUE(test::eventually([&] { return test::counter(*gate, 0, "tx_packets") >= 1; }));
    });
}

TEST(LiveGate, CarriesEveryOctetFromInsideToOutside) {
    SP_SKIP_UNLESS_LIVE();
    test::in_child([] {
        test::make_wires();
        const test::WireEnd client("ci"), server("co");
        const auto gate = test::running(test::gate_model());
        ASSERT_NE(gate, nullptr);
        for (const std::size_t length : {60U, 61U, 1000U, 1514U}) {
            test::Octets sent = test::order_frame(client, Order::Forward, 0, length);
            for (std::size_t i = 16; i < length; ++i) sent[i] = static_cast<std::uint8_t>(i * 7);
            client.send(sent);
            EXPECT_EQ(server.receive(test::is_order), sent);
        }
    });
}

TEST(LiveGate, CarriesJumboFramesWithTheMtuThatIsConfigured) {
    SP_SKIP_UNLESS_LIVE();
    test::in_child([] {
        test::make_wires();
        for (const std::string name : {"ci", "co"})
            test::command("ip link set " + name + " mtu 9000");
        const test::WireEnd client("ci"), server("co");
        cfg::Model model = test::gate_model();
        model.inside.front().mtu = model.outside.front().mtu = 9000;
        const auto gate = test::running(model);
        ASSERT_NE(gate, nullptr);
        const test::Octets sent = test::order_frame(client, Order::Forward, 0, 9014);
        client.send(sent);
        EXPECT_EQ(server.receive(test::is_order), sent);
        EXPECT_EQ(gate->ports()[0].mtu, 9000);
    });
}

TEST(LiveGate, AnnouncesItselfAtStartAndWhenALinkComesUp) {
    SP_SKIP_UNLESS_LIVE();
    test::in_child([] {
        test::make_wires();
        const test::WireEnd client("ci"), server("co");
        const auto gate = test::running(test::gate_model());
        ASSERT_NE(gate, nullptr);
        EXPECT_TRUE(client.receive(is_announcement));
        EXPECT_TRUE(server.receive(is_announcement));
        EXPECT_TRUE(test::eventually([&] { return gate->ports()[1].link_up; }));
        test::command("ip link set co down");
        EXPECT_TRUE(test::eventually([&] { return !gate->ports()[1].link_up; }));
        test::command("ip link set co up");
        EXPECT_TRUE(server.receive(is_announcement));
        EXPECT_TRUE(gate->ports()[1].link_up);
        EXPECT_TRUE(gate->ports()[0].link_up);
        EXPECT_EQ(gate->ports()[1].link_losses, 1U);
        EXPECT_EQ(gate->ports()[0].link_losses, 0U);
    });
}

TEST(LiveGate, GoesOnAfterALinkWasDownUnderLoad) {
    SP_SKIP_UNLESS_LIVE();
    test::in_child([] {
        test::make_wires();
        const test::WireEnd client("ci"), server("co");
        const auto gate = test::running(test::gate_model());
        ASSERT_NE(gate, nullptr);
        for (const std::string name : {"co", "go"}) {
            test::command("ip link set " + name + " down");
            ASSERT_TRUE(test::eventually([&] { return !gate->ports()[1].link_up; }));
            for (int i = 0; i < 3000; ++i)
                client.send(test::order_frame(client, Order::Forward, 0));
            EXPECT_TRUE(test::eventually([&] {
                client.send(test::order_frame(client, Order::Echo, 0));
                return client.receive(test::is_order, 20ms).has_value();
            })) << "the worker hangs with "
                << name << " down";
            test::command("ip link set " + name + " up");
            EXPECT_TRUE(test::eventually([&] {
                client.send(test::order_frame(client, Order::Forward, 77));
                const auto passed = [](const test::Octets& f) {
                    return test::is_order(f) && f[15] == 77;
                };
                return server.receive(passed, 20ms).has_value();
            })) << "nothing passes after "
                << name << " was down";
        }
    });
}

TEST(LiveGate, SecondWorkerOwnsFramesOfASingleQueueDevice) {
    SP_SKIP_UNLESS_LIVE();
    test::in_child([] {
        test::make_wires();
        const test::WireEnd client("ci");
        const auto gate = test::running(two_workers());
        ASSERT_NE(gate, nullptr);
        for (const std::uint8_t owner : test::Octets{1, 0, 1, 1}) {
            client.send(test::order_frame(client, Order::HandOver, owner));
            const auto reply = client.receive(test::is_order);
            ASSERT_TRUE(reply);
            EXPECT_EQ((*reply)[16], owner);
        }
        EXPECT_EQ(test::counter(*gate, 0, "handed_over_out"), 3U);
        EXPECT_EQ(test::counter(*gate, 1, "handed_over_in"), 3U);
        EXPECT_EQ(test::counter(*gate, 1, "tx_packets"), 0U);  // worker 0 has the only queue
        EXPECT_EQ(gate->ports()[0].rx_queues, 1U);
    });
}

TEST(LiveGate, EachWorkerPollsAQueueWhereTheDeviceHasEnough) {
    SP_SKIP_UNLESS_LIVE();
    test::in_child([] {
        test::make_wires();
        const test::WireEnd client("ci");
        cfg::Model model = two_workers();
        model.inside.front().device += ",qpairs=2";
        const auto gate = test::running(model);
        ASSERT_NE(gate, nullptr);
        EXPECT_EQ(gate->ports()[0].rx_queues, 2U);
        EXPECT_EQ(gate->ports()[1].rx_queues, 1U);
        client.send(test::order_frame(client, Order::HandOver, 1));
        const auto reply = client.receive(test::is_order);
        ASSERT_TRUE(reply);
        EXPECT_EQ((*reply)[16], 1);
    });
}

TEST(LiveGate, GivesEveryBufferBack) {
    SP_SKIP_UNLESS_LIVE();
    test::in_child([] {
        test::make_wires();
        const test::WireEnd client("ci");
        const auto gate = test::running(two_workers());
        ASSERT_NE(gate, nullptr);
        const auto exchange = [&](int frames) {
            for (int i = 0; i < frames; ++i) {
                client.send(
                    test::order_frame(client, Order::HandOver, static_cast<std::uint8_t>(i % 2)));
                ASSERT_TRUE(client.receive(test::is_order));
            }
        };
        exchange(100);  // the stocks are filled now
        const std::uint32_t before = gate->memory().mbufs_free;
        exchange(1000);
        EXPECT_TRUE(test::eventually([&] { return gate->memory().mbufs_free >= before; }));
        EXPECT_LE(gate->memory().mbufs_free, gate->memory().mbufs_total);
    });
}

TEST(LiveGate, PassesRecordsToTheLogWriterAndCountsTheLost) {
    SP_SKIP_UNLESS_LIVE();
    test::in_child([] {
        test::make_wires();
        const test::WireEnd client("ci");
        const auto gate = test::running(test::gate_model());
        ASSERT_NE(gate, nullptr);
        client.send(test::order_frame(client, Order::Log, 100));
        std::vector<AccessRecord> records(64);
        std::size_t taken = 0;
        EXPECT_TRUE(
            test::eventually([&] { return (taken += gate->take_records(records)) == 100; }));
        // More than the ring holds; nothing is taken meanwhile.
        for (int i = 0; i < 50; ++i) client.send(test::order_frame(client, Order::Log, 100));
        ASSERT_TRUE(test::eventually([&] { return test::counter(*gate, 0, "rx_packets") >= 51; }));
        taken = 0;
        const auto lost = [&] { return test::counter(*gate, 0, "log_records_lost"); };
        EXPECT_TRUE(test::eventually([&] {
            taken += gate->take_records(records);
            return taken + lost() == 5000;
        })) << taken
            << " taken, " << lost() << " lost";
        EXPECT_GE(lost(), 5000 - 4096U);
    });
}

TEST(LiveGate, CarriesQuestionsAndAnswersAndLosesNone) {
    SP_SKIP_UNLESS_LIVE();
    test::in_child([] {
        test::make_wires();
        const test::WireEnd client("ci");
        const auto gate = test::running(test::gate_model());
        ASSERT_NE(gate, nullptr);
        // More than the ring and the outbox hold; what finds no room is counted and not put.
        for (int i = 0; i < 40; ++i) client.send(test::order_frame(client, Order::Ask, 50));
        ASSERT_TRUE(test::eventually([&] { return test::counter(*gate, 0, "rx_packets") >= 40; }));
        const auto put = [&] { return test::counter(*gate, 0, "names_asked"); };
        EXPECT_TRUE(test::eventually(
            [&] { return put() + test::counter(*gate, 0, "queries_delayed") == 40U * 50; }));
        EXPECT_GT(test::counter(*gate, 0, "queries_delayed"), 0U);
        std::vector<NameQuery> queries(2000);
        std::size_t taken = 0;
        EXPECT_TRUE(test::eventually([&] {
            taken += gate->take_queries(std::span(queries).subspan(taken));
            return taken == put();
        })) << taken;
        EXPECT_EQ(queries[taken - 1].name.view(), "name.example");
        EXPECT_EQ(queries[taken - 1].worker, 0);
        const std::vector<NameAnswer> answers(1000);
        std::size_t given = 0;
        EXPECT_TRUE(test::eventually([&] {
            given += gate->give_answers(0, std::span(answers).subspan(given));
            return given == answers.size();
        }));
        EXPECT_TRUE(
            test::eventually([&] { return test::counter(*gate, 0, "answers_taken") == 1000; }));
    });
}

TEST(LiveGate, StopKeepsTheRecordsOfEverySession) {
    SP_SKIP_UNLESS_LIVE();
    test::in_child([] {
        test::make_wires();
        const test::WireEnd client("ci");
        const auto gate = test::running(test::gate_model());
        ASSERT_NE(gate, nullptr);
        for (int i = 0; i < 3; ++i) client.send(test::order_frame(client, Order::LogAtEnd, 200));
        ASSERT_TRUE(test::eventually([&] { return gate->ports()[0].rx_packets >= 3; }));
        ASSERT_TRUE(test::eventually([&] { return test::counter(*gate, 0, "rx_packets") >= 3; }));
        gate->stop();
        gate->stop();
        std::vector<AccessRecord> records(1000);
        std::size_t taken = 0;
        while (const std::size_t n = gate->take_records(records)) taken += n;
        EXPECT_EQ(taken, 3U * 200 * 16);
        EXPECT_EQ(test::counter(*gate, 0, "log_records_lost"), 0U);
    });
}

TEST(LiveGate, ListsSessionsOfAllWorkersUpToTheLimit) {
    SP_SKIP_UNLESS_LIVE();
    test::in_child([] {
        test::make_wires();
        const auto gate = test::running(two_workers());
        ASSERT_NE(gate, nullptr);
        const auto all = gate->sessions(100, 5s);
        ASSERT_TRUE(all);
        EXPECT_EQ(all->size(), 2 * test::kRowsOfAWorker);
        std::set<int> workers;
        for (const SessionRow& row : *all) workers.insert(row.worker);
        EXPECT_EQ(workers.size(), 2U);
        const auto some = gate->sessions(2, 5s);
        ASSERT_TRUE(some);
        EXPECT_EQ(some->size(), 2U);
        EXPECT_EQ(gate->sessions(0, 5s)->size(), 0U);
        gate->stop();
        EXPECT_FALSE(gate->sessions(100, 10ms));
    });
}

TEST(LiveGate, WorkersReadTheGenerationThatWasPublishedLast) {
    SP_SKIP_UNLESS_LIVE();
    test::in_child([] {
        test::make_wires();
        const test::WireEnd client("ci");
        cfg::Model model = test::gate_model();
        const auto gate = test::running(model);
        ASSERT_NE(gate, nullptr);
        model.inside.front().addresses = {{Ipv4Addr{{10, 10, 0, 77}}, 24, {}}};
        gate->publish(test::generation_of(model, 2));
        EXPECT_EQ(gate->generation_id(), 2U);
        const auto answered = [&] {
            client.send(test::arp_request(client));  // for the address that is gone
            return client.receive([](auto& f) { return test::is_arp(f, 2); }, 20ms).has_value();
        };
        EXPECT_TRUE(test::eventually([&] { return !answered(); }));
        EXPECT_GE(test::reason(*gate, 0, Reason::ArpIgnored), 1U);
    });
}

TEST(LiveGate, IdleWorkersNapAndPollingOnesDoNot) {
    SP_SKIP_UNLESS_LIVE();
    test::in_child([] {
        const auto gate = test::running(test::ring_model());
        ASSERT_NE(gate, nullptr);
        EXPECT_TRUE(test::eventually([&] { return gate->workers()[0].naps > 10; }));
        const WorkerStatus status = gate->workers()[0];
        EXPECT_GE(status.polls, status.empty_polls);
        EXPECT_LT(status.busy_cycles, status.total_cycles);
    });
    test::in_child([] {
        cfg::Model model = test::ring_model();
        model.workers.idle = cfg::Idle::Poll;
        const auto gate = test::running(model);
        ASSERT_NE(gate, nullptr);
        EXPECT_TRUE(test::eventually([&] { return gate->workers()[0].polls > 100000; }));
        EXPECT_EQ(gate->workers()[0].naps, 0U);
    });
}

TEST(LiveGate, ControlKeepsOffTheWorkersCpuWhereThereIsAnother) {
    SP_SKIP_UNLESS_LIVE();
    if (allowed_cpus().size() < 2) GTEST_SKIP() << "needs two CPUs";
    test::in_child([] {
        cfg::Model model = test::ring_model();
        const auto gate = test::running(model);
        ASSERT_NE(gate, nullptr);
        cpu_set_t mine;
        ASSERT_EQ(sched_getaffinity(0, sizeof mine, &mine), 0);
        EXPECT_FALSE(CPU_ISSET(gate->workers()[0].lcore, &mine));
    });
}

}  // namespace
}  // namespace sallyport::dp

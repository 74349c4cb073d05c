// SPDX-License-Identifier: Apache-2.0
// Each request of a connection is bound by itself: to the addresses of its own name, by its own rule.
#include "tests/unit/policy/rules.h"
#include "tests/unit/relay/conversation.h"

namespace sallyport::test {
namespace {

using namespace std::chrono_literals;
using dp::Reason;
using dp::policy::Decision;

// One rule with one.example and two.example, and one with three.example; names are looked up.
WorldOptions bound(const std::function<void(cfg::Model&)>& change = {}) {
    WorldOptions options;
    cfg::Model& model = options.gate.model;
    model.policy.rules = {with(allow({"one.example", "two.example"}), {http(80)}),
                          with(allow({"three.example"}), {http(80)})};
    if (change) change(model);
    return options;
}

class Binding : public ::testing::Test {
   protected:
    void start(const std::function<void(cfg::Model&)>& change = {}) {
        world = std::make_unique<RelayWorld>(bound(change));
        world->gate().names = {{"one.example", found({address("198.51.100.1")})},
                               {"two.example", found({address("198.51.100.2")})},
                               {"three.example", found({address("198.51.100.3")})}};
    }
    void TearDown() override {
        for (const std::string& problem : world->finish()) ADD_FAILURE() << problem;
    }
    std::string heard() { return world->client().take_heard(); }
    static std::string dialled(const dp::AccessRecord& r) {
        std::array<char, kIpTextMax> text;
        return r.has_server ? std::string(format(r.server.dst, text)) : "-";
    }
    // Asks, lets the server of the leg before close, and answers.
    void exchange(std::string_view host) {
        world->client_says(get(host));
        if (world->server().peer_closed()) world->server().close();
        world->settle();
        world->server_says(ok(host));
    }

    std::unique_ptr<RelayWorld> world;
};

TEST_F(Binding, TwoNamesOfOneConnectionReachEachItsOwnServer) {
    start();
    exchange("one.example");
    exchange("two.example");
    EXPECT_EQ(heard(), ok("one.example") + ok("two.example"));
    EXPECT_EQ(world->server(0).heard(), get("one.example"));
    EXPECT_EQ(world->server(1).heard(), get("two.example"));
    const auto records = world->take_records();
    ASSERT_EQ(records.size(), 2U);
    EXPECT_EQ(dialled(records[0]), "198.51.100.1");
    EXPECT_EQ(dialled(records[1]), "198.51.100.2");
    for (const dp::AccessRecord& r : records) EXPECT_TRUE(r.redirected);
}

TEST_F(Binding, OneNameKeepsItsLegAndItsQuestion) {
    start();
    exchange("one.example");
    exchange("one.example");
    EXPECT_EQ(world->legs(), 1U);
    EXPECT_EQ(world->gate().asked, std::vector<std::string>{"one.example"});
}

TEST_F(Binding, TheClientsAddressIsKeptWhereItIsTheNames) {
    start();
    world->gate().names["one.example"] =
        found({address("198.51.100.1"), address("198.51.100.80")});
    exchange("one.example");
    const auto records = world->take_records();
    ASSERT_EQ(records.size(), 1U);
    EXPECT_EQ(dialled(records[0]), "198.51.100.80");
    EXPECT_FALSE(records[0].redirected);
}

TEST_F(Binding, AMismatchIsDeniedByRequestAndTheOthersGoOn) {
    start([](cfg::Model& model) {
        model.policy.rules[1].upstream.on_mismatch = cfg::OnMismatch::Deny;
    });
    exchange("one.example");
    world->client_says(get("three.example"));
    world->server().close();
    world->settle();
    EXPECT_TRUE(heard().starts_with(ok("one.example") + "HTTP/1.1 403 "));
    EXPECT_EQ(world->servers_heard(), get("one.example"));
    const auto records = world->take_records();
    ASSERT_EQ(records.size(), 2U);
    EXPECT_EQ(records[1].reason, Reason::DstMismatch);
    EXPECT_EQ(records[1].decision, Decision::Deny);
    EXPECT_EQ(records[1].rule, 2U);
    EXPECT_FALSE(records[1].has_server);
    EXPECT_EQ(world->gate().counter("verdicts_allow"), 1U);
    EXPECT_EQ(world->gate().counter("verdicts_deny"), 1U);
}

TEST_F(Binding, ARequestWaitsForItsAnswer) {
    start();
    world->gate().resolver_delay = 300ms;
    world->client_says(get("one.example"));
    EXPECT_EQ(world->legs(), 0U);
    world->wait(200ms);
    EXPECT_EQ(world->gate().counter("sessions_resolving"), 1U);
    world->wait(200ms);
    ASSERT_EQ(world->legs(), 1U);
    world->server_says(ok("late"));
    EXPECT_EQ(heard(), ok("late"));
}

TEST_F(Binding, WithoutAnAnswerInTimeItIs504) {
    start();
    world->gate().names.clear();
    world->client_says(get("one.example"));
    world->wait(4s);
    EXPECT_TRUE(heard().starts_with("HTTP/1.1 504 "));
    const auto records = world->take_records();
    ASSERT_EQ(records.size(), 1U);
    EXPECT_EQ(records[0].reason, Reason::DnsTimeout);
    EXPECT_EQ(records[0].decision, Decision::Allow);
}

TEST_F(Binding, ANameWithoutAnAddressIs502) {
    start();
    world->gate().names["one.example"] = not_found();
    world->client_says(get("one.example"));
    EXPECT_TRUE(heard().starts_with("HTTP/1.1 502 "));
    EXPECT_EQ(world->take_records().at(0).reason, Reason::DnsFailed);
}

TEST_F(Binding, AnAddressThatMayNotBeDialledIs403) {
    start();
    world->gate().names["one.example"] = found({address("169.254.169.254")});
    world->client_says(get("one.example"));
    EXPECT_TRUE(heard().starts_with("HTTP/1.1 403 "));
    EXPECT_EQ(world->take_records().at(0).reason, Reason::DstReserved);
    EXPECT_EQ(world->legs(), 0U);
}

TEST_F(Binding, AClientMayLeaveWhileItsRequestWaits) {
    start();
    world->gate().resolver_delay = 300ms;
    world->client_says(get("one.example"));
    world->client().reset();
    world->settle();
    EXPECT_EQ(world->take_records().at(0).reason, Reason::ClientReset);
    world->wait(400ms);
    EXPECT_EQ(world->legs(), 0U);
}

TEST_F(Binding, ADeniedHostIsNeverAsked) {
    start();
    world->client_says(get("four.example"));
    EXPECT_TRUE(heard().starts_with("HTTP/1.1 403 "));
    EXPECT_TRUE(world->gate().asked.empty());
}

TEST_F(Binding, AuditIsToldByRequest) {
    start([](cfg::Model& model) { model.policy.rules[1].mode = cfg::Mode::Audit; });
    exchange("one.example");
    exchange("three.example");
    const auto records = world->take_records();
    ASSERT_EQ(records.size(), 2U);
    EXPECT_EQ(records[0].decision, Decision::Allow);
    EXPECT_EQ(records[0].would_deny, Reason::None);
    EXPECT_EQ(records[1].decision, Decision::WouldDeny);
    EXPECT_EQ(records[1].would_deny, Reason::HostNotAllowed);
    EXPECT_EQ(world->gate().counter("verdicts_would_deny"), 1U);
}

TEST_F(Binding, ALegCountsAsOneConnection) {
    start([](cfg::Model& model) { model.policy.rules[0].limits.rule.max_connections = 1; });
    exchange("one.example");
    exchange("one.example");
    exchange("two.example");  // the leg before is given back first
    EXPECT_EQ(heard(), ok("one.example") + ok("one.example") + ok("two.example"));
}

TEST_F(Binding, AConnectionCountsOnceHoweverManyLegsItHas) {
    start([](cfg::Model& model) { model.policy.rules[0].limits.rule.new_per_second = 1; });
    for (const char* host : {"one.example", "two.example", "one.example"}) exchange(host);
    EXPECT_EQ(world->legs(), 3U);
    EXPECT_EQ(heard(), ok("one.example") + ok("two.example") + ok("one.example"));
}

TEST_F(Binding, AConnectionCountsForTheRuleOfItsPresentRequest) {
    start([](cfg::Model& model) {
        model.policy.rules[0].limits.rule.max_connections = 1;
        model.policy.rules[1].limits.rule.new_per_second = 1;
    });
    for (const char* host : {"one.example", "three.example", "one.example"}) exchange(host);
    EXPECT_EQ(heard(), ok("one.example") + ok("three.example") + ok("one.example"));
    world->client_says(get("three.example"));  // twice within a second
    world->server().close();
    world->settle();
    const auto records = world->take_records();
    ASSERT_EQ(records.size(), 4U);
    EXPECT_EQ(records[3].reason, Reason::RateLimit);
}

TEST_F(Binding, ALegLastsAsLongAsItsUpstreamLetsOneLast) {
    start([](cfg::Model& model) { model.policy.rules[0].upstream.max_duration = 10s; });
    exchange("one.example");
    world->wait(11s);
    EXPECT_TRUE(world->server(0).peer_closed());
    EXPECT_FALSE(world->client().peer_closed());
    world->server(0).close();
    world->settle();
    exchange("one.example");
    EXPECT_EQ(world->legs(), 2U);
    EXPECT_EQ(heard(), ok("one.example") + ok("one.example"));
}

TEST_F(Binding, AChangedRuleGetsANewLeg) {
    start();
    exchange("one.example");
    cfg::Model changed = bound().gate.model;
    changed.policy.rules[0].upstream.destination = cfg::Destination::Static;
    changed.policy.rules[0].upstream.endpoints = {{address("198.51.100.7"), 0, 1}};
    world->gate().reconfigure(changed);
    exchange("one.example");
    const auto records = world->take_records();
    ASSERT_EQ(records.size(), 2U);
    EXPECT_EQ(dialled(records[1]), "198.51.100.7");
    EXPECT_EQ(records[0].generation + 1, records[1].generation);
}

}  // namespace
}  // namespace sallyport::test

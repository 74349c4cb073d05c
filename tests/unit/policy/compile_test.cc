// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/compile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "tests/unit/policy/rules.h"

namespace sallyport::dp::policy {
namespace {

using namespace test;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

cfg::Model gate() {
    cfg::Model model;
    cfg::Port inside;
    inside.addresses = {{address("10.10.0.1"), 24, {}}, {address("fd00:10::1"), 64, {}}};
    inside.networks = {prefix("10.11.0.0/16")};
    inside.routes = {{prefix("10.20.0.0/16"), address("10.10.0.254"), {}},
                     {prefix("10.20.3.0/24"), address("10.10.0.253"), {}}};
    cfg::Port outside;
    outside.addresses = {{address("203.0.113.2"), 24, {}}};
    outside.next_hop = {address("203.0.113.1"), address("2001:db8::1")};
    outside.mtu = 1400;
    model.inside = {inside};
    model.outside = {outside};
    model.egress = {
        {"public", {address("203.0.113.7"), address("203.0.113.8")}, 2048, 4095, {}},
        {"partners", {address("203.0.113.9"), address("203.0.113.2")}, 1024, 65535, {}}};
    return model;
}

TEST(Compile, KeepsTheDefaultsOfTheModel) {
    const Settings settings = compile(cfg::Model()).settings;
    EXPECT_EQ(settings.client_mss_v4, 1360);
    EXPECT_EQ(settings.client_mss_v6, 1340);
    EXPECT_EQ(settings.hello_timeout, 5s);
    EXPECT_EQ(settings.hello_bytes, 16U * 1024);
    EXPECT_EQ(settings.connect_timeout, 5s);
    EXPECT_EQ(settings.setup_timeout, 15s);
    EXPECT_EQ(settings.idle_timeout, 2h + 4min);
    EXPECT_EQ(settings.transitory_timeout, 4min);
    EXPECT_EQ(settings.user_timeout, 2min);
    EXPECT_EQ(settings.keepalive.probes, 0U);
    EXPECT_TRUE(settings.timestamps);
    EXPECT_EQ(settings.hrr, HelloRetry::Check);
    EXPECT_EQ(settings.fragments, Fragments::Reassemble);
}

TEST(Compile, TakesOverEverySetting) {
    cfg::Model model;
    model.tcp = {.client_mss = 1200,
                 .hello_timeout = 1s,
                 .hello_bytes = 2000,
                 .connect_timeout = 2s,
                 .setup_timeout = 3s,
                 .idle_timeout = 4s,
                 .transitory_timeout = 6s,
                 .user_timeout = 100s,
                 .keepalive = 1min,
                 .timestamps = cfg::Timestamps::Off};
    model.tls.hrr = cfg::HelloRetry::Pass;
    model.fragments = cfg::Fragments::Drop;
    model.policy.allow_private = true;
    const Settings settings = compile(model).settings;
    EXPECT_EQ(settings.client_mss_v4, 1200);
    EXPECT_EQ(settings.client_mss_v6, 1200);
    EXPECT_EQ(settings.hello_timeout, 1s);
    EXPECT_EQ(settings.hello_bytes, 2000U);
    EXPECT_EQ(settings.connect_timeout, 2s);
    EXPECT_EQ(settings.setup_timeout, 3s);
    EXPECT_EQ(settings.idle_timeout, 4s);
    EXPECT_EQ(settings.transitory_timeout, 6s);
    EXPECT_EQ(settings.user_timeout, 100s);
    EXPECT_EQ(settings.keepalive.time, 1min);
    EXPECT_EQ(settings.keepalive.interval, 75s);
    EXPECT_EQ(settings.keepalive.probes, 9U);
    EXPECT_FALSE(settings.timestamps);
    EXPECT_EQ(settings.hrr, HelloRetry::Pass);
    EXPECT_EQ(settings.fragments, Fragments::Drop);
}

TEST(Compile, KnowsTheNetworksOfThePorts) {
    const Settings settings = compile(gate()).settings;
    const PortNetworks& inside = settings.ports[kInsidePort];
    EXPECT_THAT(inside.addresses, ElementsAre(address("10.10.0.1"), address("fd00:10::1")));
    EXPECT_THAT(inside.on_link, ElementsAre(prefix("10.10.0.0/24"), prefix("fd00:10::/64"),
                                            prefix("10.11.0.0/16")));
    ASSERT_EQ(inside.routes.size(), 2U);
    EXPECT_EQ(inside.routes[0].to, prefix("10.20.3.0/24")) << "the longest first";
    EXPECT_EQ(inside.routes[1].via, address("10.10.0.254"));
    EXPECT_EQ(inside.next_hop_v4, std::nullopt);
    EXPECT_EQ(inside.mtu, 1500);

    const PortNetworks& outside = settings.ports[kOutsidePort];
    EXPECT_EQ(outside.next_hop_v4, address("203.0.113.1"));
    EXPECT_EQ(outside.next_hop_v6, address("2001:db8::1"));
    EXPECT_EQ(outside.mtu, 1400);
}

TEST(Compile, CollectsWhatIsItsOwnAndWhatIsInside) {
    const Settings settings = compile(gate()).settings;
    EXPECT_THAT(settings.own, ElementsAre(address("10.10.0.1"), address("fd00:10::1"),
                                          address("203.0.113.2"), address("203.0.113.7"),
                                          address("203.0.113.8"), address("203.0.113.9")));
    EXPECT_THAT(settings.inside,
                ElementsAre(prefix("10.10.0.0/24"), prefix("fd00:10::/64"), prefix("10.11.0.0/16"),
                            prefix("10.20.3.0/24"), prefix("10.20.0.0/16")));
}

TEST(Compile, KeepsTheEgressSetsInTheirOrder) {
    cfg::Model model = gate();
    model.policy.rules = {allow({"a.example"}), allow({"b.example"})};
    model.policy.rules[1].egress = "partners";
    const Generation generation = compile(model);
    ASSERT_EQ(generation.settings.egress.size(), 2U);
    EXPECT_EQ(generation.settings.egress[0].name, "public");
    EXPECT_EQ(generation.settings.egress[0].first_port, 2048);
    EXPECT_EQ(generation.settings.egress[0].last_port, 4095);
    const auto egress_of = [&](std::string_view name) {
        return generation.policy.match({address("10.10.0.5"), name, Port{443}, AppProtocol::Tls})
            .egress;
    };
    EXPECT_EQ(egress_of("a.example"), 0);
    EXPECT_EQ(egress_of("b.example"), 1);
}

TEST(Compile, NumbersTheRulesInTheOrderOfTheFile) {
    cfg::Model model;
    model.policy.rules = {allow({"b.example"}), allow({"a.example"})};
    const std::vector<RuleId> ids{100, 101};
    const Generation generation = compile(model, {.generation_id = 42, .rule_ids = ids});
    EXPECT_EQ(generation.id, 42U);
    const Query query{address("10.10.0.5"), "a.example", Port{443}, AppProtocol::Tls};
    EXPECT_EQ(generation.policy.match(query).rule, 101U);
}

TEST(Compile, GivesARuleItsAnswerOrElseThatOfThePolicy) {
    const struct {
        cfg::Answer configured;
        Answer compiled;
    } rows[] = {{cfg::Answer::Drop, Answer::Drop},
                {cfg::Answer::Reset, Answer::Reset},
                {cfg::Answer::Alert, Answer::Alert}};
    for (const auto& row : rows) {
        cfg::Model model;
        model.policy.default_answer = row.configured;
        model.policy.rules = {deny({"a.example"}), deny({"b.example"})};
        model.policy.rules[1].answer = cfg::Answer::Reset;
        const PolicyTable table = std::move(compile(model).policy);
        const auto answer_to = [&](std::string_view name) {
            return table.match({address("10.10.0.5"), name, Port{443}, AppProtocol::Tls}).answer;
        };
        EXPECT_EQ(table.default_answer(), row.compiled);
        EXPECT_EQ(answer_to("unknown.example"), row.compiled);
        EXPECT_EQ(answer_to("a.example"), row.compiled);
        EXPECT_EQ(answer_to("b.example"), Answer::Reset);
    }
}

TEST(Compile, LetsThePolicyOpenPrivateAddressesForEveryRule) {
    cfg::Model model;
    model.policy.rules = {allow({"a.example"})};
    model.policy.allow_private = true;
    const PolicyTable table = std::move(compile(model).policy);
    EXPECT_TRUE(table.admit(address("10.10.0.5"), address("192.168.0.1"), Port{443})
                    .verdict.allow_private);
    EXPECT_TRUE(table.match({address("10.10.0.5"), "a.example", Port{443}, AppProtocol::Tls})
                    .allow_private);
}

TEST(Compile, MakesSomethingOfAnEmptyModel) {
    const Generation generation = compile(cfg::Model());
    EXPECT_THAT(generation.settings.own, IsEmpty());
    EXPECT_EQ(generation.policy.default_answer(), Answer::Alert);
}

}  // namespace
}  // namespace sallyport::dp::policy

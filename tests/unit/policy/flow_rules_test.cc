// SPDX-License-Identifier: Apache-2.0
// Layer-4 rules: their order, their reasons, and how they and name rules share a TCP port.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dataplane/policy/policy_table.h"
#include "tests/unit/policy/rules.h"

namespace sallyport::dp::policy {
namespace {

using namespace test;

FlowQuery to(std::string_view destination, std::string_view source = "10.10.0.5",
             std::uint16_t port = 53, FlowProtocol protocol = FlowProtocol::Udp) {
    return {address(source), address(destination), Port{port}, protocol};
}

cfg::Rule for_icmp(cfg::Rule rule) {
    return with(std::move(rule), {{cfg::Protocol::Icmp, 0}});
}

struct Row {
    std::string description;
    std::vector<cfg::Rule> rules;
    FlowQuery query;
    RuleId rule;  // that decides; 0: none
    Reason reason = Reason::None;
};

constexpr Reason kPort = Reason::PortNotAllowed, kSource = Reason::SourceNotAllowed,
                 kDst = Reason::DstNotAllowed;

const Row kRows[] = {
    {"no rule", {}, to("192.0.2.1"), 0, kPort},
    {"in the network", {allow_to({"192.0.2.0/24"})}, to("192.0.2.1"), 1},
    {"the first address", {allow_to({"192.0.2.0/24"})}, to("192.0.2.0"), 1},
    {"the last address", {allow_to({"192.0.2.0/24"})}, to("192.0.2.255"), 1},
    {"one before", {allow_to({"192.0.2.0/24"})}, to("192.0.1.255"), 0, kDst},
    {"one behind", {allow_to({"192.0.2.0/24"})}, to("192.0.3.0"), 0, kDst},
    {"one address", {allow_to({"192.0.2.1/32"})}, to("192.0.2.1"), 1},
    {"the last address of all", {allow_to({"255.255.255.255/32"})}, to("255.255.255.255"), 1},
    {"every address", {allow_to({"0.0.0.0/0"})}, to("192.0.2.1"), 1},
    {"every IPv4 address is no IPv6 address",
     {allow_to({"0.0.0.0/0"})},
     to("2001:db8::1"),
     0,
     kDst},
    {"every IPv6 address", {allow_to({"::/0"})}, to("2001:db8::1"), 1},
    {"the highest IPv6 address",
     {allow_to({"::/0"})},
     to("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
     1},
    {"every IPv6 address is no IPv4 address", {allow_to({"::/0"})}, to("192.0.2.1"), 0, kDst},
    {"an IPv6 network", {allow_to({"2001:db8::/32"})}, to("2001:db8:ffff::1"), 1},
    {"another port", {allow_to({"192.0.2.0/24"})}, to("192.0.2.1", "10.10.0.5", 54), 0, kPort},
    {"another protocol",
     {allow_to({"192.0.2.0/24"})},
     to("192.0.2.1", "10.10.0.5", 53, FlowProtocol::Tcp),
     0,
     kPort},
    {"another source", {allow_to({"192.0.2.0/24"}, {"10.9.0.0/16"})}, to("192.0.2.1"), 0, kSource},
    {"a longer network wins",
     {deny_to({"192.0.0.0/16"}), allow_to({"192.0.2.0/24"})},
     to("192.0.2.1"),
     2},
    {"a longer network wins in any order",
     {allow_to({"192.0.2.0/24"}), deny_to({"192.0.0.0/16"})},
     to("192.0.2.1"),
     1},
    {"a deny in a longer network",
     {allow_to({"192.0.0.0/16"}), deny_to({"192.0.2.0/24"})},
     to("192.0.2.1"),
     2,
     kDst},
    {"behind the longer network the shorter goes on",
     {allow_to({"192.0.0.0/16"}), deny_to({"192.0.2.0/24"})},
     to("192.0.3.0"),
     1},
    {"deny beats allow at equal networks",
     {allow_to({"192.0.2.0/24"}), deny_to({"192.0.2.0/24"})},
     to("192.0.2.1"),
     2,
     kDst},
    {"the first of two allows",
     {allow_to({"192.0.2.0/24"}), allow_to({"192.0.2.0/24"})},
     to("192.0.2.1"),
     1},
    {"a longer network for another source leaves it to the shorter",
     {deny_to({"192.0.2.0/24"}, {"10.9.0.0/16"}), allow_to({"192.0.0.0/16"})},
     to("192.0.2.1"),
     2},
    {"networks of one rule that lie in one another",
     {deny_to({"192.0.2.0/25"}), allow_to({"192.0.0.0/16", "192.0.2.0/26", "192.0.2.0/26"})},
     to("192.0.2.1"),
     2},
    {"between the networks of one rule",
     {deny_to({"192.0.2.0/25"}), allow_to({"192.0.0.0/16", "192.0.2.0/26"})},
     to("192.0.2.64"),
     1,
     kDst},
    {"behind networks that end together",
     {allow_to({"192.0.2.0/24", "192.0.2.128/25", "192.0.2.255"})},
     to("192.0.3.0"),
     0,
     kDst},
    {"ICMP",
     {for_icmp(allow_to({"192.0.2.0/24"}))},
     to("192.0.2.1", "10.10.0.5", 0, FlowProtocol::Icmp),
     1},
    {"ICMP is not UDP to port 0",
     {for_icmp(allow_to({"192.0.2.0/24"}))},
     to("192.0.2.1", "10.10.0.5", 0),
     0,
     kPort},
    {"a rule for names has no networks",
     {allow({"a.example"})},
     to("192.0.2.1", "10.10.0.5", 443, FlowProtocol::Tcp),
     0,
     kPort},
};

TEST(FlowRules, LetTheRightRuleDecide) {
    for (const Row& row : kRows) {
        const Verdict verdict = table_of(row.rules).match_flow(row.query);
        EXPECT_EQ(verdict.rule, row.rule) << row.description;
        EXPECT_EQ(text(verdict.reason), text(row.reason)) << row.description;
        EXPECT_EQ(verdict.decision, row.reason == Reason::None ? Decision::Allow : Decision::Deny)
            << row.description;
    }
}

TEST(FlowRules, AreNoneInAnEmptyTable) {
    const Verdict verdict = PolicyTable().match_flow(to("192.0.2.1"));
    EXPECT_EQ(verdict.decision, Decision::Deny);
    EXPECT_EQ(text(verdict.reason), text(kPort));
}

// A firewall's list: each network must decide for its own addresses, and their neighbours must not.
TEST(FlowRules, FindEachOfThousandsOfNetworks) {
    std::vector<cfg::Rule> rules{deny_to({"10.0.0.0/8"}), allow_to({})};
    for (std::uint32_t i = 0; i < 8192; ++i)
        rules[1].networks.push_back({Ipv4Addr::from_host(0x0a00'0000U + i * 64), 28});
    const PolicyTable table = table_of(rules);
    for (std::uint32_t i = 0; i < 8192; ++i) {
        const std::uint32_t base = 0x0a00'0000U + i * 64;
        for (const std::uint32_t offset : {0U, 15U, 16U, 63U}) {
            const IpAddr destination = Ipv4Addr::from_host(base + offset);
            const Verdict verdict =
                table.match_flow({address("10.10.0.5"), destination, Port{53}, FlowProtocol::Udp});
            ASSERT_EQ(verdict.rule, offset < 16 ? 2U : 1U) << base + offset;
        }
    }
}

cfg::Rule on_443(cfg::Rule rule) {
    return with(std::move(rule), {{cfg::Protocol::Tcp, 443}});
}

TEST(Admission, LetsAnAddressDecideBeforeAName) {
    const cfg::Rule by_name = allow({"a.example"}, {"10.10.0.0/24"});
    const struct {
        std::string description;
        std::vector<cfg::Rule> rules;
        std::string source;
        Way way;
        RuleId rule;
        Reason reason = Reason::None;
    } rows[] = {
        {"nothing on the port", {}, "10.10.0.5", Way::Refuse, 0, kPort},
        {"a name rule", {by_name}, "10.10.0.5", Way::Inspect, 0},
        {"a name rule for others", {by_name}, "10.9.0.5", Way::Refuse, 0, kSource},
        {"an allowed address",
         {on_443(allow_to({"192.0.2.0/24"}))},
         "10.10.0.5",
         Way::Translate,
         1},
        {"an allowed address before a name",
         {by_name, on_443(allow_to({"192.0.2.0/24"}))},
         "10.10.0.5",
         Way::Translate,
         2},
        {"a denied address before a name",
         {by_name, on_443(deny_to({"192.0.2.0/24"}))},
         "10.10.0.5",
         Way::Refuse,
         2,
         kDst},
        {"an address that no network holds is inspected",
         {by_name, on_443(allow_to({"198.51.100.0/24"}))},
         "10.10.0.5",
         Way::Inspect,
         0},
        {"an address that no network holds where nobody inspects",
         {on_443(allow_to({"198.51.100.0/24"}))},
         "10.10.0.5",
         Way::Refuse,
         0,
         kDst},
        {"an address rule for others leaves it to the names",
         {by_name, on_443(deny_to({"192.0.2.0/24"}, {"10.9.0.0/24"}))},
         "10.10.0.5",
         Way::Inspect,
         0},
        {"the reason of the rule that came nearest",
         {by_name, on_443(allow_to({"198.51.100.0/24"}))},
         "10.9.0.5",
         Way::Refuse,
         0,
         kDst},
        {"an audited address where nobody inspects",
         {audit(on_443(allow_to({"192.0.2.0/24"})))},
         "10.10.0.5",
         Way::Translate,
         1,
         kPort},
        {"an audited address says nothing where names are inspected",
         {by_name, audit(on_443(allow_to({"192.0.2.0/24"})))},
         "10.10.0.5",
         Way::Inspect,
         0},
        {"an audited denial says nothing where names are inspected",
         {by_name, audit(on_443(deny_to({"192.0.2.0/24"})))},
         "10.10.0.5",
         Way::Inspect,
         0},
        {"an audited address, and a name rule for others",
         {by_name, audit(on_443(allow_to({"192.0.2.0/24"})))},
         "10.9.0.5",
         Way::Translate,
         2,
         kSource},
    };
    for (const auto& row : rows) {
        const Admission admission =
            table_of(row.rules).admit(address(row.source), address("192.0.2.9"), Port{443});
        EXPECT_EQ(admission.way, row.way) << row.description;
        if (row.way == Way::Inspect) continue;
        EXPECT_EQ(admission.verdict.rule, row.rule) << row.description;
        EXPECT_EQ(text(admission.verdict.reason), text(row.reason)) << row.description;
    }
    EXPECT_EQ(PolicyTable().admit(address("10.10.0.5"), address("192.0.2.9"), Port{443}).way,
              Way::Refuse);
}

TEST(Admission, SaysWhetherPrivateAddressesAreOpen) {
    cfg::Rule opened = allow({"a.example"}, {"10.10.0.0/24"});
    opened.allow_private = true;
    const PolicyTable table = table_of({opened, allow({"b.example"})});
    const auto open_to = [&](std::string_view source) {
        return table.admit(address(source), address("192.168.0.1"), Port{443})
            .verdict.allow_private;
    };
    EXPECT_TRUE(open_to("10.10.0.5"));
    EXPECT_FALSE(open_to("10.9.0.5"));
}

// Both families inside; outside both have a next hop, and the egress set has an IPv4 address only.
cfg::Model without_ipv6() {
    cfg::Model model;
    model.outside.resize(1);
    model.outside[0].next_hop = {address("203.0.113.1"), address("fe80::1")};
    model.egress = {{"public", {address("203.0.113.7")}, 1024, 65535, {}}};
    return model;
}

TEST(Admission, SaysWhetherAConnectionMayCross) {
    cfg::Rule verified = allow({"a.example"});
    verified.upstream.cross_family = cfg::CrossFamily::Always;
    cfg::Rule relays = verified, stays = verified, to_v6 = verified, to_v4 = verified;
    relays.upstream.cross_family = cfg::CrossFamily::Relay;
    stays.upstream.cross_family = cfg::CrossFamily::Deny;
    to_v6.upstream.destination = to_v4.upstream.destination = cfg::Destination::Static;
    to_v6.upstream.endpoints = {{address("2001:db8::1"), 0, 1}};
    to_v4.upstream.endpoints = {{address("2001:db8::1"), 0, 1}, {address("198.51.100.1"), 0, 1}};
    const struct {
        std::string description;
        std::vector<cfg::Rule> rules;
        bool may_cross;
    } rows[] = {
        {"the name may have an IPv4 address", {verified}, true},
        {"only where there is a way out", {relays}, false},
        {"the rule says no", {stays}, false},
        {"one rule of two says no", {stays, verified}, true},
        {"the client's own address is IPv6", {kept(verified)}, false},
        {"no server has an IPv4 address", {to_v6}, false},
        {"one server has", {to_v4}, true},
        {"denied", {deny({"a.example"})}, false},
        {"another source", {allow({"a.example"}, {"fd00:20::/64"})}, false},
        {"another port", {with(verified, {tls(8443)})}, false},
    };
    for (const auto& row : rows) {
        cfg::Model model = without_ipv6();
        model.policy.rules = row.rules;
        const PolicyTable table = std::move(compile(model).policy);
        EXPECT_EQ(table.may_cross(address("fd00:10::5"), Port{443}), row.may_cross) << row.description;
        EXPECT_FALSE(table.may_cross(address("10.10.0.5"), Port{443})) << "to IPv6: " << row.description;
    }
}

TEST(Admission, CrossesOnlyToWhereThereIsAWay) {
    cfg::Model model = without_ipv6();
    model.policy.rules = {allow({"a.example"})};
    model.policy.rules[0].upstream.cross_family = cfg::CrossFamily::Always;
    model.outside[0].next_hop.clear();
    const auto may_cross = [&] {
        return compile(model).policy.may_cross(address("fd00:10::5"), Port{443});
    };
    EXPECT_FALSE(may_cross());
    model.outside[0].addresses = {{address("203.0.113.2"), 24, {}}};
    EXPECT_TRUE(may_cross()) << "to servers on link";
    model.outside[0].addresses.clear();
    model.outside[0].routes = {{prefix("198.51.100.0/24"), address("203.0.113.9"), {}}};
    EXPECT_TRUE(may_cross()) << "to servers behind a route";
    model.egress[0].addresses = {address("2001:db8::7")};
    EXPECT_FALSE(may_cross());
}

}  // namespace
}  // namespace sallyport::dp::policy

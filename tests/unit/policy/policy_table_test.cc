// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/policy_table.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/policy/rules.h"

namespace sallyport::dp::policy {
namespace {

using namespace test;

struct Row {
    std::string description;
    std::vector<cfg::Rule> rules;
    Query query;
    RuleId rule;  // that decides; 0: none
};

Query ask(std::string_view name, std::string_view source = "10.10.0.5", std::uint16_t port = 443,
          AppProtocol protocol = AppProtocol::Tls) {
    return {address(source), name, Port{port}, protocol};
}

const Row kRows[] = {
    {"no rule", {}, ask("a.example"), 0},
    {"an exact name", {allow({"a.example"})}, ask("a.example"), 1},
    {"another name", {allow({"a.example"})}, ask("b.example"), 0},
    {"a longer name", {allow({"a.example"})}, ask("x.a.example"), 0},
    {"a shorter name", {allow({"a.example"})}, ask("example"), 0},
    {"no name", {allow({"a.example", "*.example"})}, ask(""), 0},
    {"the second host of a rule", {allow({"a.example", "b.example"})}, ask("b.example"), 1},
    {"the second rule", {allow({"a.example"}), allow({"b.example"})}, ask("b.example"), 2},
    {"a wildcard stands for one label", {allow({"*.example"})}, ask("a.example"), 1},
    {"a wildcard stands for several labels", {allow({"*.example"})}, ask("a.b.c.example"), 1},
    {"a wildcard never stands for no label", {allow({"*.a.example"})}, ask("a.example"), 0},
    {"a wildcard ends at a dot", {allow({"*.cnn.com"})}, ask("evilcnn.com"), 0},
    {"a wildcard is not ended by another letter", {allow({"*.cnn.com"})}, ask("xcnn.com"), 0},
    {"a wildcard is no exact name", {allow({"*.example"})}, ask("example"), 0},
    {"an exact name is no wildcard", {allow({"b.example"})}, ask("a.b.example"), 0},
    {"exact beats wildcard", {allow({"*.example"}), deny({"a.example"})}, ask("a.example"), 2},
    {"an exact allow beats a wildcard deny",
     {deny({"*.example"}), allow({"a.example"})},
     ask("a.example"),
     2},
    {"the longer wildcard wins",
     {deny({"*.example"}), allow({"*.b.example"})},
     ask("a.b.example"),
     2},
    {"the longer wildcard wins in any order",
     {allow({"*.b.example"}), deny({"*.example"})},
     ask("a.b.example"),
     1},
    {"the shorter wildcard where the longer does not reach",
     {allow({"*.b.example"}), deny({"*.example"})},
     ask("b.example"),
     2},
    {"deny beats allow at equal names",
     {allow({"a.example"}), deny({"a.example"})},
     ask("a.example"),
     2},
    {"deny beats allow at equal wildcards",
     {allow({"*.example"}), deny({"*.example"})},
     ask("a.example"),
     2},
    {"the first of two allows", {allow({"a.example"}), allow({"a.example"})}, ask("a.example"), 1},
    {"the first of two denies",
     {allow({"a.example"}), deny({"a.example"}), deny({"a.example"})},
     ask("a.example"),
     2},
    {"a source inside", {allow({"a.example"}, {"10.10.0.0/24"})}, ask("a.example"), 1},
    {"a source outside", {allow({"a.example"}, {"10.10.1.0/24"})}, ask("a.example"), 0},
    {"the first address of a source",
     {allow({"a.example"}, {"10.10.0.0/24"})},
     ask("a.example", "10.10.0.0"),
     1},
    {"the last address of a source",
     {allow({"a.example"}, {"10.10.0.0/24"})},
     ask("a.example", "10.10.0.255"),
     1},
    {"one past a source",
     {allow({"a.example"}, {"10.10.0.0/24"})},
     ask("a.example", "10.10.1.0"),
     0},
    {"one of several sources",
     {allow({"a.example"}, {"10.9.0.0/16", "10.10.0.5/32", "10.8.0.1"})},
     ask("a.example"),
     1},
    {"sources that overlap",
     {allow({"a.example"}, {"10.10.0.5/32", "10.0.0.0/8", "10.10.0.0/16"})},
     ask("a.example", "10.200.0.1"),
     1},
    {"IPv6 sources", {allow({"a.example"}, {"fd00:10::/64"})}, ask("a.example", "fd00:10::99"), 1},
    {"every IPv6 address is no IPv4 address",
     {allow({"a.example"}, {"::/0"})},
     ask("a.example"),
     0},
    {"every IPv6 address: the lowest", {allow({"a.example"}, {"::/0"})}, ask("a.example", "::"), 1},
    {"every IPv6 address: below the mapped",
     {allow({"a.example"}, {"::/0"})},
     ask("a.example", "::fffe:ffff:ffff"),
     1},
    {"every IPv6 address: above the mapped",
     {allow({"a.example"}, {"::/0"})},
     ask("a.example", "::1:0:0:0"),
     1},
    {"every IPv6 address: the highest",
     {allow({"a.example"}, {"::/0"})},
     ask("a.example", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
     1},
    {"every IPv4 address is no IPv6 address",
     {allow({"a.example"}, {"0.0.0.0/0"})},
     ask("a.example", "fd00::1"),
     0},
    {"a rule for another source leaves the name to the next",
     {deny({"a.example"}, {"10.9.0.0/16"}), allow({"a.example"})},
     ask("a.example"),
     2},
    {"a longer name for another source leaves it to the wildcard",
     {deny({"a.example"}, {"10.9.0.0/16"}), allow({"*.example"})},
     ask("a.example"),
     2},
    {"another port", {allow({"a.example"})}, ask("a.example", "10.10.0.5", 8443), 0},
    {"one of several ports",
     {with(allow({"a.example"}), {tls(443), tls(8443)})},
     ask("a.example", "10.10.0.5", 8443),
     1},
    {"another protocol on the port",
     {with(allow({"a.example"}), {http(80)})},
     ask("a.example", "10.10.0.5", 80),
     0},
    {"the protocol of the rule",
     {with(allow({"a.example"}), {http(80), tls(443)})},
     ask("a.example", "10.10.0.5", 80, AppProtocol::Http),
     1},
    {"a protocol and a port of different services",
     {with(allow({"a.example"}), {http(80), tls(443)})},
     ask("a.example", "10.10.0.5", 443, AppProtocol::Http),
     0},
    {"a rule for UDP names nobody",
     {with(allow({"a.example"}), {{cfg::Protocol::Udp, 443}})},
     ask("a.example"),
     0},
};

TEST(PolicyTable, LetsTheRightRuleDecide) {
    for (const Row& row : kRows) {
        const PolicyTable table = table_of(row.rules);
        const Verdict verdict = table.match(row.query);
        const bool allowed =
            row.rule != kDefaultRule && row.rules[row.rule - 1].action == cfg::Action::Allow;
        EXPECT_EQ(verdict.rule, row.rule) << row.description;
        EXPECT_EQ(verdict.decision, allowed ? Decision::Allow : Decision::Deny) << row.description;
        const Reason denied = row.query.protocol == AppProtocol::Http ? Reason::HostNotAllowed
                                                                      : Reason::SniNotAllowed;
        EXPECT_EQ(text(verdict.reason), text(allowed ? Reason::None : denied)) << row.description;
    }
}

TEST(PolicyTable, SaysInWhichProtocolTheNameWasDenied) {
    const PolicyTable table = table_of({with(deny({"a.example"}), {tls(443), http(443)})});
    const auto reason = [&](std::string_view name, AppProtocol protocol) {
        return text(table.match(ask(name, "10.10.0.5", 443, protocol)).reason);
    };
    EXPECT_EQ(reason("a.example", AppProtocol::Tls), text(Reason::SniNotAllowed));
    EXPECT_EQ(reason("a.example", AppProtocol::Http), text(Reason::HostNotAllowed));
    EXPECT_EQ(reason("b.example", AppProtocol::Tls), text(Reason::SniNotAllowed));
    EXPECT_EQ(reason("b.example", AppProtocol::Http), text(Reason::HostNotAllowed));
    EXPECT_EQ(reason("", AppProtocol::Http), text(Reason::HostNotAllowed));
    EXPECT_EQ(
        text(PolicyTable().match(ask("a.example", "10.10.0.5", 80, AppProtocol::Http)).reason),
        text(Reason::HostNotAllowed));
}

// Whether names from there may be inspected that go to private addresses.
bool opens_private(const PolicyTable& table, const std::string& source, std::uint16_t port) {
    return table.admit(address(source), address("192.168.0.1"), Port{port}).verdict.allow_private;
}

TEST(PolicyTable, DeniesEverythingWhenEmpty) {
    const PolicyTable table;
    const Verdict verdict = table.match(ask("a.example"));
    EXPECT_EQ(verdict.decision, Decision::Deny);
    EXPECT_EQ(verdict.answer, Answer::Drop);
    EXPECT_EQ(verdict.rule, kDefaultRule);
    EXPECT_EQ(text(table.admit(address("10.0.0.1"), Port{443})), text(Reason::PortNotAllowed));
    EXPECT_FALSE(opens_private(table, "10.0.0.1", 443));
    EXPECT_FALSE(table.declares(Port{443}, AppProtocol::Tls));
}

TEST(PolicyTable, AdmitsByPortAndSource) {
    const PolicyTable table =
        table_of({allow({"a.example"}, {"10.10.0.0/24"}),
                  with(deny({"b.example"}, {"10.20.0.0/24"}), {tls(443), tls(8443)}),
                  with(allow({"c.example"}), {http(80)})});
    struct {
        std::string description, source;
        std::uint16_t port;
        Reason reason;
    } const rows[] = {
        {"a source of the first rule", "10.10.0.1", 443, Reason::None},
        {"a source of a rule that denies", "10.20.0.1", 443, Reason::None},
        {"between the two", "10.15.0.1", 443, Reason::SourceNotAllowed},
        {"below both", "10.9.255.255", 443, Reason::SourceNotAllowed},
        {"above both", "10.20.1.0", 443, Reason::SourceNotAllowed},
        {"a port of one rule only", "10.10.0.1", 8443, Reason::SourceNotAllowed},
        {"every source", "192.0.2.9", 80, Reason::None},
        {"every source of the other family too", "2001:db8::1", 80, Reason::None},
        {"a port of no rule", "10.10.0.1", 22, Reason::PortNotAllowed},
        {"port 0", "10.10.0.1", 0, Reason::PortNotAllowed},
        {"the last port", "10.10.0.1", 65535, Reason::PortNotAllowed},
    };
    for (const auto& row : rows)
        EXPECT_EQ(text(table.admit(address(row.source), Port{row.port})), text(row.reason))
            << row.description;
}

TEST(PolicyTable, SaysWhatAPortDeclares) {
    const PolicyTable table = table_of({with(allow({"a.example"}), {tls(443), http(80)}),
                                        with(allow({"b.example"}), {http(443)})});
    EXPECT_TRUE(table.declares(Port{443}, AppProtocol::Tls));
    EXPECT_TRUE(table.declares(Port{443}, AppProtocol::Http));
    EXPECT_TRUE(table.declares(Port{80}, AppProtocol::Http));
    EXPECT_FALSE(table.declares(Port{80}, AppProtocol::Tls));
    EXPECT_FALSE(table.declares(Port{8080}, AppProtocol::Http));
}

TEST(PolicyTable, OpensPrivateAddressesOnlyToThoseWhoAreAllowed) {
    cfg::Rule opened = allow({"a.example"}, {"10.10.0.0/24"});
    opened.allow_private = true;
    cfg::Rule refused = deny({"b.example"}, {"10.20.0.0/24"});
    refused.allow_private = true;
    const PolicyTable table = table_of({opened, refused, allow({"c.example"})});
    EXPECT_TRUE(opens_private(table, "10.10.0.1", 443));
    EXPECT_FALSE(opens_private(table, "10.20.0.1", 443));
    EXPECT_FALSE(opens_private(table, "10.30.0.1", 443));
    EXPECT_FALSE(opens_private(table, "10.10.0.1", 80));
    EXPECT_TRUE(table.match(ask("a.example")).allow_private);
    EXPECT_FALSE(table.match(ask("c.example")).allow_private);
}

// Every rule must be found again wherever the hash table put it.
TEST(PolicyTable, FindsEveryOneOfManyNames) {
    constexpr std::size_t kNames = 20'000;
    const auto name_of = [](std::size_t i) { return std::to_string(i).append(".example"); };
    std::vector<cfg::Rule> rules;
    for (std::size_t i = 0; i < kNames; ++i)
        rules.push_back(allow({std::string(i % 2 ? "*.n" : "n").append(name_of(i))}));
    const PolicyTable table = table_of(rules);
    for (std::size_t i = 0; i < kNames; ++i) {
        const std::string name = std::string("n").append(name_of(i));
        const std::string below = std::string("x.").append(name);
        ASSERT_EQ(table.match(ask(name)).rule, i % 2 ? 0 : i + 1) << name;
        ASSERT_EQ(table.match(ask(below)).rule, i % 2 ? i + 1 : 0) << below;
    }
}

}  // namespace
}  // namespace sallyport::dp::policy

// SPDX-License-Identifier: Apache-2.0
#include "config/differences.h"

#include <gtest/gtest.h>

#include "config/load.h"

namespace sallyport::cfg {
namespace {

constexpr std::string_view kText = R"(apiVersion: sallyport/v1
ports:
  inside:  {device: "net_ring0", addresses: [10.10.0.1/24]}
  outside: {device: "net_ring1", addresses: [203.0.113.2/24], next_hop: [203.0.113.1]}
egress:
  - {name: public, addresses: [203.0.113.7]}
policy:
  rules:
    - {name: cnn, hosts: [edition.cnn.com], protocols: [tls/443]}
    - {name: github, hosts: [github.com, "*.github.com"], protocols: [tls/443]}
)";

Model model(const std::string& text) {
    auto loaded = load_text(text, "t.yaml");
    EXPECT_TRUE(loaded.model) << format_findings(loaded.findings);
    return std::move(*loaded.model);
}

std::string replaced(std::string_view what, std::string_view by) {
    std::string text(kText);
    const auto at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return text.replace(at, what.size(), by);
}

std::vector<std::string> told(const Model& before, const Model& after) {
    std::vector<std::string> out;
    for (const Difference& d : differences(before, after))
        out.push_back(std::string(text(d.kind)) + ' ' + d.path + ": " + d.before + " -> " + d.after +
                      (d.live == Live::Restart ? " !" : ""));
    return out;
}
std::vector<std::string> told(const std::string& after) {
    return told(model(std::string(kText)), model(after));
}

using Texts = std::vector<std::string>;

TEST(Differences, NoneWhereOnlyThePlacesDiffer) {
    EXPECT_EQ(told("# a comment\n\n" + std::string(kText)), Texts{});
    EXPECT_EQ(told(replaced("edition.cnn.com", "EDITION.cnn.com.")), Texts{}) << "the same name";
    EXPECT_EQ(told(std::string(kText) + "tcp: {hello_timeout: 5000ms}\n"), Texts{}) << "the default";
}

TEST(Differences, KeysByTheirValues) {
    EXPECT_EQ(told(std::string(kText) + "tcp: {hello_timeout: 3s}\nworkers: {count: 2}\n"),
              (Texts{"changed workers.count: 1 -> 2 !", "changed tcp.hello_timeout: 5s -> 3s"}));
}

TEST(Differences, PortsKeyByKey) {
    EXPECT_EQ(told(replaced("\"net_ring0\", addresses: [10.10.0.1/24]",
                            "\"net_ring2\", addresses: [10.10.0.2/24]")),
              (Texts{"changed ports.inside.device: net_ring0 -> net_ring2 !",
                     "changed ports.inside.addresses: [10.10.0.1/24] -> [10.10.0.2/24]"}));
}

TEST(Differences, RulesByTheirNames) {
    const auto found = told(replaced("{name: cnn, hosts: [edition.cnn.com],", "{name: new, hosts: [a.example],"));
    ASSERT_EQ(found.size(), 2u);
    EXPECT_TRUE(found[0].starts_with("added policy.rules[new]:  -> {name: new")) << found[0];
    EXPECT_TRUE(found[1].starts_with("removed policy.rules[cnn]: {name: cnn")) << found[1];
    EXPECT_EQ(told(replaced("[github.com, ", "[")),
              (Texts{"changed policy.rules[github].hosts: [github.com, \"*.github.com\"] -> "
                     "[\"*.github.com\"]"}));
}

TEST(Differences, OrderOfRulesCounts) {
    Model swapped = model(std::string(kText));
    std::swap(swapped.policy.rules[0], swapped.policy.rules[1]);
    EXPECT_EQ(told(model(std::string(kText)), swapped),
              (Texts{"changed policy.rules: cnn, github -> github, cnn"}));
}

TEST(Differences, NamesOfAFileAreCounted) {
    Model before = model(std::string(kText)), after = before;
    const auto list = [](std::initializer_list<const char*> names) {
        auto out = std::make_shared<NameList>();
        for (const char* name : names) out->add(name, false);
        return out;
    };
    before.policy.rules[0].listed = list({"a.example"});
    after.policy.rules[0].listed = list({"a.example"});
    EXPECT_EQ(told(before, after), Texts{}) << "the same names, read again";
    after.policy.rules[0].listed = list({"a.example", "b.example"});
    EXPECT_EQ(told(before, after),
              (Texts{"changed policy.rules[cnn].hosts_from: 1 names -> 2 names"}));
}

TEST(Differences, LongValuesAreCut) {
    std::string hosts;
    for (int i = 0; i < 500; ++i) hosts += "h" + std::to_string(i) + ".example, ";
    const auto found =
        differences(model(std::string(kText)), model(replaced("edition.cnn.com", hosts + "z.example")));
    ASSERT_EQ(found.size(), 1u);
    EXPECT_LE(found[0].after.size(), 210u);
    EXPECT_TRUE(found[0].after.ends_with("..."));
}

TEST(Differences, WhatTheNativeFormCannotSayIsADifferenceAsWell) {
    Model before = model(std::string(kText));
    Rule& rule = before.policy.rules.emplace_back();
    rule.name = "default.route.0";
    rule.imported = true;
    Model after = before;
    after.policy.rules.back().upstream.port = 8443;
    EXPECT_EQ(told(before, after), (Texts{"changed policy.rules[default.route.0]:  -> "}));
    after.policy.rules.pop_back();
    EXPECT_EQ(differences(after, before).size(), 1u);
}

}  // namespace
}  // namespace sallyport::cfg

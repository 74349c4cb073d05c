// SPDX-License-Identifier: Apache-2.0
// From records and log lines to rules that would allow them.
#include <gtest/gtest.h>

#include <sstream>

#include "config/load.h"
#include "control/candidate_text.h"
#include "control/registrable.h"
#include "control/suggestions.h"
#include "tools/sallyctl/suggest/wanted_reader.h"

namespace sallyport::ctl {
namespace {

using dp::Reason;

Wanted wanted(std::string name, std::string_view source = "10.10.0.2",
              cfg::ProtocolPort service = {cfg::Protocol::Tls, 443}) {
    return {.source = IpAddr::parse(source).value(),
            .destination = IpAddr::parse("192.0.2.1").value(),
            .name = std::move(name),
            .service = service,
            .reason = Reason::SniNotAllowed,
            .at = {}};
}

TEST(Registrable, FollowsThePublicSuffixList) {
    EXPECT_EQ(registrable_domain("www.example.co.uk"), "example.co.uk");
    EXPECT_EQ(registrable_domain("a.b.example.com"), "example.com");
    EXPECT_EQ(registrable_domain("user.github.io"), "user.github.io");
    EXPECT_EQ(registrable_domain("github.io"), "");
    EXPECT_EQ(registrable_domain("co.uk"), "");
}

TEST(Suggest, GroupsByNetworkOfClientsAndByDomain) {
    Suggestions s;
    s.add(wanted("www.example.com"));
    s.add(wanted("api.example.com", "10.10.0.9"));
    s.add(wanted("api.example.com", "10.10.0.9"));
    s.add(wanted("www.example.com", "10.10.1.2"));
    s.add(wanted("example.org", "2001:db8::1"));
    const auto candidates = s.candidates(5);
    ASSERT_EQ(candidates.size(), 3u);
    EXPECT_EQ(candidates[0].hosts, (std::vector<std::string>{"api.example.com", "www.example.com"}));
    EXPECT_EQ(candidates[0].source, IpPrefix::parse("10.10.0.0/24"));
    EXPECT_EQ(candidates[0].count, 3u);
    EXPECT_EQ(candidates[0].reasons.at(Reason::SniNotAllowed), 3u);
}

TEST(Suggest, WildcardStandsForManyButNeverForAPublicSuffix) {
    Suggestions s;
    for (const char* label : {"a", "b", "c"}) {
        s.add(wanted(std::string(label) + ".example.com"));
        s.add(wanted(std::string(label) + ".github.io"));
        s.add(wanted(std::string(label) + ".co.uk"));
    }
    s.add(wanted("example.com"));
    const auto as_is = s.candidates(3);
    EXPECT_EQ(as_is[0].hosts.size(), 4u);
    for (const Candidate& c : s.candidates(2)) {
        if (c.domain == "example.com")
            EXPECT_EQ(c.hosts, (std::vector<std::string>{"example.com", "*.example.com"}))
                << "a wildcard never stands for the domain itself";
        else
            EXPECT_EQ(c.hosts.size(), 1u) << c.domain;
    }
}

TEST(Suggest, WhatNoRuleCouldAllowIsCounted) {
    Suggestions s;
    Wanted w = wanted("");
    w.reason = Reason::NoSni;
    s.add(w);
    w = wanted("a.example");
    w.reason = Reason::DstReserved;
    s.add(w);
    EXPECT_TRUE(s.candidates(5).empty());
    EXPECT_EQ(s.hopeless().at(Reason::NoSni), 1u);
    EXPECT_EQ(s.hopeless().at(Reason::DstReserved), 1u);
}

TEST(Suggest, MemoryIsBounded) {
    Suggestions s;
    for (std::size_t i = 0; i < Suggestions::kEntriesMax + 7; ++i)
        s.add(wanted("n" + std::to_string(i) + ".example.com"));
    EXPECT_EQ(s.left_out(), 7u);
    EXPECT_EQ(s.candidates(5)[0].hosts, (std::vector<std::string>{"*.example.com"}));
}

TEST(Suggest, ServicesOfTheSameNamesAreOneRule) {
    Suggestions s;
    s.add(wanted("a.example"));
    Wanted plain = wanted("a.example", "10.10.0.2", {cfg::Protocol::Http, 80});
    plain.reason = Reason::HostNotAllowed;
    s.add(plain);
    ASSERT_EQ(s.candidates(5).size(), 1u);
    EXPECT_EQ(s.candidates(5)[0].protocols.size(), 2u);
}

std::vector<Wanted> read(const std::string& text, WantedCounts* counts = nullptr) {
    std::istringstream in(text);
    std::vector<Wanted> out;
    const WantedCounts got = read_wanted(in, [&](const Wanted& w) { out.push_back(w); });
    if (counts != nullptr) *counts = got;
    return out;
}

TEST(SuggestReader, TakesRecordsOfReplay) {
    WantedCounts counts;
    const auto got = read(
        R"({"time":"2026-11-22T20:33:36.412Z","client":"[2001:db8::2]:4000","server":"192.0.2.1:443","transport":"tcp","protocol":"tls","name":"Denied.Example.","verdict":"deny","reason":"sni_not_allowed"})" "\n"
        R"({"client":"10.0.0.1:4000","server":"192.0.2.1:80","transport":"tcp","protocol":"http","name":"a.example","verdict":"deny","reason":"host_not_allowed","requests":[{"host":"a.example","verdict":"allow","reason":"-"},{"host":"b.example","verdict":"deny","reason":"host_not_allowed"}]})" "\n"
        R"({"client":"10.0.0.1:4000","server":"192.0.2.1:80","transport":"udp","protocol":"other","name":"","verdict":"deny","reason":"port_not_allowed"})" "\n"
        R"({"client":"10.0.0.1:4000","server":"192.0.2.1:80","transport":"tcp","protocol":"tls","name":"c.example","verdict":"allow","reason":"-"})" "\n"
        "{broken\nno record\n{\"client\": 3}\n",
        &counts);
    ASSERT_EQ(got.size(), 3u);
    EXPECT_EQ(got[0].name, "denied.example");
    EXPECT_EQ(got[0].source, IpAddr::parse("2001:db8::2"));
    EXPECT_EQ(got[0].at, std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) +
                             std::chrono::hours(20) + std::chrono::minutes(33) +
                             std::chrono::seconds(36));
    EXPECT_EQ(got[1].name, "b.example");
    EXPECT_EQ(got[1].service, (cfg::ProtocolPort{cfg::Protocol::Http, 80}));
    EXPECT_EQ(got[2].service, (cfg::ProtocolPort{cfg::Protocol::Udp, 80}));
    EXPECT_EQ(counts.lines, 7u);
    EXPECT_EQ(counts.unreadable, 3u);
    EXPECT_EQ(counts.allowed, 1u);
}

TEST(SuggestReader, TakesTheAccessLog) {
    WantedCounts counts;
    const auto got = read(
        R"([2026-11-22T20:33:36.412Z] "- - -" 0 NR sni_not_allowed - "-" 517 0 0 - "-" "-" "-" "-" "-" - - 198.51.100.11:443 10.10.0.2:40112 denied.example default-deny)" "\n"
        R"([2026-11-22T23:40:12.108Z] "GET / HTTP/1.1" 403 NR host_not_allowed - "-" 0 268 0 - "10.10.0.2" "curl/7.88.1" "0000000000000003-1" "denied.example:80" "-" - - 198.51.100.11:80 10.10.0.2:40130 - default-deny)" "\n"
        R"([2026-11-22T23:40:12.108Z] "- - -" 0 - would_deny:sni_not_allowed - "-" 0 268 0 - "-" "-" "-" "-" "-" - - 198.51.100.11:443 10.10.0.2:40130 audited.example watched)" "\n"
        R"([2026-11-22T23:40:12.108Z] "- - -" 0 - closed - "-" 0 268 0 - "-" "-" "-" "-" "-" - - 198.51.100.11:443 10.10.0.2:40130 allowed.example web)" "\n"
        "[half a line\n",
        &counts);
    ASSERT_EQ(got.size(), 3u);
    EXPECT_EQ(got[0].name, "denied.example");
    EXPECT_EQ(got[1].name, "denied.example");
    EXPECT_EQ(got[1].service, (cfg::ProtocolPort{cfg::Protocol::Http, 80}));
    EXPECT_EQ(got[2].name, "audited.example");
    EXPECT_EQ(got[2].reason, Reason::SniNotAllowed);
    EXPECT_EQ(counts.allowed, 1u);
    EXPECT_EQ(counts.unreadable, 1u);
}

TEST(SuggestText, RulesLoadBehindAConfiguration) {
    Suggestions s;
    for (int i = 0; i < 9; ++i) s.add(wanted("n" + std::to_string(i) + ".example.com"));
    s.add(wanted("user.github.io", "2001:db8::1"));
    s.add(wanted("_dmarc.a_b.example"));
    const std::string base = R"(apiVersion: sallyport/v1
ports:
  inside:  {device: net_null0, addresses: [10.10.0.1/24]}
  outside: {device: net_null1, addresses: [203.0.113.2/24], next_hop: [203.0.113.1]}
egress: [{name: public, addresses: [203.0.113.7]}]
)";
    const std::string rules = to_yaml(s.candidates(5));
    const auto loaded = cfg::load_text(base + rules, "x.yaml");
    ASSERT_TRUE(loaded.model) << cfg::format_findings(loaded.findings) << rules;
    EXPECT_EQ(loaded.findings.size(), 0u) << cfg::format_findings(loaded.findings);
    EXPECT_EQ(loaded.model->policy.rules.size(), 2u) << "that of IPv6 is a comment";
    EXPECT_TRUE(cfg::load_text(base + to_yaml({}), "x.yaml").model);
    EXPECT_EQ(to_json(s.candidates(5)).size(), 3u);
}

TEST(SuggestText, FlowsAreRulesOfTheirNetworks) {
    Suggestions s;
    Wanted ntp = wanted("", "10.10.0.2", {cfg::Protocol::Udp, 123});
    ntp.reason = Reason::PortNotAllowed;
    s.add(ntp);
    const std::string text = to_yaml(s.candidates(5));
    EXPECT_NE(text.find("networks: [\"192.0.2.1/32\"]\n      protocols: [udp/123]"), std::string::npos)
        << text;
}

}  // namespace
}  // namespace sallyport::ctl

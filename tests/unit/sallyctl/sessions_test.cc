// SPDX-License-Identifier: Apache-2.0
// From packets to records: who the client is, where a session begins and ends, what it is judged by.
#include "tools/sallyctl/replay/sessions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <sstream>

#include "config/load.h"
#include "tests/unit/sallyctl/packets.h"

namespace sallyport::replay {
namespace {

constexpr const char* kPolicy = R"(apiVersion: sallyport/v1
ports:
  inside:  {device: net_null0, addresses: [10.10.0.1/24]}
  outside: {device: net_null1, addresses: [203.0.113.2/24], next_hop: [203.0.113.1]}
egress: [{name: public, addresses: [203.0.113.7]}]
policy:
  rules:
    - {name: web, hosts: [allowed.example], protocols: [tls/443, http/80]}
    - {name: watched, hosts: [audited.example], protocols: [http/80]}
)";

cfg::Rule flow_rule(std::string name, std::string_view network,
                    std::vector<cfg::ProtocolPort> protocols) {
    cfg::Rule rule;
    rule.name = std::move(name);
    rule.networks = {IpPrefix::parse(network).value()};
    rule.protocols = std::move(protocols);
    return rule;
}

cfg::Model model() {
    cfg::Model out = cfg::load_text(kPolicy, "policy.yaml").model.value();
    out.policy.rules[1].mode = cfg::Mode::Audit;
    out.policy.rules.push_back(flow_rule(
        "clock", "192.0.2.0/24", {{cfg::Protocol::Udp, 123}, {cfg::Protocol::Icmp, 0}}));
    out.policy.rules.push_back(flow_rule("ssh", "192.0.2.22/32", {{cfg::Protocol::Tcp, 22}}));
    return out;
}

const FourTuple kTls{ip("10.10.0.2"), ip("192.0.2.1"), Port{40000}, Port{443}};
const FourTuple kHttp{ip("2001:db8::2"), ip("2001:db8:1::1"), Port{40001}, Port{80}};

class ReplaySessions : public testing::Test {
   protected:
    ReplaySessions()
        : policy(model()), judge(policy, nullptr) {}

    std::vector<Record> replay(const std::vector<Bytes>& packets, Bounds bounds = {}) {
        std::vector<Record> records;
        Sessions sessions(judge, [&](const Record& r) { records.push_back(r); }, bounds);
        for (const Bytes& packet : packets) sessions.add(LinkType::RawIp, packet, {});
        sessions.end();
        totals = sessions.totals();
        return records;
    }

    ctl::OfflinePolicy policy;
    Judge judge;
    Totals totals;
};

// Handshake, the client's octets in segments of `size`, and a close.
std::vector<Bytes> conversation(const FourTuple& t, const Bytes& octets, std::size_t size = 1000,
                                std::uint32_t isn = 0xffff'ff00) {
    const FourTuple back = t.reversed();
    std::vector<Bytes> out{tcp(t, kSyn, isn, 0), tcp(back, kSyn | kAck, 77, isn + 1),
                           tcp(t, kAck, isn + 1, 78)};
    std::uint32_t at = 0;
    while (at < octets.size()) {
        const auto end = std::min<std::uint32_t>(at + static_cast<std::uint32_t>(size),
                                                 static_cast<std::uint32_t>(octets.size()));
        out.push_back(tcp(t, kAck, isn + 1 + at, 78, Bytes(octets.begin() + at, octets.begin() + end)));
        at = end;
    }
    out.push_back(tcp(t, kFin | kAck, isn + 1 + at, 78));
    return out;
}

Bytes request(std::string_view host, std::string_view more = "") {
    return bytes_of("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n" + std::string(more) +
                    "\r\n");
}

TEST_F(ReplaySessions, TellsNameRuleAndVerdict) {
    const auto records = replay(conversation(kTls, client_hello("allowed.example")));
    ASSERT_EQ(records.size(), 1u);
    const Record& r = records[0];
    EXPECT_EQ(r.client, kTls);
    EXPECT_EQ(r.spoken, Spoken::Tls);
    EXPECT_EQ(r.name, "allowed.example");
    EXPECT_EQ(r.judgement.decision, Decision::Allow);
    EXPECT_EQ(r.judgement.binding, Binding::NotChecked);
    EXPECT_EQ(policy.rule_name(r.judgement.rule), "web");
    EXPECT_EQ(policy.rule_at(r.judgement.rule), "policy.yaml:8");
    EXPECT_EQ(r.first_packet, 1u);
    EXPECT_FALSE(r.has_gap);
}

TEST_F(ReplaySessions, AnyOrderOfThePacketsIsTheSameSession) {
    const Bytes octets = [] {
        Bytes out = request("allowed.example");
        put(out, request("denied.example"));
        return out;
    }();
    std::mt19937 random(3);
    for (int round = 0; round < 200; ++round) {
        auto packets = conversation(kHttp, octets, 1 + random() % 60);
        std::ranges::shuffle(packets, random);
        const auto records = replay(packets);
        ASSERT_EQ(records.size(), 1u) << round;
        EXPECT_EQ(records[0].client, kHttp);
        ASSERT_EQ(records[0].requests.size(), 2u) << round;
        EXPECT_EQ(records[0].name, "allowed.example");
        EXPECT_EQ(records[0].requests[0].judgement.decision, Decision::Allow);
        EXPECT_EQ(records[0].requests[1].judgement.reason, Reason::HostNotAllowed);
        EXPECT_EQ(records[0].judgement.reason, Reason::HostNotAllowed);
    }
}

TEST_F(ReplaySessions, TheWorstRequestDecides) {
    Bytes octets = request("allowed.example");
    put(octets, request("audited.example"));
    const auto watched = replay(conversation(kHttp, octets));
    EXPECT_EQ(watched[0].judgement.decision, Decision::WouldDeny);
    put(octets, request("denied.example"));
    put(octets, request("allowed.example"));
    const auto denied = replay(conversation(kHttp, octets));
    EXPECT_EQ(denied[0].judgement.decision, Decision::Deny);
    EXPECT_EQ(denied[0].requests.size(), 4u);
}

TEST_F(ReplaySessions, RequestOfAnotherPortIsDenied) {
    const auto records = replay(conversation(kHttp, request("allowed.example:81")));
    EXPECT_EQ(records[0].judgement.reason, Reason::PortNotAllowed);
}

TEST_F(ReplaySessions, ANewSynIsANewSession) {
    auto packets = conversation(kTls, client_hello("allowed.example"));
    const auto second = conversation(kTls, client_hello("denied.example"), 1000, 5);
    packets.insert(packets.end(), second.begin(), second.end());
    const auto records = replay(packets);
    ASSERT_EQ(records.size(), 2u);
    EXPECT_EQ(records[0].judgement.decision, Decision::Allow);
    EXPECT_EQ(records[1].judgement.reason, Reason::SniNotAllowed);
    EXPECT_GT(records[1].first_packet, records[0].first_packet);
}

TEST_F(ReplaySessions, SynAgainIsTheSameSession) {
    auto packets = conversation(kTls, client_hello("allowed.example"));
    packets.insert(packets.begin() + 4, packets[0]);
    packets.push_back(packets[0]);
    EXPECT_EQ(replay(packets).size(), 1u);
}

TEST_F(ReplaySessions, SynAckTellsTheStartAsWell) {
    auto packets = conversation(kTls, client_hello("allowed.example"));
    packets.erase(packets.begin());
    const auto records = replay(packets);
    ASSERT_EQ(records.size(), 1u);
    EXPECT_EQ(records[0].client, kTls);
    EXPECT_EQ(records[0].judgement.decision, Decision::Allow);
}

TEST_F(ReplaySessions, WithoutABeginningThereIsNoSession) {
    auto packets = conversation(kTls, client_hello("allowed.example"));
    packets.erase(packets.begin(), packets.begin() + 2);
    for (const bool server_first : {false, true}) {
        if (server_first) packets.insert(packets.begin(), tcp(kTls.reversed(), kAck, 78, 5, {1}));
        const auto records = replay(packets);
        ASSERT_EQ(records.size(), 1u);
        EXPECT_EQ(records[0].client, kTls) << "the side with the higher port";
        EXPECT_EQ(records[0].judgement.decision, Decision::Deny);
        EXPECT_EQ(records[0].judgement.reason, Reason::NoSession);
    }
}

TEST_F(ReplaySessions, WhatIsNotInTheCaptureIsAGap) {
    auto packets = conversation(kTls, client_hello("allowed.example"), 20);
    packets.erase(packets.begin() + 4);
    const auto lost = replay(packets);
    EXPECT_TRUE(lost[0].has_gap);
    EXPECT_EQ(lost[0].judgement.reason, Reason::ClientClosed);
    packets = conversation(kTls, client_hello("allowed.example"), 1000);
    packets[3].resize(60);
    const auto cut = replay(packets);
    EXPECT_TRUE(cut[0].has_gap);
    EXPECT_EQ(cut[0].judgement.decision, Decision::Deny);
}

TEST_F(ReplaySessions, OtherOctetsForTheSameNumbersEndIt) {
    const Bytes hello = client_hello("allowed.example");
    auto packets = conversation(kTls, hello, 40);
    std::swap(packets[3], packets[5]);
    Bytes forged = packets[3];
    forged.back() ^= 1;
    packets.insert(packets.begin() + 4, forged);
    EXPECT_EQ(replay(packets)[0].judgement.reason, Reason::ConflictingOverlap);
}

TEST_F(ReplaySessions, SilenceCloseAndResetAreDenied) {
    auto packets = conversation(kTls, {});
    EXPECT_EQ(replay(packets)[0].judgement.reason, Reason::ClientClosed);
    packets.pop_back();
    EXPECT_EQ(replay(packets)[0].judgement.reason, Reason::ClientHelloTimeout);
    packets.push_back(tcp(kTls, kRst, 0xffff'ff01, 0));
    EXPECT_EQ(replay(packets)[0].judgement.reason, Reason::ClientReset);
}

TEST_F(ReplaySessions, FirstPacketDecidesByPortAndAddress) {
    FourTuple t = kTls;
    t.dst_port = Port{8443};
    const auto port = replay(conversation(t, client_hello("allowed.example")));
    EXPECT_EQ(port[0].judgement.reason, Reason::PortNotAllowed);
    EXPECT_EQ(port[0].name, "allowed.example") << "it is told what it was all the same";
    t = kTls;
    t.dst = ip("169.254.169.254");
    EXPECT_EQ(replay(conversation(t, client_hello("allowed.example")))[0].judgement.reason,
              Reason::DstReserved);
    t.dst = ip("192.0.2.22");
    t.dst_port = Port{22};
    const auto ssh = replay(conversation(t, bytes_of("SSH-2.0-x\r\n")));
    EXPECT_EQ(ssh[0].judgement.decision, Decision::Allow);
    EXPECT_EQ(policy.rule_name(ssh[0].judgement.rule), "ssh");
    EXPECT_EQ(ssh[0].spoken, Spoken::Other);
}

TEST_F(ReplaySessions, OtherProtocolsOnAPortOfNames) {
    EXPECT_EQ(replay(conversation(kTls, bytes_of("SSH-2.0-x\r\n")))[0].judgement.reason,
              Reason::ProtocolMismatch);
    EXPECT_EQ(replay(conversation(kHttp, client_hello("allowed.example")))[0].judgement.reason,
              Reason::ProtocolMismatch);
    const auto http = replay(conversation(kTls, request("allowed.example")));
    EXPECT_EQ(http[0].spoken, Spoken::Http);
    EXPECT_EQ(http[0].judgement.reason, Reason::ProtocolMismatch);
}

TEST_F(ReplaySessions, SecondHelloWithAnotherNameIsDenied) {
    for (const bool same : {true, false}) {
        Bytes octets = client_hello("allowed.example");
        const std::size_t first = octets.size();
        put(octets, client_hello(same ? "allowed.example" : "secrets.example"));
        auto packets = conversation(kTls, octets, first);
        packets.insert(packets.begin() + 4, tcp(kTls.reversed(), kAck, 78, 1, server_hello(true)));
        const auto records = replay(packets);
        EXPECT_EQ(records[0].judgement.decision, same ? Decision::Allow : Decision::Deny);
        if (!same) {
            EXPECT_EQ(records[0].judgement.reason, Reason::SecondHelloMismatch);
        }
        packets[4] = tcp(kTls.reversed(), kAck, 78, 1, server_hello(false));
        EXPECT_EQ(replay(packets)[0].judgement.decision, Decision::Allow) << "nobody asked for it";
    }
}

TEST_F(ReplaySessions, WebsocketIsOpaqueAfterItsUpgrade) {
    Bytes octets = request("allowed.example",
                           "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
    Bytes frames = octets, refused = octets;
    put(frames, {0x81, 0x85, 1, 2, 3, 4, 5, 6, 7, 8, 9});
    put(refused, request("denied.example"));
    EXPECT_EQ(replay(conversation(kHttp, frames))[0].judgement.decision, Decision::Allow);
    EXPECT_EQ(replay(conversation(kHttp, refused))[0].judgement.decision, Decision::Deny);
}

TEST_F(ReplaySessions, DatagramsAreFlows) {
    const FourTuple ntp{ip("10.10.0.2"), ip("192.0.2.9"), Port{123}, Port{123}};
    FourTuple dns = ntp;
    dns.src_port = Port{5000};
    dns.dst_port = Port{53};
    const auto records = replay({udp(ntp), udp(ntp.reversed()), udp(dns.reversed()), udp(dns),
                                 echo(ntp.dst, ntp.src, false, 9), echo(ntp.src, ntp.dst, true, 9),
                                 ip_packet(ntp.src, ntp.dst, 47, {1, 2})});
    ASSERT_EQ(records.size(), 4u);
    EXPECT_EQ(records[0].judgement.decision, Decision::Allow);
    EXPECT_EQ(records[1].client, dns) << "an answer alone tells who asked";
    EXPECT_EQ(records[1].judgement.reason, Reason::PortNotAllowed);
    EXPECT_EQ(records[2].client.src, ntp.src);
    EXPECT_EQ(records[2].judgement.decision, Decision::Allow);
    EXPECT_EQ(records[3].judgement.reason, Reason::UnsupportedProtocol);
}

TEST_F(ReplaySessions, RecordsComeInTheOrderOfFirstPackets) {
    FourTuple other = kTls;
    other.src_port = Port{41000};
    const auto first = conversation(kTls, client_hello("allowed.example"));
    const auto second = conversation(other, client_hello("denied.example"));
    std::vector<Bytes> packets{first[0]};
    packets.insert(packets.end(), second.begin(), second.end());
    packets.insert(packets.end(), first.begin() + 1, first.end());
    const auto records = replay(packets);
    ASSERT_EQ(records.size(), 2u);
    EXPECT_EQ(records[0].client, kTls);
    EXPECT_EQ(records[1].client, other);
}

TEST_F(ReplaySessions, BeyondItsBoundsTheOldestAreJudgedEarly) {
    std::vector<Bytes> packets;
    const Bytes hello = client_hello("allowed.example");
    for (std::uint16_t i = 0; i < 50; ++i) {
        FourTuple t = kTls;
        t.src_port = Port{static_cast<std::uint16_t>(30000 + i)};
        auto some = conversation(t, Bytes(hello.begin(), hello.begin() + 30));
        some.pop_back();
        packets.insert(packets.end(), some.begin(), some.end());
    }
    for (const Bounds bounds : {Bounds{.open = 10}, Bounds{.octets = 300}}) {
        const auto records = replay(packets, bounds);
        EXPECT_EQ(records.size(), 50u);
        const auto early = std::ranges::count_if(records, &Record::was_evicted);
        EXPECT_GE(early, 35);
        EXPECT_EQ(totals.evicted, static_cast<std::uint64_t>(early));
        EXPECT_TRUE(std::ranges::is_sorted(records, {}, &Record::first_packet));
    }
}

TEST_F(ReplaySessions, CountsWhatIsNoSession) {
    replay({Bytes{0x45, 0}, ip_packet(ip("10.0.0.1"), ip("10.0.0.2"), 1, {3, 1, 0, 0, 0, 0, 0, 0}),
            ip_packet(ip("10.0.0.1"), ip("10.0.0.2"), 6, {1})});
    EXPECT_EQ(totals.packets, 3u);
    EXPECT_EQ(totals.unreadable, 2u);
    EXPECT_EQ(totals.related, 1u);
    EXPECT_EQ(totals.sessions, 0u);
}

TEST_F(ReplaySessions, AnswersJudgeTheBinding) {
    std::istringstream text("allowed.example 192.0.2.1 # and\n192.0.2.8 other.example\n");
    const auto answers = ctl::Answers::read(text, "answers");
    ASSERT_TRUE(answers);
    const Judge bound(policy, &*answers);
    const auto ask = [&](std::string_view server) {
        FourTuple t = kTls;
        t.dst = ip(server);
        return bound.ask(t, {.protocol = AppProtocol::Tls, .name = "allowed.example", .method = {}});
    };
    EXPECT_EQ(ask("192.0.2.1").binding, Binding::Verified);
    EXPECT_EQ(ask("192.0.2.2").binding, Binding::Mismatch);
    EXPECT_EQ(ask("192.0.2.2").redirected_to, ip("192.0.2.1"));
}

TEST(ReplayAnswers, WrongLinesAreToldWithTheirPlace) {
    std::istringstream text("# comment\n\na.example 10.0.0.1\nb.example x\n10.0.0.1 10.0.0.2\nalone\n");
    const auto answers = ctl::Answers::read(text, "file");
    ASSERT_FALSE(answers);
    EXPECT_EQ(answers.error(),
              (std::vector<std::string>{"file:4: 'x' is no IP address",
                                        "file:5: '10.0.0.2' is no host name",
                                        "file:6: expected NAME ADDRESS... or ADDRESS NAME..."}));
}

}  // namespace
}  // namespace sallyport::replay

// SPDX-License-Identifier: Apache-2.0
// resolver.h against a DNS server on loopback and a data plane of which the test is the worker.
#include "control/resolver.h"

#include <gtest/gtest.h>

#include <set>

#include "dataplane/policy/compile.h"
#include "tests/support/dns_server.h"
#include "tests/unit/control/fake_dataplane.h"
#include "tests/unit/control/support.h"

namespace sallyport::ctl {
namespace {

using dp::AnswerStatus;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::a_record;
using test::aaaa_record;
using test::cname_record;
using test::DnsScript;

DnsScript answers(std::vector<test::DnsRecord> records) {
    return {.answers = std::move(records), .authority = {}};
}
DnsScript code(std::uint8_t rcode) { return {.code = rcode, .answers = {}, .authority = {}}; }
DnsScript silent() { return {.answers = {}, .authority = {}, .silent = true}; }

std::vector<std::string> texts(const dp::NameAnswer& a) {
    std::vector<std::string> out;
    for (const IpAddr& address : a.found()) {
        std::array<char, kIpTextMax> text;
        out.emplace_back(format(address, text));
    }
    return out;
}

class ResolverTest : public ::testing::Test {
   protected:
    ResolverTest() {
        settings.servers = {IpAddr(Ipv4Addr{{127, 0, 0, 1}})};
        settings.ttl_floor = seconds(1);
        settings.timeout = milliseconds(3000);
    }
    void start() {
        auto started = Resolver::start(dataplane, settings, server.port());
        ASSERT_TRUE(started) << started.error();
        resolver = std::move(*started);
    }
    dp::NameAnswer answer_to(const std::string& name, dp::Freshness freshness = dp::Freshness::Valid) {
        dataplane.ask(name, 0, freshness);
        return next();
    }
    dp::NameAnswer next() {
        const auto answered = dataplane.next_answer();
        EXPECT_TRUE(answered);
        return answered ? answered->answer : dp::NameAnswer{};
    }

    test::DnsServer server;
    FakeDataplane dataplane;
    cfg::Resolver settings;
    std::unique_ptr<Resolver> resolver;  // ends before what it uses
};

TEST_F(ResolverTest, AsksForBothTypesAndAnswersTheWorker) {
    server.set("www.example.com", answers({a_record("www.example.com", "192.0.2.1", 60),
                                           a_record("www.example.com", "192.0.2.2", 50),
                                           aaaa_record("www.example.com", "2001:db8::1", 40)}));
    start();
    dataplane.ask("www.example.com", 5);
    const auto answered = dataplane.next_answer();
    ASSERT_TRUE(answered);
    EXPECT_EQ(answered->worker, 5);
    const dp::NameAnswer& a = answered->answer;
    EXPECT_EQ(a.name.view(), "www.example.com");
    EXPECT_EQ(a.status, AnswerStatus::Found);
    EXPECT_FALSE(a.stale);
    EXPECT_EQ(texts(a), (std::vector<std::string>{"192.0.2.1", "192.0.2.2", "2001:db8::1"}));
    EXPECT_EQ(a.ttl, seconds(40));
    EXPECT_EQ(server.udp_questions(), 2);
    EXPECT_EQ(server.tcp_questions(), 0);
}

TEST_F(ResolverTest, ClampsTtlsAndRemembersAnswers) {
    settings.ttl_floor = seconds(100);
    settings.ttl_ceiling = seconds(200);
    server.set("short.example", answers({a_record("short.example", "192.0.2.1", 0)}));
    server.set("long.example", answers({a_record("long.example", "192.0.2.1", 86400)}));
    start();
    EXPECT_EQ(answer_to("short.example").ttl, seconds(100));
    EXPECT_EQ(answer_to("long.example").ttl, seconds(200));
    const dp::NameAnswer again = answer_to("long.example");
    EXPECT_EQ(again.status, AnswerStatus::Found);
    EXPECT_LT(again.ttl, seconds(200));
    EXPECT_EQ(server.udp_questions(), 4);
    EXPECT_EQ(resolver->counts().known, 1U);
}

TEST_F(ResolverTest, NamesThatDoNotExistAreNegative) {
    DnsScript none = code(3);
    none.authority = {test::soa_record("example", 77, 900)};
    server.set("none.example", none);
    server.set("empty.example", code(0));
    start();
    const dp::NameAnswer a = answer_to("none.example");
    EXPECT_EQ(a.status, AnswerStatus::NotFound);
    EXPECT_EQ(a.ttl, seconds(77));
    EXPECT_EQ(answer_to("empty.example").status, AnswerStatus::NotFound);
    EXPECT_EQ(resolver->counts().not_found, 2U);
}

TEST_F(ResolverTest, AServerThatFailsIsNoAnswer) {
    server.set("broken.example", code(2));
    server.set("refused.example", code(5));
    start();
    EXPECT_EQ(answer_to("broken.example").status, AnswerStatus::Failed);
    EXPECT_EQ(answer_to("refused.example").status, AnswerStatus::Failed);
    EXPECT_EQ(resolver->counts().failed, 2U);
}

TEST_F(ResolverTest, ASilentServerIsAFailureInBoundedTime) {
    settings.timeout = milliseconds(600);
    server.set_silent(true);
    start();
    const auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(answer_to("www.example.com").status, AnswerStatus::Failed);
    EXPECT_LT(std::chrono::steady_clock::now() - before, seconds(8));
    EXPECT_GE(server.udp_questions(), 4);  // both types, two rounds
}

TEST_F(ResolverTest, TruncatedAnswersAreAskedForOverTcp) {
    DnsScript big = answers({});
    for (int i = 0; i < 100; ++i)
        big.answers.push_back(a_record("big.example", "10.0.0." + std::to_string(i)));
    big.truncated = true;
    server.set("big.example", test::DnsScript(big));
    start();
    const dp::NameAnswer a = answer_to("big.example");
    EXPECT_EQ(a.status, AnswerStatus::Found);
    EXPECT_EQ(a.count, dp::kAnswerAddressesMax);
    EXPECT_GE(server.tcp_questions(), 1);
}

TEST_F(ResolverTest, AHundredAddressesInOneDatagramAreCut) {
    DnsScript big = answers({});
    for (int i = 0; i < 20; ++i) {
        big.answers.push_back(a_record("b.example", "10.0.0." + std::to_string(i)));
        big.answers.push_back(aaaa_record("b.example", "2001:db8::" + std::to_string(i)));
    }
    server.set("b.example", test::DnsScript(big));
    start();
    EXPECT_EQ(answer_to("b.example").count, dp::kAnswerAddressesMax);
}

TEST_F(ResolverTest, AliasesAreFollowedAndBounded) {
    server.set("alias.example", answers({cname_record("alias.example", "edge.example", 30),
                                         a_record("edge.example", "192.0.2.9", 300)}));
    server.set("loop.example", answers({cname_record("loop.example", "b.example"),
                                        cname_record("b.example", "loop.example")}));
    start();
    const dp::NameAnswer a = answer_to("alias.example");
    EXPECT_EQ(texts(a), std::vector<std::string>{"192.0.2.9"});
    EXPECT_EQ(a.ttl, seconds(30));
    EXPECT_EQ(answer_to("loop.example").status, AnswerStatus::Failed);
}

TEST_F(ResolverTest, ForgedRepliesAreNotTaken) {
    DnsScript forged = answers({a_record("www.example.com", "192.0.2.1")});
    forged.forged_id = forged.forged_question = true;
    server.set("www.example.com", test::DnsScript(forged));
    start();
    EXPECT_EQ(texts(answer_to("www.example.com")), std::vector<std::string>{"192.0.2.1"});
}

TEST_F(ResolverTest, WorkersThatAskForTheSameNameShareOneLookup) {
    DnsScript slow = answers({a_record("www.example.com", "192.0.2.1")});
    slow.delay = milliseconds(150);
    server.set("www.example.com", test::DnsScript(slow));
    start();
    std::set<int> workers;
    for (dp::WorkerIndex w = 0; w < 8; ++w) dataplane.ask("www.example.com", w);
    for (int i = 0; i < 8; ++i) {
        const auto answered = dataplane.next_answer();
        ASSERT_TRUE(answered);
        workers.insert(answered->worker);
    }
    EXPECT_EQ(workers.size(), 8U);
    EXPECT_EQ(resolver->counts().lookups, 1U);
    EXPECT_EQ(server.udp_questions(), 2);
}

TEST_F(ResolverTest, AServerThatIsSilentForOneTypeDelaysTheOtherByHalfTheTimeoutAtMost) {
    server.set("www.example.com", kTypeA, answers({a_record("www.example.com", "192.0.2.1")}));
    server.set("www.example.com", kTypeAaaa, silent());
    settings.timeout = seconds(4);
    start();
    const auto before = std::chrono::steady_clock::now();
    const dp::NameAnswer a = answer_to("www.example.com");
    EXPECT_LT(std::chrono::steady_clock::now() - before, seconds(4));
    EXPECT_EQ(a.status, AnswerStatus::Found);
    EXPECT_EQ(resolver->counts().in_flight, 1U);
}

TEST_F(ResolverTest, ServesAnEarlierAnswerWhenDnsIsDownAndTheNewOneWhenItIsBack) {
    settings.ttl_ceiling = seconds(1);
    settings.timeout = milliseconds(800);
    server.set("www.example.com", answers({a_record("www.example.com", "192.0.2.1")}));
    start();
    EXPECT_FALSE(answer_to("www.example.com").stale);
    server.set_silent(true);
    dp::NameAnswer a;
    EXPECT_TRUE(eventually([&] { return (a = answer_to("www.example.com")).stale; }));
    EXPECT_EQ(a.status, AnswerStatus::Found);
    EXPECT_EQ(texts(a), std::vector<std::string>{"192.0.2.1"});
    EXPECT_GE(resolver->counts().stale, 1U);
    server.set("www.example.com", answers({a_record("www.example.com", "192.0.2.2")}));
    server.set_silent(false);
    EXPECT_TRUE(eventually([&] {
        return texts(a = answer_to("www.example.com")) == std::vector<std::string>{"192.0.2.2"};
    }));
    EXPECT_FALSE(a.stale);
}

TEST_F(ResolverTest, NeverServesAnEarlierAnswerOfANameThatIsGone) {
    settings.ttl_ceiling = seconds(1);
    server.set("www.example.com", answers({a_record("www.example.com", "192.0.2.1")}));
    start();
    EXPECT_EQ(answer_to("www.example.com").status, AnswerStatus::Found);
    server.set("www.example.com", code(3));
    dp::NameAnswer a;
    EXPECT_TRUE(eventually(
        [&] { return (a = answer_to("www.example.com")).status == AnswerStatus::NotFound; }));
    server.set("www.example.com", code(2));
    EXPECT_TRUE(eventually(
        [&] { return (a = answer_to("www.example.com")).status == AnswerStatus::Failed; }));
    EXPECT_EQ(a.count, 0);
}

TEST_F(ResolverTest, TurnsToTheNextServerWhenOneIsSilent) {
    test::DnsServer second("127.0.0.2", server.port());
    settings.servers.push_back(IpAddr(Ipv4Addr{{127, 0, 0, 2}}));
    settings.timeout = milliseconds(1800);
    server.set_silent(true);
    for (const char* name : {"a.example", "b.example"})
        second.set(name, answers({a_record(name, "192.0.2.1")}));
    start();
    EXPECT_EQ(answer_to("a.example").status, AnswerStatus::Found);
    EXPECT_TRUE(eventually(
        [&] { return resolver->servers().front() == IpAddr(Ipv4Addr{{127, 0, 0, 2}}); }));
    const int asked_first = server.udp_questions();
    EXPECT_EQ(answer_to("b.example").status, AnswerStatus::Found);
    EXPECT_EQ(server.udp_questions(), asked_first);
}

TEST_F(ResolverTest, WithOtherServersNothingOfTheFormerOnesIsGivenOut) {
    test::DnsServer second("127.0.0.2", server.port());
    server.set("www.example.com", answers({a_record("www.example.com", "192.0.2.1")}));
    second.set("www.example.com", answers({a_record("www.example.com", "192.0.2.2")}));
    server.set("slow.example", silent());
    second.set("slow.example", answers({a_record("slow.example", "192.0.2.3")}));
    start();
    EXPECT_EQ(texts(answer_to("www.example.com")), std::vector<std::string>{"192.0.2.1"});
    dataplane.ask("slow.example");
    ASSERT_TRUE(eventually([&] { return resolver->counts().in_flight == 1; }));
    settings.servers = {IpAddr(Ipv4Addr{{127, 0, 0, 2}})};
    resolver->reconfigure(settings);
    EXPECT_EQ(texts(next()), std::vector<std::string>{"192.0.2.3"});  // asked anew
    EXPECT_EQ(texts(answer_to("www.example.com")), std::vector<std::string>{"192.0.2.2"});
}

TEST_F(ResolverTest, AnswersTellOfWhichServersTheyAre) {
    server.set("www.example.com", answers({a_record("www.example.com", "192.0.2.1")}));
    start();
    const std::uint64_t first = answer_to("www.example.com").servers;
    EXPECT_EQ(first, dp::policy::dns_servers_of(settings));
    settings.grace = seconds(1);
    EXPECT_EQ(first, dp::policy::dns_servers_of(settings));
    settings.device = "lo";
    EXPECT_NE(first, dp::policy::dns_servers_of(settings));
}

TEST_F(ResolverTest, DoubtAsksDnsOnceASecondHoweverManyWorkersDoubt) {
    server.set("cdn.example", answers({a_record("cdn.example", "192.0.2.1", 300)}));
    start();
    answer_to("cdn.example");
    server.set("cdn.example", answers({a_record("cdn.example", "192.0.2.2", 300)}));
    EXPECT_EQ(texts(answer_to("cdn.example")), std::vector<std::string>{"192.0.2.1"});
    ASSERT_TRUE(eventually([&] {
        return texts(answer_to("cdn.example", dp::Freshness::Newest)) ==
               std::vector<std::string>{"192.0.2.2"};
    }));
    const int asked = server.udp_questions();
    for (int i = 0; i < 20; ++i) answer_to("cdn.example", dp::Freshness::Newest);
    EXPECT_LE(server.udp_questions(), asked + 2) << "A and AAAA once, if a second went by";
}

TEST_F(ResolverTest, OtherTimesLeaveWhatIsKnown) {
    server.set("www.example.com", answers({a_record("www.example.com", "192.0.2.1")}));
    start();
    answer_to("www.example.com");
    settings.grace = seconds(1);
    resolver->reconfigure(settings);
    answer_to("www.example.com");
    EXPECT_EQ(server.udp_questions(), 2);
}

TEST_F(ResolverTest, AnswersWaitForAWorkerThatIsBehind) {
    server.set("www.example.com", answers({a_record("www.example.com", "192.0.2.1")}));
    dataplane.answers_refused = true;
    start();
    dataplane.ask("www.example.com");
    EXPECT_TRUE(eventually([&] { return resolver->counts().found == 1; }));
    EXPECT_FALSE(dataplane.next_answer(milliseconds(50)));
    dataplane.answers_refused = false;
    EXPECT_EQ(next().status, AnswerStatus::Found);
}

TEST_F(ResolverTest, BoundsTheLookupsUnderWay) {
    server.set_silent(true);
    settings.timeout = seconds(30);
    start();
    const std::size_t too_many = Resolver::kLookupsMax + 10;
    for (std::size_t i = 0; i < too_many; ++i) dataplane.ask("n" + std::to_string(i) + ".example");
    for (int i = 0; i < 10; ++i) EXPECT_EQ(next().status, AnswerStatus::Failed);
    const ResolverCounts counts = resolver->counts();
    EXPECT_EQ(counts.refused, 10U);
    EXPECT_EQ(counts.in_flight, Resolver::kLookupsMax);
    resolver->stop();  // at once, whatever is under way
}

TEST_F(ResolverTest, PassesOnWhatAddressesAreNotToBeDialled) {
    server.set("rebind.example", answers({a_record("rebind.example", "127.0.0.1"),
                                          a_record("rebind.example", "169.254.169.254")}));
    start();
    EXPECT_EQ(answer_to("rebind.example").count, 2);
}

TEST_F(ResolverTest, TellsWhatItKnows) {
    server.set("www.example.com", answers({a_record("www.example.com", "192.0.2.1", 60)}));
    start();
    EXPECT_FALSE(resolver->find("www.example.com"));
    answer_to("www.example.com");
    const auto known = resolver->find("www.example.com");
    ASSERT_TRUE(known);
    EXPECT_EQ(known->status, AnswerStatus::Found);
    EXPECT_EQ(known->addresses.size(), 1U);
    EXPECT_LE(known->left, seconds(60));
    EXPECT_EQ(resolver->counts().names, 1U);
}

TEST_F(ResolverTest, WithoutServersThoseOfTheMachineAreAsked) {
    settings.servers.clear();
    start();
    EXPECT_FALSE(resolver->servers().empty());
}

TEST_F(ResolverTest, ADeviceThatIsNotThereIsAFailureAndNoOtherWayIsTaken) {
    settings.device = "no-such-device";
    server.set("www.example.com", answers({a_record("www.example.com", "192.0.2.1")}));
    start();
    EXPECT_EQ(answer_to("www.example.com").status, AnswerStatus::Failed);
    EXPECT_EQ(server.udp_questions(), 0);
}

}  // namespace
}  // namespace sallyport::ctl

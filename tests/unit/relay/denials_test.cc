// SPDX-License-Identifier: Apache-2.0
// Requests that are refused: nothing of them leaves, and the client learns why.
#include "tests/unit/policy/rules.h"
#include "tests/unit/relay/conversation.h"

namespace sallyport::test {
namespace {

using namespace std::chrono_literals;
using Denials = RelayTest;

TEST_F(Denials, GiveAPageWithTheIdOfTheLine) {
    world.client_says(get("unknown.example", "/secret", "X-Request-Id: mine\r\n"));
    const std::string page = heard();
    EXPECT_TRUE(page.starts_with("HTTP/1.1 403 Forbidden\r\n")) << page;
    EXPECT_NE(page.find("host_not_allowed"), page.npos);
    EXPECT_NE(page.find("unknown.example"), page.npos);
    const dp::AccessRecord r = record();
    EXPECT_EQ(r.reason, dp::Reason::HostNotAllowed);
    EXPECT_EQ(r.http->code, 403);
    EXPECT_TRUE(r.http->own_answer);
    EXPECT_NE(page.find("X-Request-Id: " + std::string(r.http->request_id.view()) + "\r\n"),
              page.npos);
    EXPECT_EQ(r.http->path.view(), "/secret");
    EXPECT_EQ(r.bytes_sent, page.size() - page.find("\r\n\r\n") - 4);
    EXPECT_EQ(world.legs(), 0U);
    EXPECT_TRUE(world.client().peer_closed());
    EXPECT_EQ(world.gate().counter("verdicts_deny"), 1U);
}

TEST_F(Denials, OfALaterRequestWaitForTheResponsesBeforeIt) {
    world.client_says(get("allowed.example") + get("denied.example"));
    EXPECT_EQ(world.server().heard(), get("allowed.example"));
    EXPECT_EQ(heard(), "");
    world.server_says(ok("allowed"));
    EXPECT_TRUE(heard().starts_with(ok("allowed") + "HTTP/1.1 403 "));
    EXPECT_TRUE(world.client().peer_closed());
    EXPECT_TRUE(world.server().peer_closed());
    EXPECT_EQ(world.server().heard(), get("allowed.example"));
    EXPECT_EQ(world.take_records().size(), 2U);
}

TEST_F(Denials, OfASecondRequestOnAKeptConnectionLeaveNoOctetOfIt) {
    world.client_says(get("allowed.example"));
    world.server_says(ok("1"));
    world.client_says("POST / HTTP/1.1\r\nHost: denied.example\r\nContent-Length: 6\r\n\r\nsecret");
    EXPECT_EQ(world.servers_heard(), get("allowed.example"));
    EXPECT_TRUE(heard().starts_with(ok("1") + "HTTP/1.1 403 "));
}

TEST_F(Denials, InTheSegmentThatEndsABody) {
    const std::string first =
        "POST / HTTP/1.1\r\nHost: allowed.example\r\nContent-Length: 4\r\n\r\n";
    world.client_says(first + "bo");
    world.client_says("dy" + get("denied.example"));
    EXPECT_EQ(world.server().heard(), first + "body");
    world.server_says(ok("1"));
    EXPECT_TRUE(heard().starts_with(ok("1") + "HTTP/1.1 403 "));
}

TEST_F(Denials, ArePerRequestHeadAndNotForHeadsInBodies) {
    const std::string inner = get("denied.example");
    const std::string text = "POST / HTTP/1.1\r\nHost: allowed.example\r\nContent-Length: " +
                             std::to_string(inner.size()) + "\r\n\r\n" + inner;
    world.client_says(text);
    EXPECT_EQ(world.server().heard(), text);
    world.server_says(ok("1"));
    EXPECT_EQ(heard(), ok("1"));
}

TEST_F(Denials, ToHeadHaveNoBody) {
    world.client_says("HEAD / HTTP/1.1\r\nHost: denied.example\r\n\r\n");
    const std::string page = heard();
    EXPECT_TRUE(page.starts_with("HTTP/1.1 403 "));
    EXPECT_TRUE(page.ends_with("\r\n\r\n"));
}

TEST_F(Denials, MayBeAReset) {
    world.client_says(get("reset.example"));
    EXPECT_TRUE(world.client().was_reset());
    EXPECT_EQ(heard(), "");
    const dp::AccessRecord r = record();
    EXPECT_EQ(r.reason, dp::Reason::HostNotAllowed);
    EXPECT_EQ(r.http->code, 0);
}

TEST_F(Denials, MayBeSilent) {
    world.client_says(get("dropped.example"));
    world.wait(1s);
    EXPECT_FALSE(world.client().was_reset());
    EXPECT_FALSE(world.client().peer_closed());
    EXPECT_EQ(heard(), "");
    EXPECT_EQ(record().reason, dp::Reason::HostNotAllowed);
    EXPECT_EQ(world.gate().counter("sessions_active"), 0U);
}

TEST_F(Denials, ThatAreSilentDoNotCostTheResponseBefore) {
    world.client_says(get("allowed.example") + get("dropped.example"));
    const std::string body = octets(200'000);
    world.server_says(ok(body));
    world.wait(1s);
    EXPECT_EQ(heard(), ok(body));
    EXPECT_FALSE(world.client().was_reset());
    EXPECT_EQ(world.gate().counter("sessions_active"), 0U);
}

TEST_F(Denials, AfterAResponseAreAResetOnlyWhenItIsThere) {
    world.client_says(get("allowed.example") + get("reset.example"));
    const std::string body = octets(30'000);
    world.server_says(ok(body));
    EXPECT_EQ(heard(), ok(body));
    world.wait(100ms);
    EXPECT_TRUE(world.client().was_reset());
}

TEST_F(Denials, OfAPortThatIsNotTheConnections) {
    world.client_says(get("allowed.example:8080"));
    EXPECT_TRUE(heard().starts_with("HTTP/1.1 403 "));
    EXPECT_EQ(record().reason, dp::Reason::PortNotAllowed);
}

TEST_F(Denials, AcceptThePortOfTheConnection) {
    world.client_says(get("allowed.example:80"));
    world.server_says(ok("1"));
    EXPECT_EQ(heard(), ok("1"));
}

TEST_F(Denials, OfWhatServersReadDifferently) {
    world.client_says("GET / HTTP/1.1\r\nHost: allowed.example\r\nHost: allowed.example\r\n\r\n");
    EXPECT_TRUE(heard().starts_with("HTTP/1.1 400 "));
    EXPECT_EQ(record().reason, dp::Reason::HostInvalid);
}

TEST_F(Denials, ComeAsSoonAsTheFirstLineIsWrong) {
    world.client_says("GET /index.html\r\n");
    EXPECT_TRUE(heard().starts_with("HTTP/1.1 505 "));
    EXPECT_EQ(record().reason, dp::Reason::HttpVersion);
}

TEST_F(Denials, OfCleartextHttp2) {
    world.client_says("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    EXPECT_EQ(record().reason, dp::Reason::HttpVersion);
}

TEST_F(Denials, OfConnect) {
    world.client_says("CONNECT allowed.example:443 HTTP/1.1\r\nHost: allowed.example:443\r\n\r\n");
    EXPECT_TRUE(heard().starts_with("HTTP/1.1 403 "));
    EXPECT_EQ(record().reason, dp::Reason::UpgradeDenied);
}

TEST_F(Denials, OfAHeadThatIsTooLarge) {
    world.client_says("GET / HTTP/1.1\r\nX: " + std::string(17'000, 'x'));
    EXPECT_TRUE(heard().starts_with("HTTP/1.1 431 "));
    EXPECT_EQ(record().http->method.view(), "GET");
}

TEST_F(Denials, OfAHeadThatTakesTooLong) {
    world.client_says("GET / HTTP/1.1\r\nHost: allowed.ex");
    world.wait(4s);
    EXPECT_EQ(heard(), "");
    world.wait(2s);
    EXPECT_TRUE(heard().starts_with("HTTP/1.1 408 "));
    EXPECT_EQ(record().reason, dp::Reason::RequestHeadTimeout);
}

TEST_F(Denials, OfABodyThatCannotBeFramed) {
    world.client_says(
        "POST / HTTP/1.1\r\nHost: allowed.example\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
    EXPECT_TRUE(heard().starts_with("HTTP/1.1 400 "));
    EXPECT_EQ(record().reason, dp::Reason::HttpAmbiguous);
    EXPECT_TRUE(world.server().was_reset());  // no server takes the request for whole
}

TEST_F(Denials, WaitForAClientThatStillSends) {
    world.client_says("POST / HTTP/1.1\r\nHost: denied.example\r\nContent-Length: 300000\r\n\r\n" +
                      octets(100'000));
    EXPECT_TRUE(heard().starts_with("HTTP/1.1 403 "));
    EXPECT_FALSE(world.client().was_reset());
    world.client_says(octets(200'000));
    world.client().close();
    world.wait(100ms);
    EXPECT_FALSE(world.client().was_reset());
    EXPECT_EQ(world.gate().counter("sessions_active"), 0U);
}

TEST_F(Denials, DoNotWaitForEver) {
    world.client_says(get("denied.example"));
    world.wait(6s);
    EXPECT_TRUE(world.client().was_reset());
    EXPECT_EQ(world.gate().counter("sessions_active"), 0U);
}

TEST(DenialsForRoom, OfASourceThatHoldsItsShareOfRequests) {
    WorldOptions options;
    options.gate.sessions = 16;  // and as many requests; a quarter is for sources that hold little
    RelayWorld world(options);
    std::string all;
    for (int i = 0; i < 20; ++i) all += get("allowed.example");
    world.client_says(all);
    std::string answers;
    for (int i = 0; i < 12; ++i) answers += ok("1");
    world.server_says(answers);
    const std::string heard = world.client().take_heard();
    EXPECT_TRUE(heard.starts_with(answers + "HTTP/1.1 503 ")) << heard;
    EXPECT_EQ(world.gate().counter("request_table_full"), 1U);
    const auto records = world.take_records();
    ASSERT_EQ(records.size(), 13U);
    EXPECT_EQ(records.back().http->code, 503);
    EXPECT_TRUE(heard.ends_with("has a line with this id.\n"));
    EXPECT_NE(heard.find(records.back().http->request_id.view()), heard.npos);
    for (const std::string& problem : world.finish()) ADD_FAILURE() << problem;
}

TEST_F(Denials, OfTlsOnAPortForHttpAlone) {
    cfg::Model model = standard_model();
    for (cfg::Rule& rule : model.policy.rules) rule.protocols = {http(80)};
    world.gate().reconfigure(model);
    world.client_says("\x16\x03\x01");
    EXPECT_EQ(heard().substr(0, 3), "\x15\x03\x01");  // an alert
    EXPECT_TRUE(world.client().peer_closed());
    EXPECT_EQ(record().reason, dp::Reason::ProtocolMismatch);
}

}  // namespace
}  // namespace sallyport::test

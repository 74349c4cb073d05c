// SPDX-License-Identifier: Apache-2.0
// Requests that are allowed, and how they are matched to responses.
#include "tests/unit/policy/rules.h"
#include "tests/unit/relay/conversation.h"

namespace sallyport::test {
namespace {

using namespace std::chrono_literals;
using Requests = RelayTest;

TEST_F(Requests, ReachTheServerAsTheyCame) {
    world.client_says(get("allowed.example", "/a?b=c", "User-Agent: test/1\r\n"));
    EXPECT_EQ(world.server().heard(), get("allowed.example", "/a?b=c", "User-Agent: test/1\r\n"));
    world.server_says(ok("hello"));
    EXPECT_EQ(heard(), ok("hello"));
}

TEST_F(Requests, HaveALineEachWithWhatIstioWouldSay) {
    world.client_says(
        get("Allowed.Example", "/a?b=c", "User-Agent: test/1\r\nX-Request-Id: 12-34\r\n"));
    world.wait(50ms);
    world.server_says(ok("hello"));
    const dp::AccessRecord r = record();
    ASSERT_TRUE(r.http.has_value());
    EXPECT_EQ(r.http->method.view(), "GET");
    EXPECT_EQ(r.http->path.view(), "/a?b=c");
    EXPECT_EQ(r.http->authority.view(), "Allowed.Example");
    EXPECT_EQ(r.http->user_agent.view(), "test/1");
    EXPECT_EQ(r.http->request_id.view(), "12-34");
    EXPECT_EQ(r.http->code, 200);
    EXPECT_FALSE(r.http->own_answer);
    EXPECT_EQ(r.name(), "allowed.example");
    EXPECT_EQ(r.decision, dp::policy::Decision::Allow);
    EXPECT_EQ(r.bytes_received, 0U);
    EXPECT_EQ(r.bytes_sent, 5U);
    EXPECT_GE(r.duration, Duration{50ms});
    EXPECT_GE(r.http->service_time.value(), Duration{50ms});
    EXPECT_TRUE(r.has_server);
    EXPECT_EQ(r.server.src, address("203.0.113.7"));
}

TEST_F(Requests, OfOneConnectionShareAServerLeg) {
    for (int i = 0; i < 5; ++i) {
        world.client_says(get("allowed.example", "/" + std::to_string(i)));
        world.server_says(ok(std::to_string(i)));
        EXPECT_EQ(heard(), ok(std::to_string(i)));
    }
    EXPECT_EQ(world.legs(), 1U);
    EXPECT_EQ(world.take_records().size(), 5U);
}

TEST_F(Requests, MayBePipelined) {
    world.client_says(get("allowed.example", "/1") + get("allowed.example", "/2"));
    EXPECT_EQ(world.server().heard(), get("allowed.example", "/1") + get("allowed.example", "/2"));
    world.server_says(ok("one") + ok("two"));
    EXPECT_EQ(heard(), ok("one") + ok("two"));
    const auto records = world.take_records();
    ASSERT_EQ(records.size(), 2U);
    EXPECT_EQ(records[0].http->path.view(), "/1");
    EXPECT_EQ(records[1].http->path.view(), "/2");
}

TEST_F(Requests, BeyondThirtyTwoWaitForResponses) {
    std::string all;
    for (int i = 0; i < 40; ++i) all += get("allowed.example", "/" + std::to_string(i));
    world.client_says(all);
    const auto seen = [&] {
        std::size_t n = 0;
        const std::string text = world.server().heard();
        for (std::size_t at = 0; (at = text.find("GET ", at)) != text.npos; ++at) ++n;
        return n;
    };
    EXPECT_EQ(seen(), 32U);
    world.server_says(ok("first"));
    EXPECT_EQ(seen(), 33U);
    for (int i = 1; i < 40; ++i) world.server_says(ok("more"));
    EXPECT_EQ(world.server().heard(), all);
}

TEST_F(Requests, ComeInPiecesOfOneOctet) {
    const std::string text = get("allowed.example");
    world.client_says(text.substr(0, 1));
    for (std::size_t i = 1; i < text.size(); ++i) {
        EXPECT_EQ(world.legs(), 0U);
        world.client_says(text.substr(i, 1));
    }
    EXPECT_EQ(world.server().heard(), text);
    world.server_says(ok(""));
    EXPECT_EQ(heard(), ok(""));
}

TEST_F(Requests, StreamTheirBodies) {
    const std::string body = octets(100'000);
    const std::string head =
        "POST /up HTTP/1.1\r\nHost: allowed.example\r\nContent-Length: 100000\r\n\r\n";
    world.client_says(head + body.substr(0, 10));
    EXPECT_EQ(world.server().heard(), head + body.substr(0, 10));
    world.client_says(body.substr(10));
    EXPECT_EQ(world.server().heard(), head + body);
    world.server_says(ok("thanks"));
    EXPECT_EQ(record().bytes_received, 100'000U);
}

TEST_F(Requests, StreamChunkedBodiesAndTheirTrailers) {
    const std::string head =
        "POST / HTTP/1.1\r\nHost: allowed.example\r\nTransfer-Encoding: chunked\r\n\r\n";
    world.client_says(head + "5\r\nhello\r\n");
    EXPECT_EQ(world.server().heard(), head + "5\r\nhello\r\n");
    world.client_says("0\r\nX-Sum: 1");
    EXPECT_EQ(world.server().heard(), head + "5\r\nhello\r\n");  // a trailer is judged whole
    world.client_says("2\r\n\r\n" + get("allowed.example"));
    EXPECT_EQ(world.server().heard(),
              head + "5\r\nhello\r\n0\r\nX-Sum: 12\r\n\r\n" + get("allowed.example"));
    world.server_says(ok("1") + ok("2"));
    EXPECT_EQ(heard(), ok("1") + ok("2"));
}

TEST_F(Requests, AfterOneThatClosesAreNotLookedAt) {
    world.client_says(get("allowed.example", "/1", "Connection: close\r\n") +
                      get("allowed.example", "/2"));
    EXPECT_EQ(world.server().heard(), get("allowed.example", "/1", "Connection: close\r\n"));
    world.server_says(ok("1"));
    world.server().close();
    world.settle();
    EXPECT_EQ(heard(), ok("1"));
    EXPECT_TRUE(world.client().peer_closed());
}

TEST_F(Requests, MayAskToContinue) {
    const std::string head =
        "PUT / HTTP/1.1\r\nHost: allowed.example\r\nContent-Length: 4\r\nExpect: "
        "100-continue\r\n\r\n";
    world.client_says(head);
    EXPECT_EQ(world.server().heard(), head);
    world.server_says("HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_EQ(heard(), "HTTP/1.1 100 Continue\r\n\r\n");
    world.client_says("body");
    world.server_says("HTTP/1.1 204 No Content\r\n\r\n");
    EXPECT_EQ(heard(), "HTTP/1.1 204 No Content\r\n\r\n");
    EXPECT_EQ(record().http->code, 204);
}

TEST_F(Requests, MayBeAnsweredBeforeTheirBodyHasCome) {
    world.client_says("PUT / HTTP/1.1\r\nHost: allowed.example\r\nContent-Length: 8\r\n\r\nbody");
    world.server_says("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(record().http->code, 413);
    world.client_says("rest" + get("allowed.example", "/next"));
    EXPECT_TRUE(world.server().heard().ends_with("bodyrest" + get("allowed.example", "/next")));
    world.server_says(ok("next"));
    EXPECT_TRUE(heard().ends_with(ok("next")));
}

TEST_F(Requests, OfTheFormerVersionKeepTheConnectionOnlyWhenTheySaySo) {
    world.client_says("GET / HTTP/1.0\r\nHost: allowed.example\r\n\r\n" + get("allowed.example"));
    EXPECT_EQ(world.server().heard(), "GET / HTTP/1.0\r\nHost: allowed.example\r\n\r\n");
    world.server_says("HTTP/1.0 200 OK\r\n\r\nuntil the end");
    world.server().close();
    world.settle();
    EXPECT_EQ(heard(), "HTTP/1.0 200 OK\r\n\r\nuntil the end");
    EXPECT_TRUE(world.client().peer_closed());
    EXPECT_EQ(record().bytes_sent, 13U);
}

TEST_F(Requests, LeaveNothingBehindWhenTheyHaveBeenAnswered) {
    world.client_says(get("allowed.example"));
    world.server_says(ok(octets(50'000)));
    world.wait(100ms);
    EXPECT_EQ(world.gate().counter("relays_in_use"), 1U);
    EXPECT_EQ(world.gate().counter("relay_chunks_in_use"), 0U);
    EXPECT_EQ(world.gate().counter("requests_in_use"), 0U);
    EXPECT_EQ(world.gate().counter("setups_in_use"), 0U);
}

TEST_F(Requests, EndWithTheClientsClose) {
    world.client_says(get("allowed.example"));
    world.client().close();
    world.settle();
    EXPECT_TRUE(world.server().peer_closed());  // half-close is handed on
    world.server_says(ok("late"));
    EXPECT_EQ(heard(), ok("late"));
    world.server().close();
    world.settle();
    EXPECT_TRUE(world.client().peer_closed());
    world.wait(1s);
    EXPECT_EQ(world.gate().counter("sessions_active"), 0U);
    EXPECT_EQ(world.gate().counter("closed"), 1U);
}

TEST_F(Requests, ThatAreCutShortByTheClientGoNowhere) {
    world.client_says(get("allowed.example").substr(0, 30));
    world.client().close();
    world.settle();
    EXPECT_EQ(world.legs(), 0U);
    EXPECT_TRUE(world.client().peer_closed());
    const dp::AccessRecord r = record();
    EXPECT_FALSE(r.http.has_value());
}

TEST_F(Requests, UpgradeToAWebsocketAndAreOpaqueThen) {
    const std::string upgrade =
        get("allowed.example", "/ws",
            "Connection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZQ==\r\n");
    const std::string switched =
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    world.client_says(upgrade + "early");
    EXPECT_EQ(world.server().heard(), upgrade);  // what follows waits for the answer
    world.server_says(switched);
    EXPECT_EQ(heard(), switched);
    EXPECT_EQ(world.server().heard(), upgrade + "early");
    world.client_says(get("denied.example"));
    EXPECT_EQ(world.server().heard(), upgrade + "early" + get("denied.example"));
    world.server_says("\x81\x02hi");
    EXPECT_EQ(heard(), "\x81\x02hi");
    world.client().close();
    world.server().close();
    world.wait(1s);
    const dp::AccessRecord r = record();
    EXPECT_EQ(r.http->code, 101);
    EXPECT_EQ(r.bytes_sent, 4U);
}

TEST_F(Requests, GoOnAfterAnUpgradeToAServerThatHasClosedItsHalf) {
    world.client_says(get("allowed.example", "/ws",
                          "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                          "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZQ==\r\n"));
    world.server_says(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    world.server().close();
    world.wait(1s);
    EXPECT_TRUE(world.client().peer_closed());
    EXPECT_FALSE(world.server().peer_closed());
    world.client_says("still here");
    world.wait(10s);
    EXPECT_TRUE(world.server().heard().ends_with("still here"));
    EXPECT_FALSE(world.server().peer_closed());
    world.client().close();
    world.wait(1s);
    EXPECT_TRUE(world.server().peer_closed());
    const dp::AccessRecord r = record();
    EXPECT_EQ(r.http->code, 101);
    EXPECT_EQ(r.bytes_received, 10U);
    EXPECT_EQ(r.reason, dp::Reason::None);
}

TEST_F(Requests, WhoseUpgradeIsNotGrantedAreFollowedByRequests) {
    const std::string upgrade =
        get("allowed.example", "/ws",
            "Connection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZQ==\r\n");
    world.client_says(upgrade + get("denied.example"));
    world.server_says(ok("no websocket here"));
    EXPECT_EQ(world.server().heard(), upgrade);
    EXPECT_TRUE(heard().starts_with(ok("no websocket here") + "HTTP/1.1 403 "));
}

}  // namespace
}  // namespace sallyport::test

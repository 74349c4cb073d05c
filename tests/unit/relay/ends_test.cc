// SPDX-License-Identifier: Apache-2.0
// Ends that cross each other: closes, resets and deadlines while something else is under way.
#include "tests/unit/policy/rules.h"
#include "tests/unit/relay/conversation.h"

namespace sallyport::test {
namespace {

using namespace std::chrono_literals;
using Ends = RelayTest;

TEST_F(Ends, OfTheServerBehindHalfAHeadStopItsDeadline) {
    world.client_says(get("allowed.example") + "GET / HTTP/1.1\r\nHo");
    world.server_says(ok("1"));
    world.server().close();
    world.wait(6s);
    EXPECT_EQ(heard(), ok("1"));
    EXPECT_EQ(world.take_records().size(), 1U);
}

TEST_F(Ends, ByAnUnaskedResponseBehindHalfAHeadStopItsDeadline) {
    world.client_says(get("allowed.example") + "GET / HTTP/1.1\r\nHo");
    world.server_says(ok("1") + "HTTP/1.1 408 Late\r\nContent-Length: 0\r\n\r\n");
    world.wait(6s);
    EXPECT_EQ(heard(), ok("1"));
    EXPECT_EQ(world.take_records().size(), 1U);
}

TEST(EndsOfSetUp, GiveA504WhereverTheDeadlinesLie) {
    WorldOptions options;
    options.gate.model.tcp.setup_timeout = options.gate.model.tcp.connect_timeout;
    RelayWorld world(options);
    world.server().silent = true;
    world.client_says(get("allowed.example"));
    world.wait(6s);
    EXPECT_TRUE(world.client().take_heard().starts_with("HTTP/1.1 504 "));
    for (const std::string& problem : world.finish()) ADD_FAILURE() << problem;
}

TEST_F(Ends, OfTheServerDoNotCostWhatItHadSent) {
    const std::string body = octets(150'000);
    world.client_says(get("allowed.example"));
    world.client().reading = false;
    world.server_says(ok(body));
    world.wait(100ms);
    world.server().reset();
    world.wait(1s);
    world.client().reading = true;
    world.wait(3s);
    EXPECT_EQ(heard(), ok(body));
    EXPECT_TRUE(world.client().was_reset());
}

TEST_F(Ends, OfBothDoNotCostWhatTheServerHadSent) {
    const std::string body = octets(200'000);
    world.client_says(get("allowed.example", "/", "Connection: close\r\n"));
    world.client().reading = false;
    world.server_says(ok(body));
    world.wait(100ms);
    world.server().close();
    world.settle();
    world.client().close();
    world.wait(3s);
    world.client().reading = true;
    world.wait(5s);
    EXPECT_EQ(heard(), ok(body));
}

TEST_F(Ends, OfTheClientDoNotCostWhatItHadSent) {
    const std::string body = octets(200'000);
    world.client_says("PUT / HTTP/1.1\r\nHost: allowed.example\r\nContent-Length: 200000\r\n\r\n");
    world.server().reading = false;
    world.client_says(body);
    world.client().close();
    world.wait(10s);
    world.server().reading = true;
    world.wait(10s);
    EXPECT_TRUE(world.server().heard().ends_with(body));
}

TEST_F(Ends, OfAnIdleServerLegAreAnsweredAtOnce) {
    world.client_says(get("allowed.example"));
    world.server_says(ok("1"));
    world.server().close();
    world.settle();
    EXPECT_TRUE(world.server().peer_closed());
    EXPECT_TRUE(world.client().peer_closed());
}

TEST_F(Ends, ComeEvenToAClientWhoseWindowNeverOpens) {
    world.client_says(get("allowed.example", "/", "Connection: close\r\n"));
    world.client().reading = false;
    world.server_says(ok(octets(150'000)));
    world.server().close();
    world.wait(1h);  // its window was rounded: probes find room for a hundred octets at first
    EXPECT_EQ(world.gate().counter("sessions_active"), 0U);
    EXPECT_TRUE(world.client().was_reset());
}

TEST_F(Ends, OfAClientThatIsResetAreCountedOnce) {
    world.client_says(get("allowed.example"));
    world.client().reset();
    world.settle();
    EXPECT_EQ(world.gate().counter("client_reset"), 1U);
    EXPECT_EQ(record().reason, dp::Reason::ClientReset);
}

TEST_F(Ends, ByARefusalAreCountedOnce) {
    world.client_says(get("reset.example"));
    world.wait(100ms);
    EXPECT_EQ(world.gate().counter("host_not_allowed"), 1U);
}

TEST_F(Ends, WithinAHeadAreTheClients) {
    world.client_says(get("allowed.example").substr(0, 30));
    world.client().close();
    world.wait(1s);
    const dp::AccessRecord r = record();
    EXPECT_EQ(r.reason, dp::Reason::ClientClosed);
    EXPECT_FALSE(r.http.has_value());
    EXPECT_EQ(world.gate().counter("client_closed"), 1U);
}

TEST_F(Ends, OfAServerAreTheReasonOfARequestThatWaitedForAnother) {
    world.client_says(get("allowed.example", "/1") + get("www.wild.example", "/2"));
    world.server().close();
    world.wait(1s);
    const auto records = world.take_records();
    ASSERT_EQ(records.size(), 2U);
    EXPECT_EQ(records[0].http->path.view(), "/2");
    EXPECT_EQ(records[0].reason, dp::Reason::UpstreamClosed);
    EXPECT_FALSE(records[0].has_server);
    EXPECT_EQ(records[1].http->code, 502);
}

TEST_F(Ends, ByABodyBehindItsResponseHaveALine) {
    world.client_says(
        "POST / HTTP/1.1\r\nHost: allowed.example\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n");
    world.server_says(ok("early"));
    world.client_says("helloXX");
    const auto records = world.take_records();
    ASSERT_EQ(records.size(), 2U);
    EXPECT_EQ(records[1].reason, dp::Reason::HttpAmbiguous);
    EXPECT_EQ(world.gate().counter("http_ambiguous"), 1U);
}

// A page behind a response that was cut off would be read as its rest.
TEST_F(Ends, WithinAResponseLeaveNoPageBehindIt) {
    const std::string half = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf";
    world.client_says(get("allowed.example") + get("denied.example"));
    world.server_says(half);
    world.server().close();
    world.settle();
    EXPECT_EQ(heard(), half);
    EXPECT_TRUE(world.client().peer_closed());
    world.client().close();
    world.wait(6s);
    const auto records = world.take_records();
    ASSERT_EQ(records.size(), 2U);
    EXPECT_EQ(records[1].reason, dp::Reason::HostNotAllowed);
    EXPECT_EQ(records[1].http->code, 0);
}

TEST_F(Ends, ByAResetWithinAResponseLeaveNoPageBehindIt) {
    const std::string half = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf";
    world.client_says(get("allowed.example") + get("denied.example"));
    world.server_says(half);
    world.server().reset();
    world.wait(1s);
    EXPECT_EQ(heard(), half);
    EXPECT_TRUE(world.client().was_reset());
    EXPECT_EQ(world.take_records().size(), 2U);
}

// What follows may be the body or the next request: the gate and the server could differ about it.
TEST_F(Ends, FollowAResponseToOneThatWaitsToContinue) {
    const std::string inner = get("denied.example");
    world.client_says(
        "PUT / HTTP/1.1\r\nHost: allowed.example\r\nExpect: 100-continue\r\nContent-Length: " +
        std::to_string(inner.size()) + "\r\n\r\n");
    world.server_says("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n");
    world.client_says(inner);
    EXPECT_EQ(world.servers_heard().find("denied"), std::string::npos);
    EXPECT_TRUE(world.client().peer_closed());
    EXPECT_TRUE(world.server().peer_closed());
}

TEST_F(Ends, FollowAResponseThatSaysSo) {
    world.client_says(get("allowed.example", "/1") + get("allowed.example", "/2"));
    world.server_says(ok("1", "Connection: close\r\n"));
    EXPECT_EQ(heard(), ok("1", "Connection: close\r\n"));
    EXPECT_TRUE(world.client().peer_closed());
    const auto records = world.take_records();
    ASSERT_EQ(records.size(), 2U);
    EXPECT_EQ(records[1].reason, dp::Reason::UpstreamClosed);
}

TEST_F(Ends, OfManyPipelinedRequestsLoseNoLine) {
    std::string all, answers;
    for (int i = 0; i < 63; ++i) all += get("allowed.example", "/" + std::to_string(i));
    for (int i = 0; i < 32; ++i) answers += "HTTP/1.1 204 No Content\r\n\r\n";
    all += "POST / HTTP/1.1\r\nHost: allowed.example\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n";
    world.client_says(all);
    world.server_says(answers);
    world.wait(1s);
    EXPECT_EQ(world.take_records().size(), 64U);
    EXPECT_EQ(world.gate().counter("log_records_lost"), 0U);
}

// The second leg is not answered for longer than the first may take to close; the client of that
// session acknowledges nothing. Another session's deadline must come all the same.
TEST_F(Ends, OfOneRelayDoNotHoldUpTheTimersOfAnother) {
    constexpr std::uint16_t kOtherPort = 40002;
    TcpHost other;
    bool mute = false;
    world.link = [&](dp::PortIndex port, const wire::PacketView& view) {
        const bool for_other = view.four_tuple().dst_port.number == kOtherPort;
        if (port == dp::kInsidePort && for_other) other.on_frame(view, world.gate().now());
        return !(port == dp::kInsidePort && for_other) && !(mute && port == dp::kOutsidePort);
    };
    const auto send_others = [&] {
        for (Octets& frame : other.frames(world.gate().now()))
            world.gate().inject(dp::kInsidePort, frame);
        world.settle();
    };
    world.client_says(get("allowed.example", "/1"));
    world.server_says(ok("1"));
    const Addresses addresses{v4("10.10.0.5"), v4("198.51.100.80"), kStationMac, kGateMac};
    world.gate().inject(dp::kInsidePort, other.connect(addresses, kOtherPort, 80));
    world.settle();
    send_others();
    other.say("GET / HTTP/1.1\r\nHo");
    send_others();
    mute = true;
    world.client_says(get("www.wild.example", "/2"));
    world.client().silent = true;
    world.wait(6s);
    EXPECT_TRUE(other.heard().starts_with("HTTP/1.1 408 ")) << other.heard();
}

}  // namespace
}  // namespace sallyport::test

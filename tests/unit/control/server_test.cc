// SPDX-License-Identifier: Apache-2.0
// The server over a real Unix socket, with clients that behave badly.
#include "control/server.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "tests/unit/control/api_fixture.h"
#include "tests/unit/control/support.h"

namespace sallyport::ctl {
namespace {

constexpr std::string_view kStatus =
    "GET /v1/status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

class ServerTest : public testing::Test {
   protected:
    void serve(ServerLimits limits = {}) {
        server = std::make_unique<Server>(
            socket,
            [this](const Request& request) {
                if (request.target == "/throw") throw std::runtime_error("as asked");
                if (request.target == "/large")
                    return Reply{200, Json(std::string(8 << 20, 'x')), {}};
                if (request.target == "/echo") return Reply{200, Json(request.body), {}};
                return answer(api.context, request);
            },
            limits);
    }
    RawClient client() const { return RawClient(path); }
    std::string say(std::string_view text) const {
        const RawClient c = client();
        c.send(text);
        return c.rest();
    }
    bool answers() const { return say(kStatus).starts_with("HTTP/1.1 200 OK\r\n"); }

    TempDir dir;
    std::string path = dir / "control.sock";
    ControlSocket socket = ControlSocket::claim(path).value();
    ApiFixture api;
    FakeDataplane& dataplane = api.dataplane;
    std::unique_ptr<Server> server;
};

TEST_F(ServerTest, AnswersWithJson) {
    serve();
    const std::string reply = say(kStatus);
    EXPECT_TRUE(reply.starts_with("HTTP/1.1 200 OK\r\n")) << reply;
    EXPECT_NE(reply.find("Content-Type: application/json\r\n"), std::string::npos);
    const Json body = Json::parse(reply.substr(reply.find("\r\n\r\n")));
    EXPECT_EQ(body.at("health"), "healthy");
}

TEST_F(ServerTest, HandsBodiesOn) {
    serve();
    const std::string body = "{\"paths\": [\"/etc/sallyport\"]}";
    const std::string reply = say("POST /echo HTTP/1.1\r\nConnection: close\r\nContent-Length: " +
                                  std::to_string(body.size()) + "\r\n\r\n" + body);
    EXPECT_EQ(Json::parse(reply.substr(reply.find("\r\n\r\n"))), body);
}

TEST_F(ServerTest, ServesACommonClient) {
    serve();
    if (std::system("command -v curl >/dev/null") != 0) GTEST_SKIP() << "curl is not there";
    const std::string command = "curl -s --fail-with-body --unix-socket " + path +
                                " http://localhost/v1/ports http://localhost/v1/workers";
    const std::unique_ptr<FILE, int (*)(FILE*)> out(::popen(command.c_str(), "r"), ::pclose);
    std::string text;
    std::array<char, 4096> buffer{};
    while (std::fgets(buffer.data(), buffer.size(), out.get()) != nullptr) text += buffer.data();
    EXPECT_TRUE(text.starts_with("{\"ports\":[{\"port\":\"inside\"")) << text;
    EXPECT_NE(text.find("\n{\"workers\":["), std::string::npos) << "two requests, one connection";
}

TEST_F(ServerTest, AnswersSeveralRequestsOnOneConnection) {
    serve();
    const RawClient c = client();
    for (int i = 0; i < 3; ++i) c.send("GET /v1 HTTP/1.1\r\nHost: x\r\n\r\n");
    c.send(kStatus);
    const std::string replies = c.rest();
    std::size_t count = 0;
    for (std::size_t at = 0; (at = replies.find("HTTP/1.1 200 OK", at)) != std::string::npos; ++at)
        ++count;
    EXPECT_EQ(count, 4u);
}

TEST_F(ServerTest, ErrorsAreJsonAndNameTheMethodsAllowed) {
    serve();
    EXPECT_NE(say("GET /v1/statu HTTP/1.1\r\nConnection: close\r\n\r\n")
                  .find("\"hint\":\"did you mean /v1/status?\""),
              std::string::npos);
    const std::string refused = say("DELETE /v1/status HTTP/1.1\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(refused.starts_with("HTTP/1.1 405 ")) << refused;
    EXPECT_NE(refused.find("Allow: GET\r\n"), std::string::npos) << refused;
    EXPECT_NE(refused.find("\"code\":\"method_not_allowed\""), std::string::npos) << refused;
}

TEST_F(ServerTest, HandlerThatThrowsIsAnInternalError) {
    serve();
    testing::internal::CaptureStderr();
    const std::string reply = say("GET /throw HTTP/1.1\r\nConnection: close\r\n\r\n");
    EXPECT_NE(testing::internal::GetCapturedStderr().find("as asked"), std::string::npos);
    EXPECT_TRUE(reply.starts_with("HTTP/1.1 500 ")) << reply;
    EXPECT_EQ(reply.find("as asked"), std::string::npos) << "the inside stays inside";
    EXPECT_TRUE(answers());
}

TEST_F(ServerTest, WhatIsNoHttpGetsABadRequest) {
    serve();
    for (const char* text : {"hello\r\n\r\n", "GET /v1\r\n\r\n", "\x16\x03\x01\x02\r\n\r\n",
                             "GET /v1 HTTP/1.1\r\nContent-Length: x\r\n\r\n",
                             "GET /v1 HTTP/1.1\r\nno colon\r\n\r\n"}) {
        const std::string reply = say(text);
        EXPECT_TRUE(reply.starts_with("HTTP/1.1 400 ")) << text << reply;
        EXPECT_NE(reply.find("\"code\":\"bad_request\""), std::string::npos) << text;
    }
}

TEST_F(ServerTest, OversizedHeaderIsRefused) {
    serve();
    const std::string reply =
        say("GET /v1 HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n");
    EXPECT_TRUE(reply.starts_with("HTTP/1.1 431 ")) << reply.substr(0, 100);
    EXPECT_TRUE(answers());
}

TEST_F(ServerTest, OversizedBodyIsRefused) {
    serve();
    const std::string reply =
        say("POST /v1 HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n" + std::string(4096, 'x'));
    EXPECT_TRUE(reply.starts_with("HTTP/1.1 413 ")) << reply.substr(0, 100);
    const std::string fits =
        say("POST /v1 HTTP/1.1\r\nConnection: close\r\nContent-Length: 1048576"
            "\r\n\r\n" +
            std::string(1048576, 'x'));
    EXPECT_TRUE(fits.starts_with("HTTP/1.1 405 ")) << fits.substr(0, 100);
}

TEST_F(ServerTest, HalfRequestEndsWithItsClient) {
    serve();
    const RawClient c = client();
    c.send("GET /v1/sta");
    c.finish();
    EXPECT_EQ(c.rest(), "");
    EXPECT_TRUE(answers());
}

TEST_F(ServerTest, HalfRequestThatStaysIsCutOff) {
    ServerLimits limits;
    limits.patience = std::chrono::milliseconds(50);
    serve(limits);
    const RawClient c = client();
    c.send("GET /v1/sta");
    EXPECT_EQ(c.rest(), "");
    // A busy machine may be too slow for so little patience once, not for ever.
    EXPECT_TRUE(eventually([this] { return answers(); }));
}

TEST_F(ServerTest, ReaderThatDoesNotReadIsCutOff) {
    ServerLimits limits;
    limits.patience = std::chrono::milliseconds(50);
    limits.connections = 1;
    serve(limits);
    const RawClient c = client();
    c.send("GET /large HTTP/1.1\r\n\r\n");
    // Its place is the only one, so an answer proves that it was cut off.
    EXPECT_TRUE(eventually([this] { return answers(); }));
    EXPECT_LT(c.rest().size(), std::size_t{8} << 20);
}

TEST_F(ServerTest, FloodOfConnectionsIsRefusedBeyondTheLimitAndForgotten) {
    serve();
    std::vector<RawClient> flood;
    for (int i = 0; i < 200; ++i) flood.push_back(client());
    std::size_t refused = 0;
    for (std::size_t i = 64; i < flood.size(); ++i)
        if (flood[i].rest().find("\"code\":\"too_many_connections\"") != std::string::npos)
            ++refused;
    EXPECT_EQ(refused, 136u);
    flood.clear();
    EXPECT_TRUE(eventually([this] { return answers(); }));
}

TEST_F(ServerTest, RefusedClientThatAskedStillReadsWhy) {
    ServerLimits limits;
    limits.connections = 0;
    serve(limits);
    EXPECT_TRUE(say(kStatus).starts_with("HTTP/1.1 503 "));
}

TEST_F(ServerTest, HandlerThatWaitsKeepsNobodyElseWaiting) {
    serve();
    dataplane.close_gate();
    const RawClient slow = client();
    slow.send("GET /v1/sessions HTTP/1.1\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(answers());
    dataplane.open_gate();
    EXPECT_TRUE(slow.rest().starts_with("HTTP/1.1 200 "));
}

TEST_F(ServerTest, StopEndsIdleClientsAndIsIdempotent) {
    serve();
    const RawClient idle = client();
    const RawClient half = client();
    half.send("GET /v1");
    EXPECT_TRUE(answers());
    server->stop();
    server->stop();
    EXPECT_EQ(idle.rest(), "");
    EXPECT_EQ(half.rest(), "");
}

TEST_F(ServerTest, StopWaitsForAHandlerThatRuns) {
    serve();
    dataplane.close_gate();
    const RawClient idle = client();
    const RawClient slow = client();
    slow.send("GET /v1/sessions HTTP/1.1\r\n\r\n");
    ASSERT_TRUE(eventually([this] { return dataplane.asked_limit != 0; }));
    // The end of the idle client shows that the stop is under way; until then the gate is shut.
    std::string idle_got;
    std::thread opener([&] {
        idle_got = idle.rest();
        dataplane.open_gate();
    });
    server->stop();
    opener.join();
    EXPECT_EQ(idle_got, "");
    EXPECT_EQ(slow.rest(), "");
}

}  // namespace
}  // namespace sallyport::ctl

// SPDX-License-Identifier: Apache-2.0
// Server legs: which request goes to which, what becomes of a request whose server fails.
#include "tests/unit/relay/conversation.h"

namespace sallyport::test {
namespace {

using namespace std::chrono_literals;
using Legs = RelayTest;

TEST_F(Legs, OfAnotherAllowedNameAreNew) {
    world.client_says(get("allowed.example", "/1"));
    world.server_says(ok("1"));
    world.client_says(get("www.wild.example", "/2"));
    ASSERT_EQ(world.legs(), 1U);
    EXPECT_TRUE(world.server().peer_closed());  // the first leg is closed, politely
    world.server().close();
    world.settle();
    ASSERT_EQ(world.legs(), 2U);
    EXPECT_EQ(world.server(0).heard(), get("allowed.example", "/1"));
    EXPECT_EQ(world.server(1).heard(), get("www.wild.example", "/2"));
    world.server_says(ok("2"));
    EXPECT_EQ(heard(), ok("1") + ok("2"));
    const auto records = world.take_records();
    ASSERT_EQ(records.size(), 2U);
    EXPECT_NE(records[0].server.src_port, records[1].server.src_port);
}

TEST_F(Legs, AreChangedOnlyAfterTheResponsesBefore) {
    world.client_says(get("allowed.example", "/1") + get("www.wild.example", "/2"));
    EXPECT_EQ(world.server().heard(), get("allowed.example", "/1"));
    EXPECT_FALSE(world.server().peer_closed());
    world.server().close();
    world.server_says(ok("1"));
    ASSERT_EQ(world.legs(), 2U);
    world.server_says(ok("2"));
    EXPECT_EQ(heard(), ok("1") + ok("2"));
    EXPECT_FALSE(world.client().peer_closed());
}

TEST_F(Legs, ThatDoNotCloseAreResetAfterASecond) {
    world.client_says(get("allowed.example", "/1"));
    world.server_says(ok("1"));
    world.client_says(get("www.wild.example", "/2"));
    world.wait(900ms);
    EXPECT_EQ(world.legs(), 1U);
    world.wait(200ms);
    EXPECT_TRUE(world.server(0).was_reset());
    ASSERT_EQ(world.legs(), 2U);
    world.server_says(ok("2"));
    EXPECT_EQ(heard(), ok("1") + ok("2"));
}

TEST_F(Legs, ThatAreRefusedGiveA502) {
    world.server().refusing = true;
    world.client_says(get("allowed.example"));
    EXPECT_TRUE(heard().starts_with("HTTP/1.1 502 "));
    const dp::AccessRecord r = record();
    EXPECT_EQ(r.reason, dp::Reason::UpstreamRefused);
    EXPECT_EQ(r.http->code, 502);
    EXPECT_EQ(r.decision, dp::policy::Decision::Allow);
    EXPECT_TRUE(r.has_server);
}

TEST_F(Legs, ThatAreNotAnsweredGiveA504) {
    world.server().silent = true;
    world.client_says(get("allowed.example"));
    world.wait(6s);
    EXPECT_TRUE(heard().starts_with("HTTP/1.1 504 "));
    EXPECT_EQ(record().reason, dp::Reason::UpstreamTimeout);
}

TEST_F(Legs, ThatCloseWithoutAnAnswerGiveA502) {
    world.client_says(get("allowed.example"));
    world.server().close();
    world.settle();
    EXPECT_TRUE(heard().starts_with("HTTP/1.1 502 "));
    EXPECT_EQ(record().reason, dp::Reason::UpstreamClosed);
}

TEST_F(Legs, ThatAreResetWithoutAnAnswerGiveA502) {
    world.client_says(get("allowed.example"));
    world.server().reset();
    world.settle();
    EXPECT_TRUE(heard().starts_with("HTTP/1.1 502 "));
    EXPECT_EQ(record().reason, dp::Reason::UpstreamReset);
}

TEST_F(Legs, ThatFailTakeARefusedRequestBehindThemAlong) {
    world.client_says(get("allowed.example", "/1") + get("denied.example", "/2"));
    world.server().close();
    world.settle();
    EXPECT_TRUE(heard().starts_with("HTTP/1.1 502 "));
    const auto records = world.take_records();
    ASSERT_EQ(records.size(), 2U);
    EXPECT_EQ(records[0].http->path.view(), "/2");
    EXPECT_EQ(records[0].reason, dp::Reason::HostNotAllowed);
    EXPECT_EQ(records[0].http->code, 0);
    EXPECT_EQ(records[1].http->path.view(), "/1");
}

// The close may have crossed the request; a client that sees it close may ask again.
TEST_F(Legs, ThatCloseBetweenRequestsCloseTheClientsToo) {
    world.client_says(get("allowed.example", "/1"));
    world.server_says(ok("1"));
    world.client_says(get("allowed.example", "/2"));
    world.server().close();
    world.settle();
    EXPECT_EQ(heard(), ok("1"));
    EXPECT_TRUE(world.client().peer_closed());
    const auto records = world.take_records();
    ASSERT_EQ(records.size(), 2U);
    EXPECT_EQ(records[1].reason, dp::Reason::UpstreamClosed);
    EXPECT_EQ(records[1].http->code, 0);
}

TEST_F(Legs, ThatAreResetWithinAResponseResetTheClientBehindIt) {
    world.client_says(get("allowed.example"));
    world.server_says("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    world.server().reset();
    world.settle();
    EXPECT_EQ(heard(), "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    world.wait(100ms);
    EXPECT_TRUE(world.client().was_reset());
    const dp::AccessRecord r = record();
    EXPECT_EQ(r.reason, dp::Reason::UpstreamReset);
    EXPECT_EQ(r.bytes_sent, 4U);
}

TEST_F(Legs, WhoseServerSpeaksNoHttpGiveA502) {
    world.client_says(get("allowed.example"));
    world.server_says("SSH-2.0-OpenSSH_9.2\r\n\r\n");
    EXPECT_TRUE(heard().starts_with("HTTP/1.1 502 "));
    EXPECT_EQ(record().reason, dp::Reason::UpstreamProtocol);
    EXPECT_TRUE(world.server().was_reset());
}

TEST_F(Legs, WhoseServerSaysOneLineOfAnotherProtocolGiveA502) {
    world.client_says(get("allowed.example"));
    world.server_says("220 mail.example ESMTP\r\n");
    EXPECT_TRUE(heard().starts_with("HTTP/1.1 502 "));
}

TEST_F(Legs, WhoseServerSpeaksUnaskedAreClosed) {
    world.client_says(get("allowed.example"));
    world.server_says(ok("1"));
    world.server_says(
        "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(heard(), ok("1"));
    EXPECT_TRUE(world.client().peer_closed());
}

TEST_F(Legs, EndWithTheClientsReset) {
    world.client_says(get("allowed.example"));
    world.client().reset();
    world.settle();
    EXPECT_TRUE(world.server().was_reset());
    const dp::AccessRecord r = record();
    EXPECT_EQ(r.reason, dp::Reason::ClientReset);
    EXPECT_EQ(world.gate().counter("sessions_active"), 0U);
}

TEST_F(Legs, AreGivenBackWhenTheClientLeavesWhileTheyOpen) {
    world.server().silent = true;
    world.client_says(get("allowed.example"));
    world.client().reset();
    world.settle();
    EXPECT_EQ(record().reason, dp::Reason::ClientReset);
    EXPECT_EQ(world.gate().counter("sessions_active"), 0U);
}

TEST_F(Legs, OfAnIdleConnectionEndAfterTheIdleTimeout) {
    world.client_says(get("allowed.example"));
    world.server_says(ok("1"));
    world.wait(123min);
    EXPECT_FALSE(world.client().was_reset());
    world.wait(2min);
    EXPECT_TRUE(world.client().was_reset());
    EXPECT_TRUE(world.server().was_reset());
}

}  // namespace
}  // namespace sallyport::test

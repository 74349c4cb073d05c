// SPDX-License-Identifier: Apache-2.0
// TLS to a server that lacks what the client was promised.
#include "tests/support/client_hello.h"
#include "tests/unit/relay/conversation.h"

namespace sallyport::test {
namespace {

using namespace std::chrono_literals;

std::string text_of(const Octets& octets) {
    return {octets.begin(), octets.end()};
}

std::string hello(std::string_view name) {
    return text_of(record(Hello::of(name).message()));
}

// SHA-256 of "HelloRetryRequest", RFC 8446 section 4.1.3.
const Octets kRetryRandom = {0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
                             0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
                             0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

std::string server_hello(const Octets& random = Octets(32, 0x42)) {
    const Octets body = joined({{3, 3}, random, {0, 0x13, 0x01, 0, 0, 6, 0, 43, 0, 2, 3, 4}});
    return text_of(record(joined({{2}, with_length(3, body)})));
}

WorldOptions without(bool sack, bool timestamps) {
    WorldOptions options;
    options.port = 443;
    options.server.sack = sack;
    options.server.timestamps = timestamps;
    return options;
}

struct TlsRelay : ::testing::Test {
    void TearDown() override {
        for (const std::string& problem : world.finish()) ADD_FAILURE() << problem;
    }
    RelayWorld world{without(false, true)};
};

TEST_F(TlsRelay, CarriesTheSessionBothWays) {
    world.client_says(hello("allowed.example"));
    EXPECT_EQ(world.server().heard(), hello("allowed.example"));
    EXPECT_EQ(world.gate().counter("relays_no_sack"), 1U);
    const std::string down = server_hello() + octets(300'000), up = octets(200'000);
    world.server_says(down);
    world.wait(5s);
    EXPECT_EQ(world.client().take_heard(), down);
    world.client_says(up);
    world.wait(5s);
    EXPECT_EQ(world.server().heard(), hello("allowed.example") + up);
    world.client().close();
    world.settle();
    EXPECT_TRUE(world.server().peer_closed());
    world.server().close();
    world.settle();
    const auto records = world.take_records();
    ASSERT_EQ(records.size(), 1U);
    EXPECT_FALSE(records[0].http.has_value());
    EXPECT_EQ(records[0].reason, dp::Reason::Closed);
    EXPECT_EQ(records[0].ended_by, dp::EndedBy::Client);
    EXPECT_EQ(records[0].name(), "allowed.example");
    EXPECT_EQ(records[0].bytes_received, hello("allowed.example").size() + up.size());
    EXPECT_EQ(records[0].bytes_sent, down.size());
    EXPECT_TRUE(records[0].has_server);
}

TEST_F(TlsRelay, HoldsWhatFollowsTheHelloUntilTheServerSpeaks) {
    world.client_says(hello("allowed.example") + text_of(record(Octets(100, 7), 23, 0x0303)));
    EXPECT_EQ(world.server().heard(), hello("allowed.example"));
    world.server_says(server_hello());
    EXPECT_EQ(world.server().heard().size(), hello("allowed.example").size() + 105);
}

TEST_F(TlsRelay, JudgesTheSecondHello) {
    world.client_says(hello("allowed.example"));
    world.server_says(server_hello(kRetryRandom));
    EXPECT_EQ(world.client().take_heard(), server_hello(kRetryRandom));
    const std::string again = hello("allowed.example");
    world.client_says(again.substr(0, 40));
    EXPECT_EQ(world.server().heard(), hello("allowed.example"));
    world.client_says(again.substr(40));
    EXPECT_EQ(world.server().heard(), hello("allowed.example") + again);
}

TEST_F(TlsRelay, EndsWhenTheSecondHelloNamesAnother) {
    world.client_says(hello("allowed.example"));
    world.server_says(server_hello(kRetryRandom));
    world.client_says(hello("denied.example"));
    EXPECT_EQ(world.server().heard(), hello("allowed.example"));
    EXPECT_TRUE(world.client().was_reset());
    EXPECT_TRUE(world.server().was_reset());
    EXPECT_EQ(world.take_records().at(0).reason, dp::Reason::SecondHelloMismatch);
}

TEST_F(TlsRelay, EndsWhenTheSecondHelloDoesNotCome) {
    world.client_says(hello("allowed.example"));
    world.server_says(server_hello(kRetryRandom));
    world.wait(6s);
    EXPECT_TRUE(world.client().was_reset());
    EXPECT_EQ(world.take_records().at(0).reason, dp::Reason::ClientHelloTimeout);
}

TEST_F(TlsRelay, PassesTheServersResetBehindItsOctets) {
    world.client_says(hello("allowed.example"));
    world.server_says(server_hello() + "the end");
    world.server().reset();
    world.settle();
    EXPECT_EQ(world.client().take_heard(), server_hello() + "the end");
    world.wait(100ms);
    EXPECT_TRUE(world.client().was_reset());
    EXPECT_EQ(world.take_records().at(0).reason, dp::Reason::UpstreamReset);
}

TEST(TlsRelayCauses, AreCounted) {
    RelayWorld world(without(true, false));
    world.client_says(hello("allowed.example"));
    world.server_says(server_hello());
    EXPECT_EQ(world.client().take_heard(), server_hello());
    EXPECT_EQ(world.gate().counter("relays_no_timestamps"), 1U);
    EXPECT_EQ(world.gate().counter("sessions_relayed"), 1U);
    EXPECT_TRUE(world.finish().empty());
}

}  // namespace
}  // namespace sallyport::test

// SPDX-License-Identifier: Apache-2.0
// Octets through a relay: nothing lost, nothing doubled, memory bounded, whatever the links do.
#include "dataplane/session/relay.h"
#include "tcpstack/base/rng.h"
#include "tests/unit/relay/conversation.h"

namespace sallyport::test {
namespace {

using namespace std::chrono_literals;
using Flow = RelayTest;

TEST_F(Flow, OfAStoppedServerStopsItsClient) {
    const std::string body = octets(1'000'000);
    world.server().reading = false;
    world.client_says("PUT / HTTP/1.1\r\nHost: allowed.example\r\nContent-Length: 1000000\r\n\r\n");
    world.client_says(body);
    world.wait(2s);
    EXPECT_LE(world.gate().counter("relay_chunks_in_use").value(), 2U * dp::kRelayQueueStart / 2048);
    EXPECT_FALSE(world.client().all_acknowledged());
    world.server().reading = true;
    world.wait(10s);
    EXPECT_TRUE(world.server().heard().ends_with(body));
    world.wait(1s);
    EXPECT_EQ(world.gate().counter("relay_chunks_in_use"), 0U);
}

TEST_F(Flow, OfAStoppedClientStopsItsServer) {
    const std::string body = octets(1'000'000);
    world.client_says(get("allowed.example"));
    world.client().reading = false;
    world.server_says(ok(body));
    world.wait(2s);
    EXPECT_LE(world.gate().counter("relay_chunks_in_use").value(), 2U * dp::kRelayQueueStart / 2048);
    world.client().reading = true;
    world.wait(10s);
    EXPECT_EQ(heard(), ok(body));
}

TEST_F(Flow, LivesThroughAnHourOfAClosedWindow) {
    const std::string body = octets(500'000);
    world.client_says(get("allowed.example"));
    world.client().reading = false;
    world.server_says(ok(body));
    world.wait(1h);
    world.client().reading = true;
    world.wait(2min);
    EXPECT_EQ(heard(), ok(body));
}

class FlowOverBadLinks : public ::testing::TestWithParam<Family> {};

// Each frame is lost by chance.
TEST_P(FlowOverBadLinks, IsByteExact) {
    WorldOptions options;
    options.family = GetParam();
    for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U}) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RelayWorld world(options);
        Rng rng(seed);
        world.link = [&](dp::PortIndex, const wire::PacketView& view) {
            const bool handshake = view.tcp().has(wire::kSyn);
            return handshake || rng.below(100) >= 3;
        };
        const std::string up = octets(120'000), down = octets(150'000);
        world.client_says(
            "PUT / HTTP/1.1\r\nHost: allowed.example\r\nContent-Length: 120000\r\n\r\n");
        world.client_says(up);
        world.wait(20s);
        world.server_says(ok(down));
        world.wait(30s);
        EXPECT_TRUE(world.server().heard().ends_with(up));
        EXPECT_EQ(world.client().take_heard(), ok(down));
        world.client().close();
        world.wait(5s);
        world.server().close();
        world.wait(15s);
        EXPECT_TRUE(world.finish().empty());
    }
}

INSTANTIATE_TEST_SUITE_P(Of, FlowOverBadLinks, ::testing::Values(Family::V4, Family::V6),
                         [](const auto& family) { return family.param == Family::V4 ? "v4" : "v6"; });

TEST_F(Flow, EndsWhenAPeerIsGone) {
    world.client_says(get("allowed.example"));
    world.server_says(ok("1"));
    world.server().silent = true;
    world.client_says(get("allowed.example"));
    world.wait(3min);
    EXPECT_TRUE(world.client().was_reset());
    const auto records = world.take_records();
    ASSERT_EQ(records.size(), 2U);
    EXPECT_EQ(records[1].reason, dp::Reason::UpstreamTimeout);
}

TEST(FlowOfManyRelays, SharesAPoolThatIsTooSmall) {
    WorldOptions options;
    options.gate.relay_bytes = 64 * 1024;
    RelayWorld world(options);
    const std::string body = octets(400'000);
    world.client_says(get("allowed.example"));
    world.server_says(ok(body));
    world.wait(20s);
    EXPECT_EQ(world.client().take_heard(), ok(body));
    EXPECT_TRUE(world.finish().empty());
}

TEST(FlowWithoutOptions, WorksAsWell) {
    WorldOptions options;
    options.client = {.mss = 536, .sack = false, .timestamps = false};
    options.server = {.mss = 536, .sack = false, .timestamps = false};
    RelayWorld world(options);
    const std::string body = octets(200'000);
    world.client_says(get("allowed.example"));
    world.server_says(ok(body));
    world.wait(10s);
    EXPECT_EQ(world.client().take_heard(), ok(body));
    EXPECT_TRUE(world.finish().empty());
}

}  // namespace
}  // namespace sallyport::test

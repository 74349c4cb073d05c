// SPDX-License-Identifier: Apache-2.0
// The memory of relays: it follows what the legs need and what the pool has.
#include "dataplane/session/relay.h"
#include "tests/unit/relay/conversation.h"

namespace sallyport::test {
namespace {

using namespace std::chrono_literals;

WorldOptions far_apart(std::uint64_t relay_bytes) {
    WorldOptions options;
    options.delay = 25ms;
    options.gate.relay_bytes = relay_bytes;
    options.client.window = options.server.window = 2U << 20;
    return options;
}

std::uint64_t held(RelayWorld& world) {
    return world.gate().counter("relay_chunks_in_use").value() * 2048;
}

// Two round trips of 50 ms lie between the ends. With queues of kRelayQueueStart either takes more
// than three seconds.
TEST(Room, GrowsUntilALongWayIsFilled) {
    RelayWorld world(far_apart(64U << 20));
    const std::string body = octets(6'000'000);
    world.client_says(get("allowed.example"));
    world.wait(200ms);
    world.server_says(ok(body));
    std::uint64_t most = 0;
    for (int i = 0; i < 60; ++i) {
        world.wait(25ms);
        most = std::max(most, held(world));
    }
    EXPECT_TRUE(world.client().take_heard() == ok(body));
    EXPECT_GT(most, 2 * dp::kRelayQueueStart);
    EXPECT_LE(most, 2 * dp::kRelayQueueMax);
    EXPECT_TRUE(world.finish().empty());
}

TEST(Room, GrowsForAnUploadAsWell) {
    RelayWorld world(far_apart(64U << 20));
    const std::string body = octets(6'000'000);
    world.client_says("PUT / HTTP/1.1\r\nHost: allowed.example\r\nContent-Length: 6000000\r\n\r\n");
    world.client_says(body);
    world.wait(1700ms);
    EXPECT_TRUE(world.server().heard().ends_with(body));
    EXPECT_TRUE(world.finish().empty());
}

TEST(Room, IsNeverPromisedBeyondThePool) {
    RelayWorld world(far_apart(1U << 20));
    const std::string body = octets(4'000'000);
    world.client_says(get("allowed.example"));
    world.wait(200ms);
    world.server_says(ok(body));
    world.wait(5s);
    EXPECT_TRUE(world.client().take_heard() == ok(body));
    EXPECT_EQ(world.gate().counter("relay_full"), 0U);
    EXPECT_TRUE(world.finish().empty());
}

TEST(Room, OfAReaderThatStopsDoesNotGrow) {
    WorldOptions options = far_apart(64U << 20);
    options.client.window = 64 * 1024;
    RelayWorld world(options);
    world.client_says(get("allowed.example"));
    world.wait(200ms);
    world.client().reading = false;
    world.server_says(ok(octets(6'000'000)));
    world.wait(10s);
    EXPECT_LE(held(world), 512U << 10);
    world.client().reset();
    world.wait(1s);
    EXPECT_EQ(held(world), 0U);
    EXPECT_TRUE(world.finish().empty());
}

TEST(Room, GrowsForPeersWithoutOptions) {
    WorldOptions options = far_apart(64U << 20);
    options.client.timestamps = options.server.timestamps = false;
    options.client.sack = options.server.sack = false;
    RelayWorld world(options);
    const std::string body = octets(4'000'000);
    world.client_says(get("allowed.example"));
    world.wait(200ms);
    world.server_says(ok(body));
    world.wait(1500ms);
    EXPECT_TRUE(world.client().take_heard() == ok(body));
    EXPECT_TRUE(world.finish().empty());
}

}  // namespace
}  // namespace sallyport::test

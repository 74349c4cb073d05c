// SPDX-License-Identifier: Apache-2.0
// A relay over its rate drops nothing: octets wait, windows close, and each octet counts once.
#include "dataplane/session/relay.h"
#include "tests/unit/relay/conversation.h"

namespace sallyport::test {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kRate = 100'000;

class Rate : public RelayTest {
   protected:
    void SetUp() override {
        cfg::Model model = standard_model();
        model.policy.rules[0].limits.rule.bytes_per_second = kRate;
        world.gate().reconfigure(model);
        world.link = [this](dp::PortIndex from, const wire::PacketView& view) {
            if (from == 3) from_server += view.payload_length();
            if (from == 2) from_client += view.payload_length();
            return !lossy || ++frames % 20 != 0;
        };
    }
    std::uint64_t from_server = 0, from_client = 0, frames = 0;
    bool lossy = false;
};

TEST_F(Rate, OfAResponseLetsItWaitWithoutALoss) {
    const std::string body = octets(500'000);
    world.client_says(get("allowed.example"));
    world.server_says(ok(body));
    std::string all = heard();
    EXPECT_LE(all.size(), kRate + 3'000);  // a burst of one second
    for (std::uint64_t second = 1; second <= 3; ++second) {
        world.wait(1s);
        all += heard();
        EXPECT_LE(all.size(), kRate * (second + 1) + 6'000);
        EXPECT_GE(all.size(), kRate * second);
        EXPECT_LE(world.gate().counter("relay_chunks_in_use").value(), dp::kRelayQueueStart / 2048 + 1);
    }
    world.wait(3s);
    EXPECT_TRUE(all + heard() == ok(body));
    EXPECT_EQ(from_server, ok(body).size()) << "what was sent twice was dropped, or acknowledged late";
}

TEST_F(Rate, OfAnUploadLetsItWaitWithoutALoss) {
    const std::string body = octets(400'000);
    const std::string head = "PUT / HTTP/1.1\r\nHost: allowed.example\r\nContent-Length: 400000\r\n\r\n";
    world.client_says(head);
    world.client_says(body);
    world.wait(2s);
    EXPECT_LE(world.server().heard().size(), 3 * kRate + 6'000);
    world.wait(4s);
    EXPECT_TRUE(world.server().heard() == head + body);
    EXPECT_EQ(from_client, head.size() + body.size());
}

TEST_F(Rate, CountsWhatIsSentTwiceOnce) {
    lossy = true;
    const std::string body = octets(400'000);
    world.client_says(get("allowed.example"));
    world.server_says(ok(body));
    world.wait(6s);
    EXPECT_TRUE(heard() == ok(body));
    EXPECT_GT(from_server, ok(body).size());
}

TEST_F(Rate, IsSharedByBothWays) {
    const std::string body = octets(300'000);
    world.client_says("PUT / HTTP/1.1\r\nHost: allowed.example\r\nContent-Length: 300000\r\n\r\n");
    world.server_says(ok(body));
    world.client_says(body);
    world.wait(2s);
    EXPECT_LE(world.server().heard().size() + world.client().heard().size(), 3 * kRate + 9'000);
    world.wait(6s);
    EXPECT_TRUE(world.server().heard().ends_with(body));
    EXPECT_TRUE(heard() == ok(body));
}

TEST_F(Rate, DoesNotHoldAnEndBack) {
    const std::string body = octets(300'000);
    world.client_says(get("allowed.example", "/", "Connection: close\r\n"));
    world.server_says(ok(body, "Connection: close\r\n"));
    world.server().close();
    world.wait(4s);
    EXPECT_TRUE(heard() == ok(body, "Connection: close\r\n"));
    EXPECT_TRUE(world.client().peer_closed());
}

}  // namespace
}  // namespace sallyport::test

// SPDX-License-Identifier: Apache-2.0
// A relay and the end of a budget: every octet that it has is delivered, not one more, and then both
// legs are reset.
#include "tests/unit/relay/conversation.h"

namespace sallyport::test {
namespace {

using namespace std::chrono_literals;

const std::string kRequest = get("allowed.example");
const std::string kHead = "PUT / HTTP/1.1\r\nHost: allowed.example\r\nContent-Length: 400000\r\n\r\n";

// Rests that are smaller than a part of the meter, just as large, and several of them.
constexpr std::size_t kRests[] = {1, 1000, 2919, 2920, 2921, 60'000};

class Budget : public RelayTest {
   protected:
    void set_bytes(std::uint64_t bytes, std::uint64_t a_second = 0) {
        cfg::Model model = standard_model();
        model.policy.rules[0].limits.rule.bytes = bytes;
        model.policy.rules[0].limits.rule.bytes_per_second = a_second;
        world.gate().reconfigure(model);
    }
    void expect_the_end() {
        EXPECT_TRUE(world.client().was_reset());
        EXPECT_TRUE(world.server().was_reset());
        EXPECT_EQ(record().reason, dp::Reason::BudgetExceeded);
        EXPECT_EQ(world.gate().counter("relay_chunks_in_use"), 0U);
    }
};

class BudgetRest : public Budget, public ::testing::WithParamInterface<std::size_t> {};

TEST_P(BudgetRest, OfAResponseIsDelivered) {
    set_bytes(kRequest.size() + GetParam());
    const std::string response = ok(octets(400'000));
    world.client_says(kRequest);
    world.server_says(response);
    world.wait(1s);
    EXPECT_TRUE(heard() == response.substr(0, GetParam()));
    expect_the_end();
}

TEST_P(BudgetRest, OfAnUploadIsDelivered) {
    set_bytes(kHead.size() + GetParam());
    const std::string body = octets(400'000);
    world.client_says(kHead);
    world.client_says(body);
    world.wait(1s);
    EXPECT_TRUE(world.server().heard() == kHead + body.substr(0, GetParam()));
    expect_the_end();
}

TEST_P(BudgetRest, IsDeliveredOverABadLink) {
    set_bytes(kRequest.size() + GetParam());
    unsigned frames = 0;
    world.link = [&](dp::PortIndex, const wire::PacketView& view) {
        return view.tcp().has(wire::kSyn) || ++frames % 4 != 0;
    };
    const std::string response = ok(octets(400'000));
    world.client_says(kRequest);
    world.server_says(response);
    world.wait(2min);
    EXPECT_TRUE(heard() == response.substr(0, GetParam()));
}

TEST_P(BudgetRest, IsDeliveredAtTheRate) {
    set_bytes(kRequest.size() + GetParam(), 10'000);
    const std::string response = ok(octets(400'000));
    world.client_says(kRequest);
    world.server_says(response);
    world.wait(10s);
    EXPECT_TRUE(heard() == response.substr(0, GetParam()));
    expect_the_end();
}

INSTANTIATE_TEST_SUITE_P(Of, BudgetRest, ::testing::ValuesIn(kRests));

TEST_F(Budget, ThatIsUsedToItsLastOctetEndsWithTheNextOne) {
    const std::string response = ok(octets(50'000));
    set_bytes(kRequest.size() + response.size());
    world.client_says(kRequest);
    world.server_says(response);
    world.wait(1s);
    EXPECT_TRUE(heard() == response);
    EXPECT_FALSE(world.client().was_reset());
    EXPECT_EQ(record().reason, dp::Reason::None);
    world.client_says(kRequest);
    world.wait(1s);
    EXPECT_EQ(world.server().heard(), kRequest);
    expect_the_end();
}

TEST_F(Budget, DoesNotWaitForASilentPeerForEver) {
    set_bytes(kRequest.size() + 50'000);
    world.client_says(kRequest);
    world.client().reading = false;
    world.client().silent = true;
    world.server_says(ok(octets(400'000)));
    world.wait(3min);
    EXPECT_TRUE(world.server().was_reset());
    EXPECT_EQ(world.gate().counter("relay_chunks_in_use"), 0U);
}

}  // namespace
}  // namespace sallyport::test

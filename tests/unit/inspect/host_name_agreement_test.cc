// SPDX-License-Identifier: Apache-2.0
// A name on the wire and a name in a rule are read by different code. Where the two disagree, a
// rule would be accepted that never matches, or a name would match that nobody could write down.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "config/host_name.h"
#include "dataplane/inspect/host_name.h"
#include "tcpstack/base/rng.h"

namespace sallyport::dp::inspect {
namespace {

constexpr std::uint64_t kSeed = 3;

// Of the pieces that the checks are about; '*' is a rule's alone.
std::string random_name(Rng& rng) {
    constexpr std::string_view kPieces[] = {"a",  "B",  "z9", "-",  "_", ".", ".", ".", "0x",
                                            "7f", "10", "0",  "::", ":", " ", "/", "%", "\xc3"};
    std::string name;
    for (std::uint32_t pieces = 1 + rng.below(8); pieces-- > 0;)
        name.append(kPieces[rng.below(std::size(kPieces))]);
    if (rng.below(20) == 0) name.append(40 + rng.below(30), 'l');
    if (rng.below(20) == 0)
        for (int i = 0; i < 126; ++i) name.append(".m");
    return name;
}

TEST(HostName, IsTheSameInARule) {
    Rng rng(kSeed);
    int accepted = 0;
    for (int round = 0; round < 200'000; ++round) {
        const std::string raw = random_name(rng);
        HostName wire;
        const std::span octets(reinterpret_cast<const std::uint8_t*>(raw.data()), raw.size());
        const bool on_wire = normalise(octets, wire) == HostNameError::None;
        const auto rule = cfg::parse_host(raw);
        ASSERT_EQ(on_wire, rule.has_value()) << raw << ", seed " << kSeed;
        if (!on_wire) continue;
        ASSERT_EQ(wire.view(), rule->name) << "seed " << kSeed;
        ++accepted;
    }
    EXPECT_GT(accepted, 10'000);
    EXPECT_LT(accepted, 190'000);
}

}  // namespace
}  // namespace sallyport::dp::inspect

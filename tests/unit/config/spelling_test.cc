// SPDX-License-Identifier: Apache-2.0
#include "config/spelling.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace sallyport::cfg {
namespace {

constexpr auto kWords =
    std::to_array<std::string_view>({"name", "sources", "hosts", "protocols", "next_hop"});

TEST(Spelling, FindsTheWordThatWasMeant) {
    EXPECT_EQ(nearest("nmae", kWords), "name");
    EXPECT_EQ(nearest("host", kWords), "hosts");
    EXPECT_EQ(nearest("Sources", kWords), "sources");
    EXPECT_EQ(nearest("next-hop", kWords), "next_hop");
    EXPECT_EQ(nearest("prot", kWords), "protocols");
}

TEST(Spelling, ProposesNothingForWhatIsFar) {
    EXPECT_EQ(nearest("colour", kWords), "");
    EXPECT_EQ(nearest("", kWords), "");
    EXPECT_EQ(nearest(std::string(100000, 'n'), kWords), "");
}

}  // namespace
}  // namespace sallyport::cfg

// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/base/fixed_vector.h"

#include <gmock/gmock.h>

namespace sallyport {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(FixedVector, RefusesWhatDoesNotFitAndChangesNothing) {
    FixedVector<int, 2> v;
    EXPECT_TRUE(v.push_back(1));
    EXPECT_TRUE(v.push_back(2));
    EXPECT_TRUE(v.full());
    EXPECT_FALSE(v.push_back(3));
    EXPECT_FALSE(v.insert(0, 3));
    EXPECT_THAT(v.span(), ElementsAre(1, 2));
}

TEST(FixedVector, InsertsAtFrontMiddleAndEnd) {
    FixedVector<int, 4> v;
    EXPECT_TRUE(v.insert(0, 2));
    EXPECT_TRUE(v.insert(0, 1));
    EXPECT_TRUE(v.insert(2, 4));
    EXPECT_TRUE(v.insert(2, 3));
    EXPECT_THAT(v.span(), ElementsAre(1, 2, 3, 4));
}

TEST(FixedVector, ErasesKeepingTheOrder) {
    FixedVector<int, 4> v;
    for (int i = 1; i <= 4; ++i) EXPECT_TRUE(v.push_back(i));
    v.erase(1);
    EXPECT_THAT(v.span(), ElementsAre(1, 3, 4));
    v.erase(2);
    v.erase(0);
    EXPECT_THAT(v.span(), ElementsAre(3));
    v.clear();
    EXPECT_THAT(v.span(), IsEmpty());
    EXPECT_TRUE(v.empty());
}

}  // namespace
}  // namespace sallyport

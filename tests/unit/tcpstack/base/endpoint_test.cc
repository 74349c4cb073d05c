// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/base/endpoint.h"

#include <gtest/gtest.h>

namespace sallyport {
namespace {

TEST(FourTuple, ReversedIsWhatThePeerWrites) {
    const FourTuple t{*IpAddr::parse("10.0.0.1"), *IpAddr::parse("192.0.2.1"), Port{1234},
                      Port{443}};
    const FourTuple r = t.reversed();
    EXPECT_EQ(r.src, t.dst);
    EXPECT_EQ(r.dst, t.src);
    EXPECT_EQ(r.src_port, t.dst_port);
    EXPECT_EQ(r.dst_port, t.src_port);
    EXPECT_EQ(r.reversed(), t);
    EXPECT_NE(r, t);
}

TEST(Endpoint, DiffersByAddressAndByPort) {
    const Endpoint e{*IpAddr::parse("10.0.0.1"), Port{443}};
    EXPECT_EQ(e, (Endpoint{*IpAddr::parse("10.0.0.1"), Port{443}}));
    EXPECT_NE(e, (Endpoint{*IpAddr::parse("10.0.0.2"), Port{443}}));
    EXPECT_NE(e, (Endpoint{*IpAddr::parse("10.0.0.1"), Port{444}}));
    EXPECT_LT(Port{443}, Port{444});
}

}  // namespace
}  // namespace sallyport

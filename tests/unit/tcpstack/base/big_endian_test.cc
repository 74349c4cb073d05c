// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/base/big_endian.h"

#include <gtest/gtest.h>

namespace sallyport {
namespace {

template <class T>
void expect_octets(BigEndian<T> v, std::initializer_list<std::uint8_t> octets) {
    ASSERT_EQ(sizeof v, octets.size());
    EXPECT_EQ(std::memcmp(&v, octets.begin(), sizeof v), 0);
}

TEST(BigEndian, KeepsTheMostSignificantOctetFirst) {
    expect_octets(Be16{0x0102}, {1, 2});
    expect_octets(Be32{0x01020304}, {1, 2, 3, 4});
    expect_octets(Be64{0x0102030405060708}, {1, 2, 3, 4, 5, 6, 7, 8});
}

TEST(BigEndian, GivesBackWhatWasSet) {
    volatile std::uint32_t raw = 0xdeadbeef;  // not a constant: takes the run-time branch
    Be32 v;
    v.set(raw);
    EXPECT_EQ(v.host(), 0xdeadbeefU);
    static_assert(Be64{0x1122334455667788}.host() == 0x1122334455667788, "and in constants");
}

TEST(BigEndian, CanBeReadAtAnyAddress) {
    const std::uint8_t octets[] = {0xff, 0x12, 0x34, 0x56, 0x78};
    EXPECT_EQ(reinterpret_cast<const Be32*>(octets + 1)->host(), 0x12345678U);
    EXPECT_EQ(reinterpret_cast<const Be16*>(octets + 3)->host(), 0x5678U);
}

}  // namespace
}  // namespace sallyport

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "dataplane/inspect/client_hello.h"
#include "tests/support/client_hello.h"

namespace sallyport::dp::inspect {
namespace {

using namespace test;

const std::string kName = "edition.example";

struct Found {
    SecondHello what;
    std::uint32_t length;
};

Found find(std::span<const std::uint8_t> stream) {
    const Octets exact(stream.begin(), stream.end());
    Octets scratch(stream.size());
    Found found{};
    found.what = find_second_hello(exact, scratch, kName, found.length);
    return found;
}

struct Row {
    std::string description;
    Octets stream;
    SecondHello what;
    std::size_t length;
};

const Octets kCcs{20, 3, 3, 0, 1, 1};
const Octets kEarly = record(Octets(70, 0xab), 23, 0x0303);
const Octets kAlertRecord = record(Octets{2, 40}, 21, 0x0303);
const Octets kSame = record(Hello::of(kName).message());
const Octets kOther = record(Hello::of("else.example").message());
const Octets kNameless = record(Hello::of(kName).drop(0).message());

const Row kRows[] = {
    {"nothing", {}, SecondHello::None, 0},
    {"dummy change of cipher", kCcs, SecondHello::None, 6},
    {"early data", joined({kCcs, kEarly, kEarly}), SecondHello::None, 6 + 75 + 75},
    {"an alert", kAlertRecord, SecondHello::None, 7},
    {"a record header that is cut", joined({kEarly, {23, 3}}), SecondHello::None, 75},
    {"early data that is cut", joined({kCcs, {23, 3, 3, 0, 9, 1}}), SecondHello::None, 6},
    {"a change of cipher of two octets", {20, 3, 3, 0, 2, 1, 1}, SecondHello::Bad, 0},
    {"a change of cipher of value 2", {20, 3, 3, 0, 1, 2}, SecondHello::Bad, 0},
    {"an unknown record type", {24, 3, 3}, SecondHello::Bad, 0},
    {"no TLS", octets_of("GET"), SecondHello::Bad, 0},
    {"another major version", joined({kCcs, {23, 2}}), SecondHello::Bad, 6},
    {"the longest ciphertext", {23, 3, 3, 0x41, 0x00}, SecondHello::None, 0},
    {"a longer ciphertext", {23, 3, 3, 0x41, 0x01}, SecondHello::Bad, 0},
    {"the same name", kSame, SecondHello::SameName, kSame.size()},
    {"the same name behind others", joined({kCcs, kEarly, kSame}), SecondHello::SameName,
     6 + 75 + kSame.size()},
    {"octets behind the second hello do not count", joined({kSame, kEarly}), SecondHello::SameName,
     kSame.size()},
    {"another case of the same name", record(Hello::of("EDITION.example").message()),
     SecondHello::SameName, kSame.size()},
    {"another name", kOther, SecondHello::OtherName, kOther.size()},
    {"another name over many records", records(Hello::of("else.example").message(), 3),
     SecondHello::OtherName, records(Hello::of("else.example").message(), 3).size()},
    {"no name", kNameless, SecondHello::OtherName, kNameless.size()},
    {"an address for a name", record(Hello::of("192.0.2.1").message()), SecondHello::OtherName,
     record(Hello::of("192.0.2.1").message()).size()},
    {"another handshake message", record(Octets{16, 0, 0, 0}), SecondHello::Bad, 0},
    {"an empty handshake record", {22, 3, 3, 0, 0}, SecondHello::Bad, 0},
};

TEST(SecondHello, IsFoundAndJudged) {
    for (const Row& row : kRows) {
        const Found found = find(row.stream);
        EXPECT_EQ(found.what, row.what) << row.description;
        EXPECT_EQ(found.length, row.length) << row.description;
    }
}

TEST(SecondHello, AsksForMoreFromItsFirstOctetToItsLast) {
    const Octets before = joined({kCcs, kEarly});
    const Octets hello = records(Hello::of("else.example").message(), 20);
    const Octets stream = joined({before, hello});
    for (std::size_t length = 0; length <= stream.size(); ++length) {
        const Found found = find(std::span(stream).first(length));
        const SecondHello expected = length <= before.size()  ? SecondHello::None
                                     : length < stream.size() ? SecondHello::NeedMore
                                                              : SecondHello::OtherName;
        ASSERT_EQ(found.what, expected) << length;
    }
}

}  // namespace
}  // namespace sallyport::dp::inspect

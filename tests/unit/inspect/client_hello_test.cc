// SPDX-License-Identifier: Apache-2.0
#include "dataplane/inspect/client_hello.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/client_hello.h"
#include "tests/unit/inspect/parse_hello.h"

namespace sallyport::dp::inspect {
namespace {

using namespace test;

const std::string kName = "edition.example";

struct Row {
    std::string description;
    Octets stream;
    HelloStatus status;
    Reason reason = Reason::None;
};

Octets one_record(const Hello& hello) {
    return record(hello.message());
}
Octets with_server_name(Octets data) {
    return one_record(Hello::of(kName).drop(0).add({0, std::move(data)}));
}
Octets changed(Octets octets, std::size_t at, std::uint8_t value) {
    octets.at(at) = value;
    return octets;
}
Octets without_tail(Octets octets, std::size_t count) {
    octets.resize(octets.size() - count);
    return octets;
}

Hello with_session_id(std::size_t size) {
    Hello hello = Hello::of(kName);
    hello.session_id.resize(size);
    return hello;
}
Hello with_suites(Octets suites) {
    Hello hello = Hello::of(kName);
    hello.suites = std::move(suites);
    return hello;
}
Hello with_compressions(Octets compressions) {
    Hello hello = Hello::of(kName);
    hello.compressions = std::move(compressions);
    return hello;
}
Hello with_version(std::uint16_t version) {
    Hello hello = Hello::of(kName);
    hello.version = version;
    return hello;
}
Octets body_and(Octets tail) {
    Octets body = Hello::of(kName).body();
    put(body, tail);
    return record(joined({{1}, with_length(3, body)}));
}
// The length of the extension block off by `delta`.
Octets block_length_off(int delta) {
    Hello hello = Hello::of(kName);
    const std::size_t block = hello.extension_block().size();
    Octets body = hello.body();
    const std::size_t at = body.size() - block;
    body[at + 1] = static_cast<std::uint8_t>(body[at + 1] + delta);
    return record(joined({{1}, with_length(3, body)}));
}

constexpr auto kBad = HelloStatus::Bad;
constexpr auto kMalformed = Reason::ClientHelloMalformed;

const Row kRows[] = {
    {"nothing yet", {}, HelloStatus::NeedMore},
    {"no TLS: HTTP", octets_of("GET / HTTP/1.1\r\n"), kBad, Reason::ProtocolMismatch},
    {"no TLS at the first octet", {'S'}, kBad, Reason::ProtocolMismatch},
    {"SSLv2 hello", {0x80, 0x2e, 1, 3, 1}, kBad, Reason::ProtocolMismatch},
    {"record major version 2", {22, 2}, kBad, Reason::ProtocolMismatch},
    {"alert first", {21, 3, 3, 0, 2, 1, 0}, kBad, Reason::ProtocolMismatch},
    {"a record that says it is empty", {22, 3, 1, 0, 0}, kBad, kMalformed},
    {"a record of 2^14", {22, 3, 1, 0x40, 0x00}, HelloStatus::NeedMore},
    {"a record of 2^14 + 1", {22, 3, 1, 0x40, 0x01}, kBad, kMalformed},
    {"a handshake message of another type", {22, 3, 1, 0, 9, 2}, kBad, kMalformed},
    {"a message that ends inside its record", {22, 3, 1, 0, 9, 1, 0, 0, 4}, kBad, kMalformed},
    {"an empty message", record(Octets{1, 0, 0, 0}), kBad, kMalformed},
    {"octets behind the message in its record", record(joined({Hello::of(kName).message(), {0}})),
     kBad, kMalformed},
    {"octets behind the message in its second record",
     records_cut(joined({Hello::of(kName).message(), {0}}), 40), kBad, kMalformed},
    {"a change of type between the fragments", joined({record(Octets{1, 0}), {23}}), kBad,
     kMalformed},
    {"a change of major version between the fragments", joined({record(Octets{1, 0}), {22, 2}}),
     kBad, kMalformed},
    {"hello version major 2", one_record(with_version(0x02ff)), kBad, kMalformed},
    {"hello version major 4", one_record(with_version(0x0400)), kBad, kMalformed},
    {"session id of 32", one_record(with_session_id(32)), HelloStatus::Done},
    {"session id of 33", one_record(with_session_id(33)), kBad, kMalformed},
    {"no cipher suite", one_record(with_suites({})), kBad, kMalformed},
    {"half a cipher suite", one_record(with_suites({0x13, 0x01, 0x13})), kBad, kMalformed},
    {"no compression method", one_record(with_compressions({})), kBad, kMalformed},
    {"the null compression is missing", one_record(with_compressions({1})), kBad, kMalformed},
    {"deflate and null", one_record(with_compressions({1, 0})), HelloStatus::Done},
    {"octets behind the extensions", body_and({0}), kBad, kMalformed},
    {"extension block one too long", block_length_off(1), kBad, kMalformed},
    {"extension block one too short", block_length_off(-1), kBad, kMalformed},
    {"a body that ends in the random", record(Octets{1, 0, 0, 3, 3, 3, 0}), kBad, kMalformed},
    {"no extension at all", one_record(Hello{}), kBad, Reason::NoSni},
    {"extensions without a name", one_record(Hello::of(kName).drop(0)), kBad, Reason::NoSni},
    {"a second server_name", one_record(Hello::of(kName).add(server_name("a.b"))), kBad,
     kMalformed},
    {"the same unknown extension twice",
     one_record(Hello::of(kName).add({0xfafa, {}}).add({0xfafa, {}})), kBad, kMalformed},
    {"two different unknown extensions",
     one_record(Hello::of(kName).add({0xfafa, {}}).add({0xfafb, {}})), HelloStatus::Done},
    {"pre_shared_key last", one_record(Hello::of(kName).add({41, {1}})), HelloStatus::Done},
    {"an extension behind pre_shared_key",
     one_record(Hello::of(kName).add({41, {1}}).add({0xfafa, {}})), kBad, kMalformed},
    {"server_name without data", with_server_name({}), kBad, kMalformed},
    {"server_name with an empty list", with_server_name({0, 0}), kBad, kMalformed},
    {"octets behind the list", with_server_name(joined({with_length(2, name_entry("a.b")), {0}})),
     kBad, kMalformed},
    {"a list longer than its extension", with_server_name({0, 5, 0, 0, 1, 'a'}), kBad, kMalformed},
    {"a name longer than its list", with_server_name({0, 4, 0, 0, 2, 'a'}), kBad, kMalformed},
    {"an empty name", with_server_name({0, 3, 0, 0, 0}), kBad, Reason::SniInvalid},
    {"another type of name", with_server_name(with_length(2, name_entry("a.b", 1))), kBad,
     Reason::SniInvalid},
    {"two names", with_server_name(with_length(2, joined({name_entry("a.b"), name_entry("c.d")}))),
     kBad, Reason::SniInvalid},
    {"an octet behind the name", with_server_name(with_length(2, joined({name_entry("a.b"), {0}}))),
     kBad, Reason::SniInvalid},
    {"an IPv4 address", one_record(Hello::of("192.0.2.1")), kBad, Reason::IpLiteral},
    {"an IPv6 address", one_record(Hello::of("2001:db8::1")), kBad, Reason::IpLiteral},
    {"a good hello", one_record(Hello::of(kName)), HelloStatus::Done},
    {"all but the last octet", without_tail(one_record(Hello::of(kName)), 1),
     HelloStatus::NeedMore},
    {"record version 3.0", changed(one_record(Hello::of(kName)), 2, 0), HelloStatus::Done},
    {"record version 3.153", changed(one_record(Hello::of(kName)), 2, 0x99), HelloStatus::Done},
};

TEST(ClientHello, IsTakenOrRefused) {
    for (const Row& row : kRows) {
        const Parsed parsed = parse(row.stream);
        EXPECT_EQ(parsed.result.status, row.status) << row.description;
        EXPECT_EQ(text(parsed.result.reason), text(row.reason)) << row.description;
        if (row.status != HelloStatus::Done) continue;
        EXPECT_EQ(parsed.name(), kName) << row.description;
        EXPECT_EQ(parsed.hello.length, row.stream.size()) << row.description;
    }
}

TEST(ClientHello, FoldsTheCaseOfTheName) {
    EXPECT_EQ(parse(one_record(Hello::of("Edition.EXAMPLE."))).name(), kName);
}

TEST(ClientHello, TellsEarlyDataAndEncryptedHello) {
    const Parsed plain = parse(one_record(Hello::of(kName)));
    EXPECT_FALSE(plain.hello.early_data);
    EXPECT_FALSE(plain.hello.ech);
    const Parsed early = parse(one_record(Hello::of(kName).add({42, {}})));
    EXPECT_TRUE(early.hello.early_data);
    EXPECT_FALSE(early.hello.ech);
    const Parsed ech = parse(one_record(Hello::of(kName).drop(0).add({0xfe0d, Octets(100)})));
    EXPECT_TRUE(ech.hello.ech) << "known even when there is no outer name";
    EXPECT_EQ(text(ech.result.reason), text(Reason::NoSni));
}

TEST(ClientHello, CountsOnlyItsOwnRecords) {
    const Octets first = records(Hello::of(kName).message(), 50);
    const Parsed parsed = parse(joined({first, record(Octets(30), 23)}));
    ASSERT_EQ(parsed.result.status, HelloStatus::Done);
    EXPECT_EQ(parsed.hello.length, first.size());
}

TEST(ClientHello, LeavesTheScratchAloneWhenOneRecordHoldsIt) {
    const Octets stream = one_record(Hello::post_quantum(kName));
    Octets scratch(stream.size(), 0xee);
    ClientHello hello;
    EXPECT_EQ(parse_client_hello(stream, scratch, hello).status, HelloStatus::Done);
    EXPECT_EQ(scratch, Octets(stream.size(), 0xee));
}

TEST(ClientHello, HasNoLimitOfItsOwnOnItsLength) {
    Hello hello = Hello::of(kName).drop(0).add(padding(60'000)).add(server_name(kName));
    EXPECT_EQ(parse(records(hello.message(), 1U << 14)).name(), kName);
    const Octets endless{22, 3, 1, 0x40, 0, 1, 0xff, 0xff, 0xff};
    EXPECT_EQ(parse(endless).result.status, HelloStatus::NeedMore);
}

TEST(ClientHello, TakesAsManyExtensionsAsFit) {
    Hello hello = Hello::of(kName);
    for (std::uint16_t type = 100; type < 3100; ++type) hello.add({type, {}});
    EXPECT_EQ(parse(one_record(hello)).name(), kName);
    hello.add({3099, {}});
    EXPECT_EQ(text(parse(one_record(hello)).result.reason), text(kMalformed));
}

}  // namespace
}  // namespace sallyport::dp::inspect

// SPDX-License-Identifier: Apache-2.0
#include "dataplane/inspect/server_hello.h"

#include <gtest/gtest.h>
#include <openssl/sha.h>

#include <string>

#include "tests/support/client_hello.h"

namespace sallyport::dp::inspect {
namespace {

using namespace test;

// RFC 8446 section 4.1.3: computed here, written out in the code under test.
Octets retry_random() {
    const Octets text = octets_of("HelloRetryRequest");
    Octets digest(SHA256_DIGEST_LENGTH);
    SHA256(text.data(), text.size(), digest.data());
    return digest;
}

Octets server_hello(const Octets& random, std::uint8_t type = 2, std::uint16_t version = 0x0303) {
    Octets body;
    put(body, 2, version);
    put(body, random);
    put(body, Octets{0, 0x13, 0x01, 0, 0, 6, 0, 43, 0, 2, 3, 4});
    return joined({{type}, with_length(3, body)});
}

struct Row {
    std::string description;
    Octets stream;
    ServerFirst what;
};

const Octets kPlain = record(server_hello(Octets(32, 0x42)));
const Octets kRetry = record(server_hello(retry_random()));
Octets nearly_retry() {
    Octets random = retry_random();
    random.back() ^= 1;
    return record(server_hello(random));
}

const Row kRows[] = {
    {"nothing", {}, ServerFirst::NeedMore},
    {"a ServerHello", kPlain, ServerFirst::ServerHello},
    {"a HelloRetryRequest", kRetry, ServerFirst::HelloRetryRequest},
    {"a random that differs in the last bit", nearly_retry(), ServerFirst::ServerHello},
    {"a ServerHello with more behind it", joined({kPlain, record(Octets(900), 23)}),
     ServerFirst::ServerHello},
    {"half an alert header", {21}, ServerFirst::NeedMore},
    {"an alert", {21, 3, 3, 0, 2, 2, 40}, ServerFirst::Alert},
    {"an alert of another major version", {21, 2}, ServerFirst::NotTls},
    {"HTTP", octets_of("HTTP/1.1 400"), ServerFirst::NotTls},
    {"SMTP", octets_of("2"), ServerFirst::NotTls},
    {"early application data", {23}, ServerFirst::NotTls},
    {"another major version", {22, 2}, ServerFirst::NotTls},
    {"another handshake message", {22, 3, 3, 0, 80, 11}, ServerFirst::NotTls},
    {"hello version of another major", record(server_hello(Octets(32), 2, 0x0203)),
     ServerFirst::NotTls},
    {"an empty record", {22, 3, 3, 0, 0}, ServerFirst::NotTls},
    {"a record above 2^14", {22, 3, 3, 0x40, 1}, ServerFirst::NotTls},
    {"a message that cannot hold the random", {22, 3, 3, 0, 80, 2, 0, 0, 33}, ServerFirst::NotTls},
    {"a first fragment that ends in the random",
     records_cut(server_hello(Octets(32)), kServerHelloPrefix - 5 - 1), ServerFirst::NotTls},
    {"a first fragment that ends with the random",
     records_cut(server_hello(Octets(32)), kServerHelloPrefix - 5), ServerFirst::ServerHello},
};

TEST(ServerFirst, IsRecognised) {
    for (const Row& row : kRows)
        EXPECT_EQ(classify_server_first(Octets(row.stream)), row.what) << row.description;
}

TEST(ServerFirst, IsDecidedByExactlyThePromisedOctets) {
    for (const Octets& stream : {kPlain, kRetry}) {
        const ServerFirst whole = classify_server_first(stream);
        for (std::size_t length = 0; length < stream.size(); ++length) {
            const Octets prefix(stream.begin(),
                                stream.begin() + static_cast<std::ptrdiff_t>(length));
            const bool enough = length >= kServerHelloPrefix;
            ASSERT_EQ(classify_server_first(prefix), enough ? whole : ServerFirst::NeedMore)
                << length;
        }
    }
}

}  // namespace
}  // namespace sallyport::dp::inspect

// SPDX-License-Identifier: Apache-2.0
// However a hello is cut, into records or in time, the result is the same.
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "tcpstack/base/rng.h"
#include "tests/support/client_hello.h"
#include "tests/unit/inspect/captured_hellos.h"
#include "tests/unit/inspect/parse_hello.h"

namespace sallyport::dp::inspect {
namespace {

using namespace test;

struct Sample {
    std::string description;
    Octets stream;  // one record
    Octets message() const { return {stream.begin() + 5, stream.end()}; }
};

// What OpenSSL writes when it begins to connect, caught in memory.
Octets openssl_hello(int version) {
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(
        SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    SSL_CTX_set_max_proto_version(context.get(), version);
    const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), SSL_free);
    BIO* written = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), written);
    std::string name(kCapturedName);
    SSL_ctrl(ssl.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
    SSL_connect(ssl.get());
    Octets out(BIO_ctrl_pending(written));
    BIO_read(written, out.data(), static_cast<int>(out.size()));
    return out;
}

std::vector<Sample> samples() {
    std::vector<Sample> all{
        {"OpenSSL 3, TLS 1.3", openssl_hello(TLS1_3_VERSION)},
        {"OpenSSL 3, TLS 1.2", openssl_hello(TLS1_2_VERSION)},
        {"post-quantum key share", record(Hello::post_quantum(kCapturedName).message())}};
    for (const Capture& capture : kCaptures)
        all.push_back({std::string(capture.client), from_hex(capture.hex)});
    return all;
}

void expect_name(const Octets& stream, const std::string& description) {
    const Parsed parsed = parse(stream);
    ASSERT_EQ(parsed.result.status, HelloStatus::Done) << description;
    ASSERT_EQ(parsed.name(), kCapturedName) << description;
    ASSERT_EQ(parsed.hello.length, stream.size()) << description;
}

TEST(ClientHelloCuts, EverySampleNamesItsServer) {
    for (const Sample& sample : samples()) {
        ASSERT_GT(sample.stream.size(), 200U) << sample.description;
        expect_name(sample.stream, sample.description);
    }
}

TEST(ClientHelloCuts, ThePostQuantumHelloNeedsTwoSegments) {
    const Octets stream = record(Hello::post_quantum(kCapturedName).message());
    EXPECT_GT(stream.size(), 1460U);
    EXPECT_LT(stream.size(), 2 * 1460U);
}

TEST(ClientHelloCuts, EveryCutIntoTwoRecordsGivesTheSame) {
    for (const Sample& sample : samples())
        for (std::size_t cut = 1; cut < sample.message().size(); ++cut)
            expect_name(records_cut(sample.message(), cut), sample.description);
}

TEST(ClientHelloCuts, EverySizeOfRecordGivesTheSame) {
    for (const Sample& sample : samples())
        for (std::size_t size = 1; size <= sample.message().size(); size += 1 + size / 8)
            expect_name(records(sample.message(), size), sample.description);
}

// In every record layout: nothing before the last octet, everything with it.
TEST(ClientHelloCuts, EveryPrefixAsksForMore) {
    for (const Sample& sample : samples()) {
        for (const std::size_t size : {1UL, 7UL, 16384UL}) {
            const Octets stream = records(sample.message(), size);
            for (std::size_t length = 0; length < stream.size(); ++length) {
                const auto prefix = std::span(stream).first(length);
                ASSERT_EQ(parse(prefix).result.status, HelloStatus::NeedMore)
                    << sample.description << " at " << length;
            }
        }
    }
}

TEST(ClientHelloCuts, NothingBehindTheHelloChangesTheResult) {
    Rng rng(1);
    for (const Sample& sample : samples()) {
        for (unsigned first = 0; first < 256; ++first) {
            Octets stream = sample.stream;
            stream.push_back(static_cast<std::uint8_t>(first));
            for (int i = 0; i < 20; ++i) stream.push_back(static_cast<std::uint8_t>(rng.next()));
            const Parsed parsed = parse(stream);
            ASSERT_EQ(parsed.name(), kCapturedName) << sample.description;
            ASSERT_EQ(parsed.hello.length, sample.stream.size()) << sample.description;
        }
    }
}

bool same(const Parsed& a, const Parsed& b) {
    return a.result.status == b.result.status && a.result.reason == b.result.reason &&
           (a.result.status != HelloStatus::Done || a.name() == b.name());
}

// Damaged hellos: whatever a prefix said other than "more", the whole says too.
TEST(ClientHelloCuts, AResultNeverChangesWhenMoreOctetsFollow) {
    constexpr std::uint64_t kSeed = 20;
    Rng rng(kSeed);
    const std::vector<Sample> all = samples();
    int refused = 0;
    for (int round = 0; round < 300; ++round) {
        Octets stream = records(all[rng.below(7)].message(), 1 + rng.below(600));
        for (std::uint32_t changes = rng.below(3); changes-- > 0;)
            stream[rng.below(static_cast<std::uint32_t>(stream.size()))] ^=
                static_cast<std::uint8_t>(1U << rng.below(8));
        const Parsed whole = parse(stream);
        refused += whole.result.status == HelloStatus::Bad;
        for (std::size_t length = 0; length < stream.size(); length += 1 + rng.below(8)) {
            const Parsed part = parse(std::span(stream).first(length));
            if (part.result.status == HelloStatus::NeedMore) continue;
            ASSERT_TRUE(same(part, whole)) << "seed " << kSeed << " round " << round;
        }
    }
    EXPECT_GT(refused, 30) << "the damage must reach what is checked";
}

}  // namespace
}  // namespace sallyport::dp::inspect

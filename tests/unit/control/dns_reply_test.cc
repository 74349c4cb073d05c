// SPDX-License-Identifier: Apache-2.0
#include "control/dns_reply.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>

#include "dataplane/resolve/messages.h"
#include "tests/support/dns_server.h"

namespace sallyport::ctl {
namespace {

using std::chrono::seconds;
using test::a_record;
using test::aaaa_record;
using test::cname_record;
using test::DnsScript;
using test::soa_record;
using Kind = DnsReply::Kind;

const std::string kName = "www.example.com";

IpAddr ip(const std::string& text) { return IpAddr::parse(text).value(); }

std::vector<std::uint8_t> message(const DnsScript& script, std::uint16_t type = kTypeA) {
    return test::dns_reply_to(test::dns_query(kName, type), script, true);
}
DnsReply read(const DnsScript& script, std::uint16_t type = kTypeA) {
    return read_reply(message(script, type), kName, type);
}
DnsReply read_records(std::vector<test::DnsRecord> answers) {
    return read({.answers = std::move(answers), .authority = {}});
}
DnsReply found(std::vector<std::string> addresses, seconds ttl) {
    DnsReply out{.kind = Kind::Found, .addresses = {}, .ttl = ttl};
    for (const std::string& a : addresses) out.addresses.push_back(ip(a));
    return out;
}

TEST(DnsReply, GivesAddressesAndTheirSmallestTtl) {
    const DnsReply r = read_records({a_record(kName, "192.0.2.1", 60), a_record(kName, "192.0.2.2", 50)});
    EXPECT_EQ(r.kind, Kind::Found);
    EXPECT_EQ(r.addresses, (std::vector{ip("192.0.2.1"), ip("192.0.2.2")}));
    EXPECT_EQ(r.ttl, seconds(50));
}

TEST(DnsReply, ReadsBothTypes) {
    const DnsReply r =
        read({.answers = {aaaa_record(kName, "2001:db8::1", 7)}, .authority = {}}, kTypeAaaa);
    EXPECT_EQ(r.addresses, std::vector{ip("2001:db8::1")});
    EXPECT_EQ(r.ttl, seconds(7));
}

TEST(DnsReply, FollowsAliasesInAnyOrderAndCase) {
    const DnsReply r = read_records({a_record("EDGE.cdn.example", "192.0.2.1", 300),
                             cname_record("b.example", "edge.CDN.example", 20),
                             cname_record("WWW.example.com", "b.example", 100)});
    EXPECT_EQ(r.addresses, std::vector{ip("192.0.2.1")});
    EXPECT_EQ(r.ttl, seconds(20));
}

TEST(DnsReply, LooksAtNothingBesideTheChain) {
    const DnsReply r = read_records({a_record("evil.example", "6.6.6.6"), a_record(kName, "192.0.2.1"),
                             cname_record("other.example", "evil.example")});
    EXPECT_EQ(r.addresses, std::vector{ip("192.0.2.1")});
    EXPECT_EQ(read_records({a_record("evil.example", "6.6.6.6")}).kind, Kind::NoData);
}

TEST(DnsReply, BoundsTheChain) {
    const auto chain = [](int length) {
        std::vector<test::DnsRecord> answers;
        std::string from = kName;
        for (int i = 0; i < length; ++i) {
            const std::string to = "n" + std::to_string(i) + ".example";
            answers.push_back(cname_record(from, to));
            from = to;
        }
        answers.push_back(a_record(from, "192.0.2.1"));
        return answers;
    };
    EXPECT_EQ(read_records(chain(kAliasesMax)).kind, Kind::Found);
    EXPECT_EQ(read_records(chain(kAliasesMax + 1)).kind, Kind::Unusable);
    EXPECT_EQ(read_records({cname_record(kName, "b.example"), cname_record("b.example", kName)}).kind,
              Kind::Unusable);
    EXPECT_EQ(read_records({cname_record(kName, kName)}).kind, Kind::Unusable);
}

TEST(DnsReply, TellsNoNameFromNoData) {
    const DnsReply none = read({.code = 3, .answers = {}, .authority = {}});
    EXPECT_EQ(none.kind, Kind::NoName);
    EXPECT_EQ(none.ttl, std::nullopt);
    EXPECT_EQ(read({.answers = {}, .authority = {}}).kind, Kind::NoData);
    EXPECT_EQ(read({.code = 3, .answers = {cname_record(kName, "b.example")}, .authority = {}}).kind,
              Kind::NoName);
}

TEST(DnsReply, TakesTheNegativeTtlFromTheSoaRecord) {
    const auto ttl = [](std::uint32_t minimum, std::uint32_t own) {
        return read({.code = 3, .answers = {}, .authority = {soa_record("example.com", minimum, own)}})
            .ttl;
    };
    EXPECT_EQ(ttl(30, 900), seconds(30));
    EXPECT_EQ(ttl(900, 30), seconds(30));
    EXPECT_EQ(read({.answers = {}, .authority = {soa_record("example.com", 40, 900)}}).ttl,
              seconds(40));
}

TEST(DnsReply, ErrorsOfTheServerAreNoAnswer) {
    for (const std::uint8_t code : std::to_array<std::uint8_t>({1, 2, 4, 5}))
        EXPECT_EQ(read({.code = code, .answers = {a_record(kName, "192.0.2.1")}, .authority = {}}).kind,
                  Kind::Unusable);
}

TEST(DnsReply, ATtlWithItsHighestBitSetIsZero) {
    EXPECT_EQ(read_records({a_record(kName, "192.0.2.1", 0x8000'0000)}).ttl, seconds(0));
}

TEST(DnsReply, AddressesOfTheWrongLengthSpoilTheReply) {
    test::DnsRecord r = a_record(kName, "192.0.2.1");
    r.data.pop_back();
    EXPECT_EQ(read_records({r}).kind, Kind::Unusable);
}

// Cut anywhere, and with each octet changed: never a crash, and never an address from beyond the
// message (the sanitizers watch).
TEST(DnsReply, SurvivesEveryCutAndEveryChangedOctet) {
    const auto whole = message({.answers = {cname_record(kName, "b.example"),
                                            a_record("b.example", "192.0.2.1")},
                                .authority = {soa_record("example.com", 1, 2)}});
    for (std::size_t n = 0; n < whole.size(); ++n) {
        const std::vector<std::uint8_t> part(whole.begin(),
                                             whole.begin() + static_cast<std::ptrdiff_t>(n));
        EXPECT_EQ(read_reply(part, kName, kTypeA).kind, Kind::Unusable) << n;
    }
    for (std::size_t at = 0; at < whole.size(); ++at)
        for (const int value : {0, 1, 0x3f, 0x40, 0xc0, 0xff}) {
            auto changed = whole;
            changed[at] = static_cast<std::uint8_t>(value);
            (void)read_reply(changed, kName, kTypeA);
        }
}

TEST(DnsReplies, OneFoundIsFound) {
    const DnsReply a = found({"192.0.2.1"}, seconds(60)), aaaa = found({"2001:db8::1"}, seconds(20));
    const DnsReply both = joined(a, aaaa);
    EXPECT_EQ(both.addresses, (std::vector{ip("192.0.2.1"), ip("2001:db8::1")}));
    EXPECT_EQ(both.ttl, seconds(20));
    EXPECT_EQ(joined(a, {}).kind, Kind::Found);
    EXPECT_EQ(joined({}, aaaa).addresses, aaaa.addresses);
    const DnsReply no_data{.kind = Kind::NoData, .addresses = {}, .ttl = seconds(1)};
    EXPECT_EQ(joined(a, no_data).ttl, seconds(60));
}

TEST(DnsReplies, NegativeOnlyWithoutDoubt) {
    const DnsReply no_data{.kind = Kind::NoData, .addresses = {}, .ttl = seconds(40)};
    const DnsReply no_name{.kind = Kind::NoName, .addresses = {}, .ttl = seconds(30)};
    EXPECT_EQ(joined(no_data, no_data).kind, Kind::NoData);
    EXPECT_EQ(joined(no_name, no_name).kind, Kind::NoName);
    EXPECT_EQ(joined(no_name, {}).kind, Kind::NoName);
    EXPECT_EQ(joined(no_data, {}).kind, Kind::Unusable);
    EXPECT_EQ(joined({}, {}).kind, Kind::Unusable);
    EXPECT_EQ(joined(no_data, no_name).ttl, seconds(30));
}

TEST(DnsReplies, NeitherTypePushesTheOtherOut) {
    DnsReply a = found({}, seconds(9)), aaaa = found({}, seconds(9));
    for (int i = 0; i < 100; ++i) {
        a.addresses.push_back(ip("10.0.0." + std::to_string(i)));
        aaaa.addresses.push_back(ip("2001:db8::" + std::to_string(i)));
    }
    const auto v4 = [](const DnsReply& r) {
        return std::ranges::count_if(r.addresses, [](const IpAddr& x) { return x.is_v4(); });
    };
    EXPECT_EQ(joined(a, aaaa).addresses.size(), dp::kAnswerAddressesMax);
    EXPECT_EQ(v4(joined(a, aaaa)), 16);
    EXPECT_EQ(v4(joined(a, {})), 32);
    EXPECT_EQ(joined({}, aaaa).addresses.size(), 32U);
    aaaa.addresses.resize(2);
    EXPECT_EQ(v4(joined(a, aaaa)), 30);
}

}  // namespace
}  // namespace sallyport::ctl

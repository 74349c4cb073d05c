// SPDX-License-Identifier: Apache-2.0
// Ways to hide a name in a ClientHello, each judged twice: only the real name is allowed, and only
// the other one. What must work is allowed by the first policy and denied by the second. What
// servers read differently is denied by both, and by a policy that allows both names too.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/client_hello.h"
#include "tests/unit/inspect/parse_hello.h"
#include "tests/unit/policy/rules.h"

namespace sallyport::dp::inspect {
namespace {

using namespace test;

const std::string kReal = "real.example", kFake = "fake.example";

enum class Outcome : std::uint8_t { Undecided, Allowed, Denied };

Outcome by_policy(const policy::PolicyTable& table, std::string_view name) {
    const policy::Query query{address("10.10.0.5"), name, Port{443}, policy::AppProtocol::Tls};
    const bool allowed = table.match(query).decision == policy::Decision::Allow;
    return allowed ? Outcome::Allowed : Outcome::Denied;
}

// As a session does: the first hello decides, and a second one must not name another server.
Outcome judge(std::span<const std::uint8_t> stream, const policy::PolicyTable& table) {
    const Parsed parsed = parse(stream);
    if (parsed.result.status == HelloStatus::NeedMore) return Outcome::Undecided;
    if (parsed.result.status == HelloStatus::Bad) return Outcome::Denied;
    if (by_policy(table, parsed.name()) == Outcome::Denied) return Outcome::Denied;

    Octets scratch(stream.size());
    std::uint32_t length = 0;
    switch (
        find_second_hello(stream.subspan(parsed.hello.length), scratch, parsed.name(), length)) {
        case SecondHello::None:
        case SecondHello::SameName: return Outcome::Allowed;
        case SecondHello::NeedMore: return Outcome::Undecided;
        case SecondHello::OtherName:
        case SecondHello::Bad: return Outcome::Denied;
    }
    __builtin_unreachable();
}

enum class Safe : std::uint8_t { MustWork, Deny, Wait };

struct Recipe {
    std::string id, description;
    Octets stream;
    Safe safe;
};

Octets real() {
    return record(Hello::of(kReal).message());
}
Octets real_message() {
    return Hello::of(kReal).message();
}
std::size_t name_at() {
    const Octets message = real_message(), name = octets_of(kReal);
    const auto at = std::search(message.begin(), message.end(), name.begin(), name.end());
    return static_cast<std::size_t>(at - message.begin());
}
Octets named(std::string_view name) {
    return record(Hello::of(name).message());
}
Octets with_list(Octets entries) {
    return record(Hello::of(kReal).drop(0).add({0, with_length(2, entries)}).message());
}
Octets without_name() {
    return record(Hello::of(kReal).drop(0).message());
}
Octets with_record_version(std::uint16_t version) {
    return record(real_message(), 22, version);
}

// The octet at `at` of the real hello's record raised by `delta`.
Octets off(std::size_t at, int delta) {
    Octets stream = real();
    stream.at(at) = static_cast<std::uint8_t>(stream.at(at) + delta);
    return stream;
}
std::size_t in_record(std::size_t at_message) {
    return 5 + at_message;
}

Octets between_fragments(const Octets& what) {
    const Octets all = real_message();
    return joined({record(std::span(all).first(name_at() + 3)), what,
                   record(std::span(all).subspan(name_at() + 3))});
}
Octets padded(std::size_t size) {
    Hello hello = Hello::of(kReal).drop(0).add(padding(size)).add(server_name(kReal));
    return records(hello.message(), 1U << 14);
}
Octets first_octets(Octets stream, std::size_t count) {
    stream.resize(std::min(count, stream.size()));
    return stream;
}
Hello with_session_id() {
    Hello hello = Hello::of(kReal);
    hello.session_id = Octets(32, 9);
    return hello;
}

const Octets kEmptyRecord{22, 3, 1, 0, 0};
const Octets kCcs{20, 3, 3, 0, 1, 1};
constexpr std::size_t kHelloBytes = 16 * 1024;  // default of tcp.hello_bytes

std::vector<Recipe> recipes() {
    const std::size_t name = name_at();
    return {
        {"A01", "baseline", real(), Safe::MustWork},
        {"A02", "record cut in the name", records_cut(real_message(), name + 3), Safe::MustWork},
        {"A03", "records of one octet", records(real_message(), 1), Safe::MustWork},
        {"A04", "record cut behind the first octet", records_cut(real_message(), 1),
         Safe::MustWork},
        {"A05", "record cut behind four octets", records_cut(real_message(), 4), Safe::MustWork},
        {"A06", "last octet alone", records_cut(real_message(), real_message().size() - 1),
         Safe::MustWork},
        {"A07", "empty handshake record first", joined({kEmptyRecord, real()}), Safe::Deny},
        {"A08", "empty handshake record between", between_fragments(kEmptyRecord), Safe::Deny},
        {"A09", "record version 0300", with_record_version(0x0300), Safe::MustWork},
        {"A10", "record version 0304", with_record_version(0x0304), Safe::MustWork},
        {"A11", "record version 0399", with_record_version(0x0399), Safe::MustWork},
        {"A12", "record version 0201", with_record_version(0x0201), Safe::Deny},
        {"A13", "warning alert first", joined({record(Octets{1, 112}, 21), real()}), Safe::Deny},
        {"A14", "change of cipher first", joined({kCcs, real()}), Safe::Deny},
        {"A15", "change of cipher between fragments", between_fragments(kCcs), Safe::Deny},
        {"A16", "application data first", joined({record(Octets(9), 23), real()}), Safe::Deny},
        {"A16", "application data between fragments", between_fragments(record(Octets(9), 23)),
         Safe::Deny},
        {"A17", "no name", without_name(), Safe::Deny},
        {"A18", "name in the last extension",
         record(Hello::of(kReal).drop(0).add(server_name(kReal)).message()), Safe::MustWork},
        {"A19", "two names, the real one first",
         with_list(joined({name_entry(kReal), name_entry(kFake)})), Safe::Deny},
        {"A19", "two names, the real one last",
         with_list(joined({name_entry(kFake), name_entry(kReal)})), Safe::Deny},
        {"A19", "the same name twice", with_list(joined({name_entry(kReal), name_entry(kReal)})),
         Safe::Deny},
        {"6066", "two server_name extensions",
         record(Hello::of(kReal).add(server_name(kFake)).message()), Safe::Deny},
        {"6066", "two equal server_name extensions",
         record(Hello::of(kReal).add(server_name(kReal)).message()), Safe::Deny},
        {"A21", "another type of name", with_list(name_entry(kReal, 1)), Safe::Deny},
        {"A21", "another type of name before the real one",
         with_list(joined({name_entry(kFake, 1), name_entry(kReal)})), Safe::Deny},
        {"A22", "empty name", with_list(name_entry("")), Safe::Deny},
        {"A22", "empty list", with_list({}), Safe::Deny},
        {"A24", "upper case", named("REAL.Example"), Safe::MustWork},
        {"A25", "trailing dot", named(kReal + "."), Safe::MustWork},
        {"A25", "two trailing dots", named(kReal + ".."), Safe::Deny},
        {"6066", "NUL behind the name", named(kReal + std::string(1, '\0')), Safe::Deny},
        {"6066", "NUL between two names", named(kReal + std::string(1, '\0') + kFake), Safe::Deny},
        {"A27", "IPv4 address", named("192.0.2.1"), Safe::Deny},
        {"A27", "IPv4 address as a number", named("3221225985"), Safe::Deny},
        {"A27", "IPv6 address", named("2001:db8::1"), Safe::Deny},
        {"A28", "name of 256 octets", named(std::string(244, 'a') + kReal), Safe::Deny},
        {"A29", "trailing space", named(kReal + " "), Safe::Deny},
        {"A30", "UTF-8",
         named("r\xc3\xa9"
               "al.example"),
         Safe::Deny},
        {"A31", "port behind the name", named(kReal + ":443"), Safe::Deny},
        {"A32", "record length one less", off(4, -1), Safe::Deny},
        {"A32", "record length one more", off(4, 1), Safe::Deny},
        {"A33", "handshake length one less", off(in_record(3), -1), Safe::Deny},
        {"A34", "extension length one less", off(in_record(name - 6), -1), Safe::Deny},
        {"A34", "extension length one more", off(in_record(name - 6), 1), Safe::Deny},
        {"A35", "list length one less", off(in_record(name - 4), -1), Safe::Deny},
        {"A35", "list length one more", off(in_record(name - 4), 1), Safe::Deny},
        {"A36", "name length one less", off(in_record(name - 1), -1), Safe::Deny},
        {"A36", "name length one more", off(in_record(name - 1), 1), Safe::Deny},
        {"A37", "handshake length one more", off(in_record(3), 1), Safe::Wait},
        {"A37", "handshake length one more, and an octet for it",
         joined({off(in_record(3), 1), record(Octets{0})}), Safe::Deny},
        {"A38", "octets behind the message in its record", record(joined({real_message(), {0, 0}})),
         Safe::Deny},
        {"A38", "another hello behind the message in its record",
         record(joined({real_message(), Hello::of(kFake).message()})), Safe::Deny},
        {"A39", "16 KB of padding", padded(16'000), Safe::MustWork},
        {"A39", "16 KB of padding, up to the limit", first_octets(padded(16'400), kHelloBytes),
         Safe::Wait},
        {"A40", "60 KB of padding over several records", padded(60'000), Safe::MustWork},
        {"A40", "60 KB of padding, up to the limit", first_octets(padded(60'000), kHelloBytes),
         Safe::Wait},
        {"A41", "record above 2^14", record(Octets((1U << 14) + 1, 1)), Safe::Deny},
        {"A42", "second hello with the other name", joined({real(), named(kFake)}), Safe::Deny},
        {"A42", "second hello with the same name", joined({real(), real()}), Safe::MustWork},
        {"A42", "second hello without a name", joined({real(), without_name()}), Safe::Deny},
        {"A44", "GREASE of the encrypted hello",
         record(Hello::of(kReal).add({0xfe0d, Octets(190, 3)}).message()), Safe::MustWork},
        {"8744", "encrypted hello without an outer name",
         record(Hello::of(kReal).drop(0).add({0xfe0d, Octets(190, 3)}).message()), Safe::Deny},
        {"A45", "old encrypted name beside the name",
         record(Hello::of(kReal).add({0xffce, Octets(90, 3)}).message()), Safe::MustWork},
        {"A45", "old encrypted name alone",
         record(Hello::of(kReal).drop(0).add({0xffce, Octets(90, 3)}).message()), Safe::Deny},
        {"A47", "HTTP before",
         joined({octets_of("GET / HTTP/1.1\r\nHost: real.example\r\n\r\n"), real()}), Safe::Deny},
        {"A48", "CRLF before", joined({octets_of("\r\n"), real()}), Safe::Deny},
        {"A49", "session id of 32", record(with_session_id().message()), Safe::MustWork},
        {"A51", "other name behind the dummy change of cipher",
         joined({real(), kCcs, named(kFake)}), Safe::Deny},
        {"A51", "same name behind the dummy change of cipher", joined({real(), kCcs, real()}),
         Safe::MustWork},
        {"A51", "other name in records of one octet",
         joined({real(), kCcs, records(Hello::of(kFake).message(), 1)}), Safe::Deny},
        {"A53", "pre-shared key and no name",
         record(Hello::of(kReal).drop(0).add({41, Octets(60)}).message()), Safe::Deny},
        {"A54", "early data behind the hello",
         joined({record(Hello::of(kReal).add({42, {}}).message()), record(Octets(300), 23)}),
         Safe::MustWork},
        {"A55", "an A-label that looks alike", named("xn--rel-5cd.example"), Safe::Deny},
        {"A55", "a longer name that ends alike", named("unreal.example"), Safe::Deny},
        {"A55", "a name below", named("a." + kReal), Safe::Deny},
        {"A56", "CONNECT before",
         joined({octets_of("CONNECT real.example:443 HTTP/1.1\r\n\r\n"), real()}), Safe::Deny},
        {"A57", "STARTTLS before", joined({octets_of("EHLO a\r\nSTARTTLS\r\n"), real()}),
         Safe::Deny},
        {"A58", "DTLS", joined({{22, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 0}, real_message()}),
         Safe::Deny},
        {"A59", "hello that stops in the name", first_octets(real(), in_record(name + 3)),
         Safe::Wait},
        {"A60", "post-quantum hello", record(Hello::post_quantum(kReal).message()), Safe::MustWork},
        {"8446", "the same extension twice",
         record(Hello::of(kReal).add({43, {4, 3, 4, 3, 3}}).message()), Safe::Deny},
        {"8446", "SSLv2 hello", joined({{0x80, 0x2e, 1, 3, 3}, real_message()}), Safe::Deny},
        {"8446", "another handshake message first", record(joined({{4, 0, 0, 0}, real_message()})),
         Safe::Deny},
    };
}

TEST(Recipes, OnlyTheRealNameIsAllowed) {
    const auto table = table_of({allow({kReal})});
    for (const Recipe& recipe : recipes()) {
        const Outcome expected = recipe.safe == Safe::MustWork ? Outcome::Allowed
                                 : recipe.safe == Safe::Deny   ? Outcome::Denied
                                                               : Outcome::Undecided;
        EXPECT_EQ(judge(recipe.stream, table), expected) << recipe.id << " " << recipe.description;
    }
}

TEST(Recipes, OnlyTheOtherNameIsAllowed) {
    const auto table = table_of({allow({kFake})});
    for (const Recipe& recipe : recipes()) {
        const Outcome expected = recipe.safe == Safe::Wait ? Outcome::Undecided : Outcome::Denied;
        EXPECT_EQ(judge(recipe.stream, table), expected) << recipe.id << " " << recipe.description;
    }
}

TEST(Recipes, BothNamesAllowedOpensNothingMore) {
    const auto table = table_of({allow({kReal}), allow({kFake})});
    for (const Recipe& recipe : recipes()) {
        if (recipe.safe != Safe::Deny) continue;
        EXPECT_EQ(judge(recipe.stream, table), Outcome::Denied)
            << recipe.id << " " << recipe.description;
    }
}

// What is decided by a part is decided alike by the whole: nothing is allowed too early.
TEST(Recipes, NoPrefixIsJudgedOtherwise) {
    const auto table = table_of({allow({kReal})});
    for (const Recipe& recipe : recipes()) {
        const HelloResult whole = parse(recipe.stream).result;
        const std::size_t step = 1 + recipe.stream.size() / 2000;
        for (std::size_t length = 0; length < recipe.stream.size(); length += step) {
            const HelloResult part = parse(std::span(recipe.stream).first(length)).result;
            if (part.status == HelloStatus::NeedMore) continue;
            ASSERT_EQ(part.status, whole.status) << recipe.id << " " << recipe.description;
            ASSERT_EQ(part.reason, whole.reason) << recipe.id << " " << recipe.description;
        }
    }
}

// A60 in full: the large hello in two records, cut anywhere.
TEST(Recipes, PostQuantumHelloMayBeCutAnywhere) {
    const auto real = table_of({allow({kReal})}), fake = table_of({allow({kFake})});
    const Octets message = Hello::post_quantum(kReal).message();
    for (std::size_t cut = 1; cut < message.size(); ++cut) {
        ASSERT_EQ(judge(records_cut(message, cut), real), Outcome::Allowed) << cut;
        ASSERT_EQ(judge(records_cut(message, cut), fake), Outcome::Denied) << cut;
    }
}

}  // namespace
}  // namespace sallyport::dp::inspect

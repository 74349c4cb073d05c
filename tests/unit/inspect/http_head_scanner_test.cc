// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "dataplane/inspect/http_head.h"
#include "tests/support/http_reader.h"

namespace sallyport::dp::inspect {
namespace {

using test::bytes_of;

struct Scanned {
    HeadStatus status = HeadStatus::NeedMore;
    std::uint32_t size = 0, line = 0;
    bool saw_first_line = false;
};

Scanned scan(std::string_view stream, HeadKind kind = HeadKind::Request) {
    HeadScanner scanner(kind);
    Scanned out;
    do {
        std::uint32_t used = 0;
        out.status = scanner.feed(bytes_of(stream), used);
        stream.remove_prefix(used);
        out.saw_first_line = out.saw_first_line || out.status == HeadStatus::FirstLine;
    } while (out.status == HeadStatus::FirstLine);
    out.size = scanner.size();
    out.line = scanner.line();
    return out;
}

HeadStatus status_of(std::string_view stream, HeadKind kind = HeadKind::Request) {
    return scan(stream, kind).status;
}

std::string fields(std::uint32_t count) {
    std::string all;
    while (count-- > 0) all += "a:b\r\n";
    return all;
}

TEST(HttpHeadScanner, EndsBehindTheEmptyLine) {
    const Scanned s = scan("GET / HTTP/1.1\r\nHost: a\r\n\r\nbody");
    EXPECT_EQ(s.status, HeadStatus::Done);
    EXPECT_EQ(s.size, 27U);
    EXPECT_EQ(s.line, 16U);
    EXPECT_TRUE(s.saw_first_line);
}

TEST(HttpHeadScanner, TellsTheFirstLineBeforeItLooksFurther) {
    HeadScanner scanner;
    std::uint32_t used = 0;
    EXPECT_EQ(scanner.feed(bytes_of("GET / HTTP/1.1\r\n\n"), used), HeadStatus::FirstLine);
    EXPECT_EQ(used, 16U);
    EXPECT_EQ(scanner.line(), 16U);
    EXPECT_EQ(scanner.feed(bytes_of("\n"), used), HeadStatus::Bad);
}

TEST(HttpHeadScanner, CountsTheEmptyLineAheadOfARequest) {
    const Scanned s = scan("\r\nGET / HTTP/1.1\r\n\r\n");
    EXPECT_EQ(s.status, HeadStatus::Done);
    EXPECT_EQ(s.line, 18U);
    EXPECT_EQ(s.size, 20U);
}

TEST(HttpHeadScanner, RefusesTwoEmptyLinesAheadAndOneAheadOfAResponse) {
    EXPECT_EQ(status_of("\r\n\r"), HeadStatus::Bad);
    EXPECT_EQ(status_of("\r", HeadKind::Response), HeadStatus::Bad);
}

TEST(HttpHeadScanner, RefusesAtTheOctetThatMayNotStandThere) {
    for (int octet = 0; octet < 256; ++octet) {
        const char c = static_cast<char>(octet);
        const bool is_control = octet < 0x20 || octet == 0x7f;
        const std::string value = std::string("G / H\r\na: ") + c;
        const std::string line = std::string("G ") + c;
        const bool may_follow = !is_control || c == '\t' || c == '\r';
        EXPECT_EQ(status_of(value), may_follow ? HeadStatus::NeedMore : HeadStatus::Bad) << octet;
        EXPECT_EQ(status_of(line), may_follow && c != '\t' ? HeadStatus::NeedMore : HeadStatus::Bad)
            << octet;
    }
}

TEST(HttpHeadScanner, AllowsATabInAReasonPhrase) {
    EXPECT_EQ(status_of("HTTP/1.1 200 a\tb\r\n\r\n", HeadKind::Response), HeadStatus::Done);
}

TEST(HttpHeadScanner, RefusesWhatFollowsACrWithoutLf) {
    EXPECT_EQ(status_of("GET / HTTP/1.1\rX"), HeadStatus::Bad);
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\r"), HeadStatus::Bad);
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\na: b\rX"), HeadStatus::Bad);
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\na: b\r\n\rX"), HeadStatus::Bad);
    EXPECT_EQ(status_of("\rG"), HeadStatus::Bad);
}

TEST(HttpHeadScanner, DoesNotTakeTheOctetThatIsBad) {
    HeadScanner scanner;
    std::uint32_t used = 0;
    EXPECT_EQ(scanner.feed(bytes_of("GET\nabc"), used), HeadStatus::Bad);
    EXPECT_EQ(used, 3U);
    EXPECT_EQ(scanner.size(), 3U);
}

TEST(HttpHeadScanner, KeepsItsVerdict) {
    HeadScanner bad, done;
    std::uint32_t used = 0;
    bad.feed(bytes_of("\n"), used);
    EXPECT_EQ(bad.feed(bytes_of("GET / HTTP/1.1\r\n"), used), HeadStatus::Bad);
    EXPECT_EQ(used, 0U);
    done.feed(bytes_of("G\r\n"), used);
    done.feed(bytes_of("\r\n"), used);
    EXPECT_EQ(done.feed(bytes_of("more"), used), HeadStatus::Done);
    EXPECT_EQ(used, 0U);
}

TEST(HttpHeadScanner, TakesAHundredFieldsAndNoMore) {
    const std::string line = "GET / HTTP/1.1\r\n";
    EXPECT_EQ(status_of(line + fields(kFieldsMax) + "\r\n"), HeadStatus::Done);
    EXPECT_EQ(status_of(line + fields(kFieldsMax) + "a"), HeadStatus::TooLarge);
}

// A full buffer that waits for more would wait for ever.
TEST(HttpHeadScanner, IsTooLargeAsSoonAsItCannotEndWithinTheLimit) {
    for (const auto& [kind, limit] : {std::pair{HeadKind::Request, kRequestHeadMax},
                                      std::pair{HeadKind::Response, kResponseHeadMax}}) {
        const std::string begin = "GET / HTTP/1.1\r\na:";
        const std::string whole = begin + std::string(limit - begin.size() - 4, 'x') + "\r\n\r\n";
        EXPECT_EQ(whole.size(), limit);
        EXPECT_EQ(status_of(whole, kind), HeadStatus::Done);
        std::string longer = whole;
        longer.insert(begin.size(), "x");
        EXPECT_EQ(status_of(std::string_view(longer).substr(0, limit - 1), kind),
                  HeadStatus::NeedMore);
        EXPECT_EQ(status_of(std::string_view(longer).substr(0, limit), kind), HeadStatus::TooLarge);
    }
}

TEST(HttpHeadScanner, ALineWithoutEndIsTooLarge) {
    EXPECT_EQ(status_of(std::string(kRequestHeadMax, 'G')), HeadStatus::TooLarge);
}

}  // namespace
}  // namespace sallyport::dp::inspect

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dataplane/inspect/http_body.h"
#include "tests/support/http_oracle.h"
#include "tests/support/http_reader.h"

namespace sallyport::dp::inspect {
namespace {

using namespace test;

constexpr BodyFraming kChunks{BodyKind::Chunked, 0};

struct Framed {
    BodyStatus status = BodyStatus::More;
    std::uint32_t used = 0, withheld = 0;
    std::uint64_t octets = 0;
};

Framed frame(const std::string& body, const BodyFraming& framing = kChunks) {
    const std::vector<std::uint8_t> exact(body.begin(), body.end());
    BodyFramer framer;
    framer.start(framing);
    Framed out;
    out.status = framer.feed(exact, out.used);
    out.withheld = framer.withheld();
    out.octets = framer.octets();
    return out;
}
BodyStatus status_of(const std::string& body) {
    return frame(body).status;
}
// Behind a chunk, so that withheld octets are told from those of the chunk.
Framed trailers(const std::string& lines) {
    return frame("1\r\na\r\n0\r\n" + lines);
}

TEST(HttpBody, WithoutBodyIsDoneAtOnce) {
    for (const BodyFraming framing : {BodyFraming{}, BodyFraming{BodyKind::Length, 0}}) {
        const Framed f = frame("GET", framing);
        EXPECT_EQ(f.status, BodyStatus::Done);
        EXPECT_EQ(f.used, 0U);
    }
    EXPECT_EQ(BodyFramer().status(), BodyStatus::Done);
}

TEST(HttpBody, CountsALength) {
    const Framed all = frame("helloGET", {BodyKind::Length, 5});
    EXPECT_EQ(all.status, BodyStatus::Done);
    EXPECT_EQ(all.used, 5U);
    EXPECT_EQ(all.octets, 5U);
    const Framed part = frame("hell", {BodyKind::Length, 5});
    EXPECT_EQ(part.status, BodyStatus::More);
    EXPECT_EQ(part.withheld, 0U);
}

TEST(HttpBody, CountsALengthAboveFourGigabytes) {
    BodyFramer framer;
    constexpr std::uint64_t kPieces = 5000, kPiece = 1 << 20;
    framer.start({BodyKind::Length, kPieces * kPiece});
    const std::vector<std::uint8_t> piece(kPiece);
    std::uint32_t used = 0;
    for (std::uint64_t i = 0; i + 1 < kPieces; ++i)
        ASSERT_EQ(framer.feed(piece, used), BodyStatus::More);
    EXPECT_EQ(framer.feed(piece, used), BodyStatus::Done);
    EXPECT_EQ(framer.octets(), kPieces * kPiece);
}

TEST(HttpBody, UntilCloseNeverEnds) {
    const Framed f = frame("0\r\n\r\n", {BodyKind::UntilClose, 0});
    EXPECT_EQ(f.status, BodyStatus::More);
    EXPECT_EQ(f.used, 5U);
    EXPECT_EQ(f.octets, 5U);
    EXPECT_EQ(f.withheld, 0U);
}

TEST(HttpBody, ReadsChunks) {
    const Framed f = frame("5\r\nhello\r\n00A;x=\"y\";z\r\n0123456789\r\n0\r\n\r\nGET");
    EXPECT_EQ(f.status, BodyStatus::Done);
    EXPECT_EQ(f.used, 40U);
    EXPECT_EQ(f.octets, 15U);
    EXPECT_EQ(f.withheld, 0U);
}

TEST(HttpBody, StartsAnew) {
    BodyFramer framer;
    std::uint32_t used = 0;
    framer.start(kChunks);
    EXPECT_EQ(framer.feed(bytes_of("x"), used), BodyStatus::Bad);
    EXPECT_EQ(framer.feed(bytes_of("0\r\n\r\n"), used), BodyStatus::Bad);
    EXPECT_EQ(used, 0U);
    framer.start(kChunks);
    EXPECT_EQ(framer.feed(bytes_of("0\r\n\r\n"), used), BodyStatus::Done);
}

TEST(HttpBody, TakesAnySizeBelowTwoToTheSixty) {
    EXPECT_EQ(status_of("fffffffffffffff\r\n"), BodyStatus::More);
    EXPECT_EQ(status_of("0FfFfFfFfFfFfFfF\r\n"), BodyStatus::More);
    EXPECT_EQ(status_of("0000000000000000\r\n\r\n"), BodyStatus::Done);
    EXPECT_EQ(status_of("1000000000000000"), BodyStatus::Bad);
    EXPECT_EQ(status_of("00000000000000001"), BodyStatus::Bad);
}

TEST(HttpBody, RefusesWhatIsNoChunkSize) {
    for (const std::string line :
         {"\r\n", ";x\r\n", " 5\r\n", "\t5\r\n", "+5\r\n", "-5\r\n", "0x5\r\n", "g\r\n", "5g\r\n",
          "5 5\r\n", "5\t\r\n", "5 x\r\n", "5\n", "5\r5", "5\rx", "5,\r\n", "5\r\r\n"})
        EXPECT_EQ(status_of(line), BodyStatus::Bad) << line;
}

TEST(HttpBody, RefusesControlOctetsInAnExtension) {
    for (int octet = 0; octet < 256; ++octet) {
        const char c = static_cast<char>(octet);
        const bool is_control = (octet < 0x20 && c != '\t' && c != '\r') || octet == 0x7f;
        EXPECT_EQ(status_of(std::string("5;a") + c),
                  is_control ? BodyStatus::Bad : BodyStatus::More)
            << octet;
    }
}

TEST(HttpBody, LimitsAChunkLine) {
    const std::string fill(kChunkLineMax - 4, 'a');
    EXPECT_EQ(status_of("5;" + fill + "\r\n"), BodyStatus::More);
    EXPECT_EQ(frame("5;" + fill + "\r\n").withheld, 0U);
    const Framed longer = frame("5;" + fill + "a\r\n");
    EXPECT_EQ(longer.status, BodyStatus::Bad);
    EXPECT_EQ(longer.withheld, kChunkLineMax);
}

TEST(HttpBody, RefusesAChunkThatEndsOtherwise) {
    EXPECT_EQ(status_of("2\r\nabc"), BodyStatus::Bad);
    EXPECT_EQ(status_of("2\r\nab\n"), BodyStatus::Bad);
    EXPECT_EQ(status_of("2\r\nab\r\r"), BodyStatus::Bad);
    EXPECT_EQ(status_of("2\r\nab\r\n\r\n"), BodyStatus::Bad);
}

TEST(HttpBody, WithholdsTrailersUntilTheyAreComplete) {
    EXPECT_EQ(trailers("X-Sum: 1\r\n").withheld, 13U);
    EXPECT_EQ(trailers("X-Sum: 1\r\n\r").withheld, 14U);
    const Framed f = trailers("X-Sum: 1\r\nEmpty:\r\nX_Y: a\tb \xe9\r\n\r\n");
    EXPECT_EQ(f.status, BodyStatus::Done);
    EXPECT_EQ(f.withheld, 0U);
    EXPECT_EQ(f.octets, 1U);
}

TEST(HttpBody, RefusesTrailersAboutTheMessage) {
    for (const std::string name :
         {"Host", "Content-Length", "Transfer-Encoding", "Connection", "Trailer", "Upgrade", "TE",
          "Expect", "Authorization", "Proxy-Authorization", "Content-Encoding", "Content-Type",
          "Content-Range", "Cookie", "Set-Cookie", "content_length", "TRANSFER.ENCODING"}) {
        const Framed f = trailers("X-A: 1\r\n" + name + ": 1\r\n\r\n");
        EXPECT_EQ(f.status, BodyStatus::Bad) << name;
        EXPECT_EQ(f.withheld, 3 + 8 + name.size()) << name << ": refused at its colon";
    }
    for (const std::string name : {"Hos", "Hosts", "X-Host", "Server-Timing", "ETag",
                                   "Content-Length-Of-Something", "grpc-status"})
        EXPECT_EQ(trailers(name + ": 1\r\n\r\n").status, BodyStatus::Done) << name;
}

TEST(HttpBody, ReadsTrailersAsStrictlyAsFields) {
    for (const std::string lines :
         {"\n", " a: b\r\n", "\ta: b\r\n", "a\r\n", "a : b\r\n", ": b\r\n", "a: b\n", "a: b\r\r\n",
          "a: \x01\r\n", "a: b\r\n c\r\n", "\r\r", "a: b\rc", "\xe9: b\r\n", "(: b\r\n"})
        EXPECT_EQ(trailers(lines).status, BodyStatus::Bad) << lines;
}

TEST(HttpBody, LimitsTheTrailers) {
    const std::string begin = "X-A:";
    const std::string fill(kTrailersMax - begin.size() - 4, 'a');
    EXPECT_EQ(trailers(begin + fill + "\r\n\r\n").status, BodyStatus::Done);
    EXPECT_EQ(trailers(begin + fill + "a\r\n\r\n").status, BodyStatus::Bad);
}

TEST(HttpBody, HttpParserReadsTheSameChunks) {
    const std::string head = "POST / HTTP/1.1\r\nHost: a.b\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const std::string body :
         {"0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "005;x\r\nhello\r\n0;y=\"z\"\r\nX-A: 1\r\n\r\n",
          "5  \r\nhello\r\n0\r\n\r\n", "A\r\n0123456789\r\n", "5 ;\t\xe9\r\nhello\r\n00\r\n\r\n",
          "1\r\na\r\n1\r\nb\r\n0\r\nX-A:\r\nX-B: \t c\r\n\r\n"}) {
        const auto read = read_whole(head + body);
        ASSERT_NE(read[0].body, BodyStatus::Bad) << body;
        HttpOracle oracle(HTTP_REQUEST, false);
        oracle.read(head + body);
        EXPECT_EQ(disagreement(read[0], oracle), "") << body;
    }
}

}  // namespace
}  // namespace sallyport::dp::inspect

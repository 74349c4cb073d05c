// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dataplane/inspect/http_head.h"
#include "tests/support/http_oracle.h"
#include "tests/support/http_reader.h"

namespace sallyport::dp::inspect {
namespace {

using namespace test;

struct Response {
    ResponseHead head;
    Reason reason = Reason::None;
};

constexpr RequestFacts kGet{}, kHead{true, false}, kWebsocket{false, true};

Response parse(const std::string& text, const RequestFacts& request = kGet) {
    const std::vector<std::uint8_t> exact(text.begin(), text.end());
    Response r;
    r.reason = parse_response_head(exact, request, r.head);
    return r;
}
std::string ok(const std::string& fields, const std::string& line = "HTTP/1.1 200 OK") {
    return line + "\r\n" + fields + "\r\n";
}
BodyFraming framing(const std::string& text, const RequestFacts& request = kGet) {
    const Response r = parse(text, request);
    EXPECT_EQ(r.reason, Reason::None) << text;
    return r.head.body;
}
void expect_refused(const std::string& text, const RequestFacts& request = kGet) {
    EXPECT_EQ(parse(text, request).reason, Reason::UpstreamProtocol) << text;
}

const std::string kLength = "Content-Length: 5\r\n", kChunked = "Transfer-Encoding: chunked\r\n";

TEST(HttpResponseHead, ReadsTheStatusLine) {
    EXPECT_EQ(parse(ok("", "HTTP/1.1 200 OK")).head.status, 200);
    EXPECT_EQ(parse(ok("", "HTTP/1.0 404 Not Found")).head.minor, 0);
    for (const std::string line :
         {"HTTP/1.1 200 ", "HTTP/1.1 200", "HTTP/1.1 599 a\tb \xe9", "HTTP/1.1 200  two spaces"})
        EXPECT_EQ(parse(ok("", line)).reason, Reason::None) << line;
}

TEST(HttpResponseHead, RefusesAnotherStatusLine) {
    for (const std::string line :
         {"HTTP/1.2 200 OK", "HTTP/2.0 200 OK", "HTTP/2 200", "http/1.1 200 OK", "ICY 200 OK",
          "HTTP/1.1  200 OK", "HTTP/1.1 20 OK", "HTTP/1.1 2000 OK", "HTTP/1.1 2x0 OK",
          "HTTP/1.1\t200 OK", "HTTP/1.1 200\tOK", "HTTP/1.1 099 OK", "HTTP/1.1 600 OK",
          "HTTP/1.1 999 OK", "HTTP/1.1 ", "HTTP/1.1", "", " HTTP/1.1 200 OK"})
        expect_refused(ok("", line));
}

// RFC 9112 section 6.3.
TEST(HttpResponseHead, KnowsHowTheBodyEnds) {
    EXPECT_EQ(framing(ok(kLength)), (BodyFraming{BodyKind::Length, 5}));
    EXPECT_EQ(framing(ok(kChunked)), (BodyFraming{BodyKind::Chunked, 0}));
    EXPECT_EQ(framing(ok("")), (BodyFraming{BodyKind::UntilClose, 0}));
    EXPECT_EQ(framing(ok("Content-Length: 0\r\n")), (BodyFraming{BodyKind::Length, 0}));
    for (const std::string& fields : {kLength, kChunked, std::string()}) {
        EXPECT_EQ(framing(ok(fields), kHead), BodyFraming{}) << fields;
        EXPECT_EQ(framing(ok(fields, "HTTP/1.1 304 Not Modified")), BodyFraming{}) << fields;
    }
    for (const std::string line : {"HTTP/1.1 100 Continue", "HTTP/1.1 103", "HTTP/1.1 204 No"})
        EXPECT_EQ(framing(ok("Content-Length: 0\r\n", line)), BodyFraming{}) << line;
}

// Some readers look for a body there, others do not.
TEST(HttpResponseHead, RefusesContentWhereNoneMayBe) {
    for (const std::string line : {"HTTP/1.1 100 Continue", "HTTP/1.1 204 No Content"}) {
        expect_refused(ok(kLength, line));
        expect_refused(ok(kChunked, line));
        expect_refused(ok(kChunked, line), kHead);
    }
}

TEST(HttpResponseHead, RefusesWhatClientsReadDifferently) {
    for (const std::string& fields : std::vector<std::string>{
             kLength + kChunked, kLength + kLength, "Content-Length: 5, 5\r\n",
             "Content-Length:\r\n", "Content-Length: -1\r\n", "Transfer-Encoding: gzip\r\n",
             "Transfer-Encoding: gzip, chunked\r\n", kChunked + kChunked,
             "Transfer-Encoding: identity\r\n", "X-A: 1\r\n folded\r\n", " X-A: 1\r\n", "X-A\r\n",
             "X-A : 1\r\n", ": 1\r\n", "X A: 1\r\n", "X-A: \x01\r\n",
             "Connection: content-length\r\n"}) {
        expect_refused(ok(fields));
        expect_refused(ok(fields), kHead);
        expect_refused(ok(fields, "HTTP/1.1 304 Not Modified"));
    }
    expect_refused(ok(kChunked, "HTTP/1.0 200 OK"));
}

TEST(HttpResponseHead, TakesWhatServersSendWithoutHarm) {
    EXPECT_EQ(framing(ok("X-A:\t \xe9\tb \r\nContent-Length:\t5 \r\nEmpty:\r\n")).length, 5U);
    EXPECT_EQ(parse(ok(kLength + "Upgrade: h2,h2c\r\nConnection: Upgrade, Keep-Alive\r\n")).reason,
              Reason::None);
    EXPECT_EQ(parse(ok(kLength + "Connection: keep-alive; timeout=5\r\n")).reason, Reason::None);
    EXPECT_EQ(parse(ok(kLength + "Content_Length: 7\r\n")).reason, Reason::None);
}

TEST(HttpResponseHead, KnowsWhetherTheConnectionGoesOn) {
    const auto keeps = [](const std::string& text) { return parse(text).head.keep_alive; };
    EXPECT_TRUE(keeps(ok(kLength)));
    EXPECT_FALSE(keeps(ok(""))) << "the body ends with the connection";
    EXPECT_FALSE(keeps(ok(kLength + "Connection: close\r\n")));
    EXPECT_FALSE(keeps(ok(kLength, "HTTP/1.0 200 OK")));
    EXPECT_TRUE(keeps(ok(kLength + "Connection: keep-alive\r\n", "HTTP/1.0 200 OK")));
    EXPECT_FALSE(keeps(ok(kLength + "Connection: keep-alive, close\r\n", "HTTP/1.0 200 OK")));
}

TEST(HttpResponseHead, KnowsInterimResponses) {
    EXPECT_TRUE(parse(ok("", "HTTP/1.1 100 Continue")).head.is_interim);
    EXPECT_TRUE(parse(ok("Link: </a>\r\n", "HTTP/1.1 103 Early Hints")).head.is_interim);
    EXPECT_FALSE(parse(ok(kLength)).head.is_interim);
}

TEST(HttpResponseHead, SwitchesOnlyToAWebsocketThatWasAskedFor) {
    const std::string line = "HTTP/1.1 101 Switching Protocols";
    const std::string fields = "Connection: upgrade\r\nUpgrade: WebSocket\r\n";
    const Response r = parse(ok(fields, line), kWebsocket);
    EXPECT_EQ(r.reason, Reason::None);
    EXPECT_FALSE(r.head.is_interim);
    EXPECT_EQ(r.head.body, BodyFraming{});
    expect_refused(ok(fields, line), kGet);
    expect_refused(ok("", line), kWebsocket);
    expect_refused(ok("Upgrade: websocket\r\n", line), kWebsocket);
    expect_refused(ok("Connection: upgrade\r\nUpgrade: h2c\r\n", line), kWebsocket);
    expect_refused(ok(fields + "Upgrade: h2c\r\n", line), kWebsocket);
    expect_refused(ok(fields + kLength, line), kWebsocket);
    EXPECT_EQ(parse(ok(kLength, "HTTP/1.1 403 Forbidden"), kWebsocket).reason, Reason::None);
}

TEST(HttpResponseHead, RefusesAHeadThatIsNotWhole) {
    const std::string whole = ok("X-A: 1\r\n");
    for (std::size_t length = 0; length < whole.size(); ++length)
        expect_refused(whole.substr(0, length));
    expect_refused(whole + "X");
    expect_refused("\r\n" + whole);
    std::string many;
    for (std::uint32_t i = 0; i <= kFieldsMax; ++i) many += "a:b\r\n";
    expect_refused(ok(many));
    expect_refused(ok("X-A: " + std::string(kResponseHeadMax, 'a') + "\r\n"));
}

TEST(HttpResponseHead, HttpParserReadsTheSame) {
    struct Sample {
        std::string stream;
        RequestFacts request;
    };
    const std::vector<Sample> samples{
        {ok(kLength) + "hello", kGet},
        {ok(kLength, "HTTP/1.1 200") + "hello", kGet},
        {ok(kChunked) + "5;a=b\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n", kGet},
        {ok(""), kGet},
        {ok("") + "until the end", kGet},
        {ok(kLength), kHead},
        {ok(kChunked), kHead},
        {ok(kLength, "HTTP/1.1 304 Not Modified"), kGet},
        {ok("", "HTTP/1.1 204 No Content"), kGet},
        {ok("", "HTTP/1.1 100 Continue"), kGet},
        {ok(kLength + "Connection: close\r\n") + "hello", kGet},
        {ok(kLength, "HTTP/1.0 200 OK") + "hello", kGet},
        {ok(kLength + "Connection: Keep-Alive\r\n", "HTTP/1.0 200 OK") + "hello", kGet},
        {ok(kLength + "Upgrade: h2,h2c\r\nConnection: Upgrade\r\n") + "hello", kGet},
        {ok("Connection: upgrade\r\nUpgrade: websocket\r\n", "HTTP/1.1 101 Switching"), kWebsocket},
    };
    for (const Sample& sample : samples) {
        const auto read = read_whole(sample.stream, HttpReader(HeadKind::Response, sample.request));
        ASSERT_EQ(read.size(), 1U) << sample.stream;
        ASSERT_TRUE(read[0].is_accepted()) << sample.stream;
        HttpOracle oracle(HTTP_RESPONSE, read[0].framing.kind == BodyKind::None);
        oracle.read(sample.stream);
        EXPECT_EQ(disagreement(read[0], oracle), "") << sample.stream;
    }
}

}  // namespace
}  // namespace sallyport::dp::inspect

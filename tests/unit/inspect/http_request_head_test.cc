// SPDX-License-Identifier: Apache-2.0
// What is read out of a request that is accepted, and of one that is not. What must be refused
// stands in http_recipes.cc.
#include <gtest/gtest.h>

#include <string>

#include "dataplane/inspect/http_head.h"
#include "dataplane/inspect/http_request_line.h"
#include "tests/support/http_reader.h"

namespace sallyport::dp::inspect {
namespace {

using test::bytes_of;

struct Request {
    std::string octets;
    RequestHead head;
    Reason reason;
    explicit Request(std::string text) : octets(std::move(text)) {
        reason = parse_request_head(bytes_of(octets), head);
    }
    Request(const Request&) = delete;
    Request& operator=(const Request&) = delete;
};

std::string get(const std::string& fields, const std::string& version = "1.1") {
    return "GET / HTTP/" + version + "\r\nHost: real.example\r\n" + fields + "\r\n";
}
Reason line_reason(const std::string& line) {
    return check_request_line(bytes_of(line));
}

TEST(HttpRequestHead, ReadsWhatTheLogWants) {
    const Request r(
        "POST /a?b=c HTTP/1.1\r\nHost: Real.Example:8080\r\nUser-Agent: curl/7.88.1 (x;\ty)\r\n"
        "X-Request-ID: 1b2c\r\nContent-Length: 12\r\n\r\n");
    EXPECT_EQ(r.reason, Reason::None);
    EXPECT_EQ(r.head.method, "POST");
    EXPECT_EQ(r.head.target, "/a?b=c");
    EXPECT_EQ(r.head.authority, "Real.Example:8080");
    EXPECT_EQ(r.head.user_agent, "curl/7.88.1 (x;\ty)");
    EXPECT_EQ(r.head.request_id, "1b2c");
    EXPECT_EQ(r.head.host.view(), "real.example");
    EXPECT_EQ(r.head.port, 8080);
    EXPECT_EQ(r.head.minor, 1);
    EXPECT_EQ(r.head.body, (BodyFraming{BodyKind::Length, 12}));
    EXPECT_FALSE(r.head.is_head);
}

TEST(HttpRequestHead, KeepsTheFirstOfTwoHarmlessFields) {
    const Request r(get("User-Agent:\r\nUser-Agent: b\r\nX-Request-Id: 1\r\nX-Request-Id: 2\r\n"));
    EXPECT_EQ(r.reason, Reason::None);
    EXPECT_EQ(r.head.user_agent, "");
    EXPECT_EQ(r.head.request_id, "1");
}

TEST(HttpRequestHead, ReadsOnForTheLogWhenRefused) {
    const Request r(
        "FOO /a b HTTP/3\r\nHost: real.example\r\nbroken\r\nUser-Agent: a\r\nHost: c\r\n"
        "X-Request-Id: 7\r\n\r\n");
    EXPECT_EQ(r.reason, Reason::HttpAmbiguous);
    EXPECT_EQ(r.head.method, "FOO");
    EXPECT_EQ(r.head.target, "/a b");
    EXPECT_EQ(r.head.authority, "real.example");
    EXPECT_EQ(r.head.user_agent, "a");
    EXPECT_EQ(r.head.request_id, "7");
}

TEST(HttpRequestHead, TheFirstReasonCounts) {
    EXPECT_EQ(Request("GET / HTTP/2.0\r\n\r\n").reason, Reason::HttpVersion);
    EXPECT_EQ(Request(get("Host: b\r\nExpect: x\r\n")).reason, Reason::HostInvalid);
    EXPECT_EQ(Request(get("Expect: x\r\nHost: b\r\n")).reason, Reason::HttpAmbiguous);
}

TEST(HttpRequestHead, TakesOctetsAbove127InTargetAndValues) {
    const Request r("GET /\xc3\xa9?\xe9 HTTP/1.1\r\nHost: real.example\r\nX-A: \xff\r\n\r\n");
    EXPECT_EQ(r.reason, Reason::None);
    EXPECT_EQ(r.head.target, "/\xc3\xa9?\xe9");
    EXPECT_EQ(Request(get("X-\xc3\xa9: 1\r\n")).reason, Reason::HttpAmbiguous);
}

// RFC 9112 section 9.3.
TEST(HttpRequestHead, KnowsWhetherTheConnectionGoesOn) {
    const auto keeps = [](const std::string& fields, const std::string& version) {
        const Request r(get(fields, version));
        EXPECT_EQ(r.reason, Reason::None) << fields;
        return r.head.keep_alive;
    };
    EXPECT_TRUE(keeps("", "1.1"));
    EXPECT_FALSE(keeps("", "1.0"));
    EXPECT_FALSE(keeps("Connection: Close\r\n", "1.1"));
    EXPECT_FALSE(keeps("Connection: keep-alive, close\r\n", "1.1"));
    EXPECT_FALSE(keeps("Connection: close\r\nConnection: keep-alive\r\n", "1.1"));
    EXPECT_TRUE(keeps("Connection: Keep-Alive\r\n", "1.0"));
    EXPECT_TRUE(keeps("Connection: TE\r\nConnection: keep-alive\r\n", "1.0"));
    EXPECT_FALSE(keeps("Connection: close, keep-alive\r\n", "1.0"));
}

TEST(HttpRequestHead, KnowsHowTheBodyEnds) {
    EXPECT_EQ(Request(get("")).head.body, BodyFraming{});
    EXPECT_EQ(Request(get("Content-Length: 0\r\n")).head.body, (BodyFraming{BodyKind::Length, 0}));
    EXPECT_EQ(Request(get("Content-Length: 9223372036854775807\r\n")).head.body.length,
              9223372036854775807ULL);
    EXPECT_EQ(Request(get("Transfer-Encoding: Chunked\r\n")).head.body,
              (BodyFraming{BodyKind::Chunked, 0}));
}

TEST(HttpRequestHead, AsksForWebsocketOnlyWhenAccepted) {
    const std::string fields = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    EXPECT_TRUE(Request(get(fields)).head.websocket);
    EXPECT_FALSE(Request(get("")).head.websocket);
    const Request refused(get(fields + "Expect: x\r\n"));
    EXPECT_EQ(refused.reason, Reason::HttpAmbiguous);
    EXPECT_FALSE(refused.head.websocket);
    EXPECT_TRUE(Request(get(fields + "Content-Length: 0\r\n")).head.websocket);
}

TEST(HttpRequestHead, HttpOneZeroExpectsNothing) {
    EXPECT_TRUE(Request(get("Expect: 100-continue\r\n")).head.expect_continue);
    const Request old(get("Expect: 100-continue\r\n", "1.0"));
    EXPECT_EQ(old.reason, Reason::None);
    EXPECT_FALSE(old.head.expect_continue);
    EXPECT_EQ(Request(get("Expect: 100-continue\r\nExpect: 100-continue\r\n")).reason,
              Reason::HttpAmbiguous);
}

TEST(HttpRequestHead, KnowsHead) {
    EXPECT_TRUE(Request("HEAD / HTTP/1.1\r\nHost: a.b\r\n\r\n").head.is_head);
}

TEST(HttpRequestHead, RefusesAHeadThatIsNotWhole) {
    const std::string whole = get("X-A: 1\r\n");
    for (std::size_t length = 0; length < whole.size(); ++length)
        EXPECT_NE(Request(whole.substr(0, length)).reason, Reason::None) << length;
    EXPECT_EQ(Request(whole + "X").reason, Reason::HttpAmbiguous);
    EXPECT_EQ(Request("\r\n\r\n" + whole).reason, Reason::HttpAmbiguous);
}

// The scanner would have stopped before; the parser does not rely on it.
TEST(HttpRequestHead, RefusesByItselfWhatTheScannerRefuses) {
    std::string many, nul = get("X-A: 1\r\n");
    for (std::uint32_t i = 0; i < kFieldsMax; ++i) many += "a:b\r\n";
    nul[nul.size() - 5] = '\0';
    EXPECT_EQ(Request(get(many)).reason, Reason::RequestHeadTooLarge);
    EXPECT_EQ(Request(get("X-A: " + std::string(kRequestHeadMax, 'a') + "\r\n")).reason,
              Reason::RequestHeadTooLarge);
    EXPECT_EQ(Request(nul).reason, Reason::HttpAmbiguous);
}

TEST(HttpRequestLine, IsCheckedWithItsEndAndTheEmptyLineBefore) {
    EXPECT_EQ(line_reason("GET / HTTP/1.1\r\n"), Reason::None);
    EXPECT_EQ(line_reason("\r\nGET / HTTP/1.1\r\n"), Reason::None);
    EXPECT_EQ(line_reason("GET / HTTP/1.1"), Reason::HttpAmbiguous);
    EXPECT_EQ(line_reason("GET / HTTP/1.1\r\nX"), Reason::HttpAmbiguous);
    EXPECT_EQ(line_reason("GET / HTTP/1.1\n"), Reason::HttpAmbiguous);
    EXPECT_EQ(line_reason(""), Reason::HttpAmbiguous);
    EXPECT_EQ(line_reason("\r\n"), Reason::HttpAmbiguous);
    EXPECT_EQ(line_reason("\r\n\r\n"), Reason::HttpAmbiguous);
}

TEST(HttpRequestLine, RefusesWhatHasNoVersionOrNoParts) {
    EXPECT_EQ(line_reason("GET /\r\n"), Reason::HttpVersion);
    EXPECT_EQ(line_reason("GET\r\n"), Reason::HttpAmbiguous);
    EXPECT_EQ(line_reason("GET \r\n"), Reason::HttpAmbiguous);
    EXPECT_EQ(line_reason("  \r\n"), Reason::HttpAmbiguous);
    EXPECT_EQ(line_reason("GET  HTTP/1.1\r\n"), Reason::HttpAmbiguous);
    EXPECT_EQ(line_reason(" / HTTP/1.1\r\n"), Reason::HttpAmbiguous);
    EXPECT_EQ(line_reason("GET / HTTP/\r\n"), Reason::HttpVersion);
}

TEST(HttpRequestLine, KnowsTheMethodsThatAreInUse) {
    for (const std::string method :
         {"GET",      "HEAD",  "POST",           "PUT",       "DELETE", "OPTIONS",
          "PATCH",    "TRACE", "PROPFIND",       "PROPPATCH", "MKCOL",  "COPY",
          "MOVE",     "LOCK",  "UNLOCK",         "SEARCH",    "REPORT", "MKACTIVITY",
          "CHECKOUT", "MERGE", "VERSION-CONTROL"})
        EXPECT_EQ(line_reason(method + " / HTTP/1.1\r\n"), Reason::None) << method;
    for (const std::string method : {"Get", "GETT", "GE", "PRI", "M-SEARCH", "SSTP_DUPLEX_POST"})
        EXPECT_EQ(line_reason(method + " / HTTP/1.1\r\n"), Reason::MethodUnknown) << method;
    EXPECT_EQ(line_reason("CONNECT a:443 HTTP/1.1\r\n"), Reason::UpgradeDenied);
}

// RFC 9110 section 9.3.1: a server may leave the content of a GET unread and take it for a request.
TEST(HttpRequestHead, RefusesContentWhereItHasNoMeaning) {
    for (const std::string method : {"GET", "HEAD", "TRACE"}) {
        const std::string begin = method + " / HTTP/1.1\r\nHost: real.example\r\n";
        EXPECT_EQ(Request(begin + "Content-Length: 5\r\n\r\n").reason, Reason::HttpAmbiguous);
        EXPECT_EQ(Request(begin + "Transfer-Encoding: chunked\r\n\r\n").reason,
                  Reason::HttpAmbiguous);
        EXPECT_EQ(Request(begin + "Content-Length: 0\r\n\r\n").reason, Reason::None);
    }
}

}  // namespace
}  // namespace sallyport::dp::inspect

// SPDX-License-Identifier: Apache-2.0
// Whole lines of HTTP requests, as an operator meets them: the shape is that of Istio's egress task
// (2024 form).
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <string>
#include <vector>

#include "control/access_line.h"
#include "tests/unit/control/support.h"

namespace sallyport::ctl {
namespace {

using std::chrono::system_clock;

std::vector<std::string> fields_of(const std::string& line) {
    static const std::regex field(R"("[^"]*"|\S+)");
    std::vector<std::string> out;
    for (std::sregex_iterator at(line.begin(), line.end(), field), end; at != end; ++at)
        out.push_back(at->str());
    return out;
}

class HttpLine : public testing::Test {
   protected:
    HttpLine() {
        rules.enter(model_with_rules({"cnn"}), 1);
    }
    std::string line(const dp::AccessRecord& r, cfg::LogQuery query = cfg::LogQuery::Keep) const {
        return format_istio(r, {rules, origin, query});
    }
    std::string field(const dp::AccessRecord& r, std::size_t number) const {
        return fields_of(line(r)).at(number - 1);  // as the list in access_line.h counts them
    }

    RuleBook rules;
    // The workers' clock began so that 999.5 s later it was 2024-01-09T15:35:47.283Z.
    system_clock::time_point origin{std::chrono::milliseconds(1704814547283 - 999500)};
};

TEST_F(HttpLine, AnsweredByTheServer) {
    EXPECT_EQ(line(http_record()),
              "[2024-01-09T15:35:47.283Z] \"GET /politics?token=secret HTTP/1.1\" 301 - "
              "via_upstream - \"-\" 12 345 90 89 \"10.10.0.15\" \"curl/7.87.0 (X11; Linux)\" "
              "\"6c01d65f-0d34\" \"Edition.CNN.com:80\" \"151.101.195.5:80\" "
              "outbound|80||edition.cnn.com 203.0.113.7:34470 151.101.195.5:80 10.10.0.15:43956 - "
              "cnn\n");
}

TEST_F(HttpLine, HasTheFieldsOfIstiosSample) {
    const std::string sample =
        "[2024-01-09T15:35:47.283Z] \"GET /politics HTTP/1.1\" 301 - via_upstream - \"-\" 0 0 2 2 "
        "\"172.30.239.55\" \"curl/7.87.0-DEV\" \"6c01d65f-a157-97a6-8782-320a40026901\" "
        "\"edition.cnn.com\" \"151.101.195.5:80\" outbound|80||edition.cnn.com "
        "172.30.239.16:55636 172.30.239.16:80 172.30.239.55:59224 - "
        "default.forward-cnn-from-egress-gateway.0\n";
    EXPECT_EQ(fields_of(line(http_record())).size(), fields_of(sample).size());
    EXPECT_EQ(fields_of(line(refused_record(dp::Reason::HostNotAllowed, 403))).size(),
              fields_of(sample).size());
}

TEST_F(HttpLine, DeniedByThePolicy) {
    EXPECT_EQ(line(refused_record(dp::Reason::HostNotAllowed, 403)),
              "[2024-01-09T15:35:47.283Z] \"GET /politics?token=secret HTTP/1.1\" 403 NR "
              "host_not_allowed - \"-\" 0 118 90 - \"10.10.0.15\" \"curl/7.87.0 (X11; Linux)\" "
              "\"6c01d65f-0d34\" \"Edition.CNN.com:80\" \"-\" - - 151.101.195.5:80 "
              "10.10.0.15:43956 - default-deny\n");
}

TEST_F(HttpLine, RefusedAsMalformed) {
    auto r = refused_record(dp::Reason::NoHost, 400);
    r.http->authority.set("");
    r.http->user_agent.set("");
    r.http->request_id.set("");
    r.http->minor = 0;
    r.http->method.set("POST");
    EXPECT_EQ(line(r),
              "[2024-01-09T15:35:47.283Z] \"POST /politics?token=secret HTTP/1.0\" 400 DPE no_host "
              "- \"-\" 0 118 90 - \"10.10.0.15\" \"-\" \"-\" \"-\" \"-\" - - 151.101.195.5:80 "
              "10.10.0.15:43956 - default-deny\n");
}

TEST_F(HttpLine, TheServerRefusedTheConnection) {
    auto r = http_record();
    r.reason = dp::Reason::UpstreamRefused;
    r.http->code = 502;
    r.http->own_answer = true;
    r.http->service_time.reset();
    EXPECT_EQ(line(r),
              "[2024-01-09T15:35:47.283Z] \"GET /politics?token=secret HTTP/1.1\" 502 UF "
              "upstream_refused - \"-\" 12 345 90 - \"10.10.0.15\" \"curl/7.87.0 (X11; Linux)\" "
              "\"6c01d65f-0d34\" \"Edition.CNN.com:80\" \"151.101.195.5:80\" "
              "outbound|80||edition.cnn.com 203.0.113.7:34470 151.101.195.5:80 10.10.0.15:43956 - "
              "cnn\n");
}

TEST_F(HttpLine, TheClientLeftBeforeTheResponse) {
    auto r = http_record();
    r.reason = dp::Reason::ClientReset;
    r.http->code = 0;
    r.http->service_time.reset();
    EXPECT_EQ(field(r, 3), "0");
    EXPECT_EQ(field(r, 4), "DC");
    EXPECT_EQ(field(r, 5), "client_reset");
    EXPECT_EQ(field(r, 11), "-");
}

TEST_F(HttpLine, ServiceTimeIsInWholeMilliseconds) {
    auto r = http_record();
    r.http->service_time = std::chrono::microseconds(999);
    EXPECT_EQ(field(r, 11), "0");
    r.http->service_time = std::chrono::milliseconds(1500);
    EXPECT_EQ(field(r, 11), "1500");
}

TEST_F(HttpLine, Ipv6SourceHasNoBrackets) {
    auto r = http_record();
    Ipv6Addr a;
    a.octets = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    r.client.src = a;
    EXPECT_EQ(field(r, 12), "\"2001:db8::1\"");
    EXPECT_EQ(field(r, 20), "[2001:db8::1]:43956");
}

TEST_F(HttpLine, QueryIsLeftOutOnRequest) {
    auto r = http_record();
    const auto path = [&](std::string_view text) {
        r.http->path.set(text);
        return fields_of(line(r, cfg::LogQuery::Omit)).at(1);
    };
    EXPECT_EQ(path("/politics?token=secret"), "\"GET /politics HTTP/1.1\"");
    EXPECT_EQ(path("/a?b?c"), "\"GET /a HTTP/1.1\"");
    EXPECT_EQ(path("/plain"), "\"GET /plain HTTP/1.1\"");
    EXPECT_EQ(path("http://a.example/x?y"), "\"GET http://a.example/x HTTP/1.1\"");
    EXPECT_EQ(path("?only"), "\"GET - HTTP/1.1\"");
    EXPECT_EQ(path("*"), "\"GET * HTTP/1.1\"");
}

TEST_F(HttpLine, RequestWhoseLineWasNotReadIsThreeDashes) {
    auto r = refused_record(dp::Reason::HttpAmbiguous, 400);
    r.http->method.set("");
    r.http->path.set("");
    EXPECT_EQ(field(r, 2), "\"- - -\"");
}

// A session that ended before a head was complete has no request.
TEST_F(HttpLine, SessionWithoutARequestLooksLikeAnyOther) {
    auto r = denied_record();
    r.client.dst_port = Port{80};
    r.reason = dp::Reason::RequestHeadTimeout;
    r.bytes_received = 20;
    r.bytes_sent = 0;
    r.set_name("");
    EXPECT_EQ(line(r),
              "[2024-01-09T15:35:47.283Z] \"- - -\" 0 NR request_head_timeout - \"-\" 20 0 0 - "
              "\"-\" \"-\" \"-\" \"-\" \"-\" - - 151.101.195.5:80 10.10.0.15:43956 - "
              "default-deny\n");
}

TEST_F(HttpLine, NoOctetFromTheWireForgesAFieldOrALine) {
    std::string hostile;
    for (int octet = 0; octet < 256; ++octet) hostile += static_cast<char>(octet);
    hostile += "\" 200 - via_upstream - \"-\"\n[2024] \"GET";
    auto r = http_record();
    r.http->method.set(hostile);
    r.http->path.set(hostile);
    r.http->authority.set(hostile);
    r.http->user_agent.set(hostile);
    r.http->request_id.set(hostile);
    r.set_name(hostile);
    const std::string text = line(r);
    EXPECT_EQ(text.find('\n'), text.size() - 1);
    for (const char c : text.substr(0, text.size() - 1)) {
        EXPECT_GE(c, 0x20);
        EXPECT_LT(c, 0x7f);
    }
    EXPECT_EQ(fields_of(text).size(), fields_of(line(http_record())).size()) << text;
    EXPECT_EQ(std::ranges::count(fields_of(text).at(1), ' '), 2) << "method, path, protocol";
}

TEST_F(HttpLine, EscapesAreReadable) {
    auto r = http_record();
    r.http->method.set("GE\"T");
    r.http->path.set("/a b\x1b");
    r.http->user_agent.set("x\" y\\");
    r.http->authority.set("a.example\xff");
    EXPECT_EQ(field(r, 2), R"("GE\x22T /a\x20b\x1b HTTP/1.1")");
    EXPECT_EQ(field(r, 13), R"("x\x22 y\x5c")");
    EXPECT_EQ(field(r, 15), R"("a.example\xff")");
}

}  // namespace
}  // namespace sallyport::ctl

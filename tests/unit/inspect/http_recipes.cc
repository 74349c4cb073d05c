// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/inspect/http_recipes.h"

namespace sallyport::test {
namespace {

using dp::Reason;
using std::string;

const string kReal = "Host: real.example\r\n", kOther = "Host: fake.example\r\n";
const string kEnd = "\r\n";
const string kGet = "GET / HTTP/1.1\r\n";
const string kRequest = kGet + kReal + kEnd, kOtherRequest = kGet + kOther + kEnd;

string get(const string& fields) {
    return kGet + fields + kEnd;
}
string line(const string& first_line) {
    return first_line + "\r\n" + kReal + kEnd;
}
string host(const string& value) {
    return get("Host: " + value + "\r\n");
}
string post(const string& fields, const string& body) {
    return "POST /form HTTP/1.1\r\n" + kReal + fields + kEnd + body;
}
string with(const string& fields) {
    return get(kReal + fields);
}
string fields(int count) {
    string all;
    for (int i = 0; i < count; ++i) all += "X-" + std::to_string(i) + ": 1\r\n";
    return all;
}
string chunk(const string& data) {
    constexpr char kDigits[] = "0123456789abcdef";
    string size;
    for (std::size_t n = data.size(); n > 0; n /= 16) size.insert(size.begin(), kDigits[n % 16]);
    return size + "\r\n" + data + "\r\n";
}

HttpRecipe works(const string& id, const string& description, const string& stream) {
    return {id, description, stream, "A", "D", Reason::None};
}
HttpRecipe refused(const string& id, const string& description, const string& stream,
                   Reason reason = Reason::HttpAmbiguous) {
    return {id, description, stream, "D", "D", reason};
}
HttpRecipe undecided(const string& id, const string& description, const string& stream) {
    return {id, description, stream, "U", "U", Reason::None};
}

const std::string kNul(1, '\0');

std::vector<HttpRecipe> hosts() {
    constexpr Reason kInvalid = Reason::HostInvalid;
    return {
        works("H01", "normal", kRequest),
        works("H02", "lower-case name, no space", get("host:real.example\r\n")),
        works("H02", "spaces around the value", get("HOST:  real.example  \r\n")),
        refused("H03", "tab before the value", get("Host:\treal.example\r\n")),
        refused("H03", "tab behind the value", get("Host: real.example\t\r\n")),
        refused("H04", "two hosts, the real one first", get(kReal + kOther), kInvalid),
        refused("H04", "two hosts, the real one last", get(kOther + kReal), kInvalid),
        refused("H04", "two hosts, one empty", get("Host:\r\n" + kReal), kInvalid),
        refused("H05", "two equal hosts", get(kReal + kReal), kInvalid),
        refused("H06", "two names in one line", host("real.example, fake.example"), kInvalid),
        refused("H07", "space before the colon", get("Host : real.example\r\n")),
        refused("H08", "tab before the colon", get("Host\t: real.example\r\n")),
        refused("H08", "space before the colon of a second host",
                get(kReal + "Host : fake.example\r\n")),
        refused("H09", "folded value", get("Host:\r\n real.example\r\n")),
        refused("H10", "folded line behind", get(kReal + " .fake.example\r\n")),
        refused("H10", "folded by a tab", get("X-A: 1\r\n\tb\r\n" + kReal)),
        refused("H11", "space before the first field", get(" " + kReal)),
        refused("H11", "a first field that only some read", get(" " + kReal + kOther)),
        refused("H12", "absolute-form of another name", line("GET http://fake.example/ HTTP/1.1")),
        refused("H12", "absolute-form of another port",
                line("GET http://real.example:81/ HTTP/1.1")),
        works("H12", "absolute-form of the same name", line("GET http://real.example/ HTTP/1.1")),
        works("H12", "absolute-form, spelt otherwise",
              line("GET HTTP://Real.Example.:80?q HTTP/1.1")),
        refused("H12", "absolute-form of another scheme",
                line("GET https://real.example/ HTTP/1.1")),
        refused("H12", "absolute-form without a name", line("GET http:///x HTTP/1.1"), kInvalid),
        refused("H13", "absolute-form without Host", "GET http://real.example/ HTTP/1.1\r\n\r\n",
                Reason::NoHost),
        refused("H14", "user information in the target",
                line("GET http://fake.example@real.example/ HTTP/1.1"), kInvalid),
        refused("H15", "user information in Host", host("fake.example@real.example"), kInvalid),
        works("H16", "port", host("real.example:80")),
        refused("H17", "empty port", host("real.example:"), kInvalid),
        refused("H18", "port that is no number", host("real.example:http"), kInvalid),
        refused("H18", "port with a sign", host("real.example:+80"), kInvalid),
        refused("H18", "port with a leading zero", host("real.example:080"), kInvalid),
        refused("H18", "port zero", host("real.example:0"), kInvalid),
        refused("H18", "port above 65535", host("real.example:65616"), kInvalid),
        refused("H18", "two ports", host("real.example:80:80"), kInvalid),
        works("H19", "trailing dot", host("real.example.")),
        refused("H19", "two trailing dots", host("real.example.."), kInvalid),
        works("H20", "upper case", host("REAL.EXAMPLE")),
        refused("H21", "path in Host", host("real.example/.fake.example"), kInvalid),
        refused("H22", "NUL in Host", host("real.example" + kNul + ".fake.example")),
        refused("H23", "space in Host", host("real.example fake.example"), kInvalid),
        refused("H31", "no host", get(""), Reason::NoHost),
        refused("H32", "empty host", host(""), Reason::NoHost),
        refused("H32", "host of spaces", host("   "), Reason::NoHost),
        refused("H47", "IPv6 literal", host("[2001:db8::1]"), Reason::IpLiteral),
        refused("H47", "IPv6 literal with a port", host("[2001:db8::1]:80"), Reason::IpLiteral),
        refused("H47", "IPv6 literal without brackets", host("2001:db8::1"), Reason::IpLiteral),
        refused("H47", "IPv6 literal that never closes", host("[2001:db8::1"), Reason::IpLiteral),
        refused("H47", "a name behind an IPv6 literal", host("[::1]real.example"), kInvalid),
        refused("H48", "decimal IPv4 address", host("3221225985"), Reason::IpLiteral),
        refused("H48", "IPv4 address with a port", host("192.0.2.1:80"), Reason::IpLiteral),
        refused("H49", "escaped dot", host("real%2eexample"), kInvalid),
        refused("H50", "octets above 127",
                host("r\xc3\xa9"
                     "al.example"),
                kInvalid),
        works("9110", "two user agents", with("User-Agent: a\r\nUser-Agent: b\r\n")),
    };
}

std::vector<HttpRecipe> lines() {
    constexpr Reason kVersion = Reason::HttpVersion, kMethod = Reason::MethodUnknown;
    return {
        refused("H24", "lines that end in LF", "GET / HTTP/1.1\nHost: real.example\n\n"),
        refused("H24", "one line that ends in LF", kGet + "Host: real.example\n\r\n"),
        refused("H24", "last line that ends in LF", kGet + kReal + "\n"),
        refused("H25", "bare CR hides a second host",
                get("X-A: 1\rHost: fake.example\r\n" + kReal)),
        refused("H26", "bare LF hides a second host",
                get("X-A: 1\nHost: fake.example\r\n" + kReal)),
        works("H27", "one empty line ahead", "\r\n" + kRequest),
        refused("H27", "a bare LF ahead", "\n" + kRequest),
        refused("H28", "two empty lines ahead", "\r\n\r\n" + kRequest),
        refused("H29", "HTTP/1.0 without a host", "GET / HTTP/1.0\r\n\r\n", Reason::NoHost),
        works("H29", "HTTP/1.0 with a host", line("GET / HTTP/1.0")),
        refused("H30", "HTTP/0.9", "GET /\r\n\r\n", kVersion),
        refused("H30", "HTTP/0.9 with a host", line("GET /"), kVersion),
        refused("H33", "two spaces before the target", line("GET  / HTTP/1.1")),
        refused("H33", "two spaces behind the target", line("GET /  HTTP/1.1")),
        refused("H33", "space ahead", line(" GET / HTTP/1.1")),
        refused("H33", "space at the end", line("GET / HTTP/1.1 ")),
        refused("H33", "space in the target", line("GET /a b HTTP/1.1")),
        refused("H33", "no target", line("GET HTTP/1.1"), kVersion),
        refused("H34", "tabs", line("GET\t/\tHTTP/1.1")),
        refused("H34", "tab in the target", line("GET /a\tb HTTP/1.1")),
        refused("H35", "unknown method", line("FOO / HTTP/1.1"), kMethod),
        refused("H35", "a method that is no token", line("G(ET / HTTP/1.1")),
        refused("H36", "method in lower case", line("get / HTTP/1.1"), kMethod),
        refused("H37", "HTTP/1.2", line("GET / HTTP/1.2"), kVersion),
        refused("H37", "HTTP/1.10", line("GET / HTTP/1.10"), kVersion),
        refused("H37", "version in lower case", line("GET / http/1.1")),
        refused("H37", "another protocol", line("GET / ICY/1.1")),
        refused("H38", "HTTP/2.0 as text", line("GET / HTTP/2.0"), kVersion),
        refused("H39", "preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", kVersion),
        refused("H40", "CONNECT to another", "CONNECT fake.example:443 HTTP/1.1\r\n" + kReal + kEnd,
                Reason::UpgradeDenied),
        refused("H40", "CONNECT to the same",
                "CONNECT real.example:80 HTTP/1.1\r\nHost: real.example:80\r\n\r\n",
                Reason::UpgradeDenied),
        works("H41", "OPTIONS *", line("OPTIONS * HTTP/1.1")),
        refused("H41", "GET *", line("GET * HTTP/1.1")),
        refused("H41", "a target without a slash", line("GET index.html HTTP/1.1")),
        refused("H42", "line without a colon", with("nothing\r\n")),
        refused("H42", "Host without a colon", get("Host real.example\r\n" + kReal)),
        refused("H43", "empty name", get(": 1\r\n" + kReal)),
        refused("H43", "empty name hides what follows", get(kReal + ":\r\n" + kOther),
                Reason::HttpAmbiguous),
        refused("H44", "NUL behind the name", get("Host" + kNul + ": real.example\r\n")),
        refused("H44", "NUL in another field", with("X-A: " + kNul + "\r\n")),
        refused("H45", "16 KiB before Host", get("X-A: " + string(16384, 'a') + "\r\n" + kReal),
                Reason::RequestHeadTooLarge),
        works("H45", "15 KiB before Host", get("X-A: " + string(15360, 'a') + "\r\n" + kReal)),
        refused("H46", "200 fields before Host", get(fields(200) + kReal),
                Reason::RequestHeadTooLarge),
        refused("H46", "100 fields before Host", get(fields(100) + kReal),
                Reason::RequestHeadTooLarge),
        works("H46", "99 fields before Host", get(fields(99) + kReal)),
        refused("H51", "fragment in the target",
                line("GET http://real.example#@fake.example/ HTTP/1.1")),
        refused("H51", "fragment in a path", line("GET /a#b HTTP/1.1")),
        refused("H52", "backslash in the target",
                line("GET http://real.example\\@fake.example/ HTTP/1.1")),
        works("H52", "backslash in a path", line("GET /a\\b HTTP/1.1")),
        refused("H56", "vertical tab", get("Host:\vreal.example\r\n")),
        refused("H56", "form feed in the request line", line("GET /\f HTTP/1.1")),
        refused("H57", "byte order mark", "\xef\xbb\xbf" + kRequest),
        refused("H58", "CR CR LF", kGet + "Host: real.example\r\r\n\r\n"),
        refused("H58", "CR CR LF at the end", kGet + kReal + "\r\r\n"),
        undecided("9112", "a head that stops in the name", kGet + "Host: real.exam"),
        undecided("9112", "a head that stops before its end", kGet + kReal + "\r"),
        undecided("9112", "a request line that stops", "GET / HT"),
    };
}

std::vector<HttpRecipe> framing() {
    constexpr Reason kUpgrade = Reason::UpgradeDenied;
    const string length = "Content-Length: 5\r\n", chunked = "Transfer-Encoding: chunked\r\n";
    const string chunks = "5\r\nhello\r\n0\r\n\r\n";
    return {
        works("H54", "a length", post(length, "hello")),
        works("H54", "chunks", post(chunked, chunks)),
        works("H54", "chunks, spelt otherwise", post("transfer-encoding:CHUNKED\r\n", chunks)),
        refused("H54", "length and chunks", post(length + chunked, chunks)),
        refused("H54", "chunks and length", post(chunked + length, chunks)),
        refused("H54", "two lengths", post(length + "Content-Length: 6\r\n", "hello!")),
        refused("H54", "two equal lengths", post(length + length, "hello")),
        refused("H54", "two lengths in a line", post("Content-Length: 5, 5\r\n", "hello")),
        refused("H54", "empty length", post("Content-Length:\r\n", "")),
        refused("H54", "length with a sign", post("Content-Length: +5\r\n", "hello")),
        refused("H54", "negative length", post("Content-Length: -5\r\n", "hello")),
        refused("H54", "length in hexadecimal", post("Content-Length: 0x5\r\n", "hello")),
        refused("H54", "length with a space inside", post("Content-Length: 5 5\r\n", "hello")),
        refused("H54", "length of 20 digits",
                post("Content-Length: 00000000000000000005\r\n", "hello")),
        refused("H54", "length above 2^63",
                post("Content-Length: 9223372036854775808\r\n", "hello")),
        refused("H54", "tab before the length", post("Content-Length:\t5\r\n", "hello")),
        refused("H54", "length with '_'", post("Content_Length: 5\r\n", "hello")),
        refused("H54", "coding with '_'", post("Transfer_Encoding: chunked\r\n", chunks)),
        refused("H55", "unknown coding", post("Transfer-Encoding: cow\r\n", chunks)),
        refused("H55", "identity", post("Transfer-Encoding: identity\r\n", "")),
        refused("H55", "two codings", post("Transfer-Encoding: gzip, chunked\r\n", chunks)),
        refused("H55", "chunked twice", post(chunked + chunked, chunks)),
        refused("H55", "chunked in quotes", post("Transfer-Encoding: \"chunked\"\r\n", chunks)),
        refused("H55", "tab before chunked", post("Transfer-Encoding:\tchunked\r\n", chunks)),
        refused("H55", "parameter", post("Transfer-Encoding: chunked;q=1\r\n", chunks)),
        refused("H55", "vertical tab before chunked",
                post("Transfer-Encoding: \vchunked\r\n", chunks)),
        refused("H55", "chunks in HTTP/1.0",
                "POST / HTTP/1.0\r\n" + kReal + chunked + kEnd + chunks),
        refused("9110", "Connection lists Host", with("Connection: close, Host\r\n")),
        refused("9110", "Connection lists the length",
                post("Connection: content-length\r\n" + length, "hello")),
        refused("9110", "Connection lists the coding",
                post("Connection: Transfer-Encoding\r\n" + chunked, chunks)),
        refused("9110", "Connection lists what is no token", with("Connection: close;host\r\n")),
        works("9110", "Connection with several elements", with("Connection: keep-alive ,TE\r\n")),
        works("9110", "Connection without elements", with("Connection:\r\n")),
        refused("9110", "empty element hides what follows", with("Connection: , keep-alive\r\n")),
        works("9110", "Expect", post("Expect: 100-Continue\r\n" + length, "hello")),
        refused("9110", "another expectation", post("Expect: 200-ok\r\n" + length, "hello")),
        works("P02", "websocket", with("Connection: Upgrade\r\nUpgrade: websocket\r\n")),
        works("P02", "websocket, and then octets of any protocol",
              with("Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n") + kOtherRequest),
        refused("P02", "h2c",
                with("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                     "HTTP2-Settings: AAMAAABkAAQAAP__\r\n"),
                kUpgrade),
        refused("P02", "settings of HTTP/2 alone", with("HTTP2-Settings: AAMAAABk\r\n"), kUpgrade),
        refused("P02", "websocket or h2c",
                with("Connection: Upgrade\r\nUpgrade: websocket, h2c\r\n"), kUpgrade),
        refused("P02", "websocket and h2c",
                with("Connection: Upgrade\r\nUpgrade: websocket\r\nUpgrade: h2c\r\n"), kUpgrade),
        refused("P02", "websocket twice",
                with("Connection: Upgrade\r\nUpgrade: websocket\r\nUpgrade: websocket\r\n"),
                kUpgrade),
        refused("P02", "websocket that Connection does not list", with("Upgrade: websocket\r\n")),
        refused("P02", "an upgrade to nothing", with("Connection: upgrade\r\n")),
        refused("P02", "websocket in HTTP/1.0",
                "GET / HTTP/1.0\r\n" + kReal + "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"),
        refused("P02", "websocket with a body",
                with("Connection: Upgrade\r\nUpgrade: websocket\r\n" + length) + "hello"),
        refused("P02", "websocket by POST",
                post("Connection: Upgrade\r\nUpgrade: websocket\r\n", "")),
    };
}

std::vector<HttpRecipe> sequences() {
    const string length = "Content-Length: " + std::to_string(kOtherRequest.size()) + "\r\n";
    const string chunked = "Transfer-Encoding: chunked\r\n";
    const string by_length = post(length, kOtherRequest);
    const string by_chunks = post(chunked, chunk(kOtherRequest) + "0\r\n\r\n");
    const auto body = [&](const string& octets) { return post(chunked, octets) + kOtherRequest; };
    std::vector<HttpRecipe> all{
        {"H53", "the other name in a pipelined request", kRequest + kOtherRequest, "AD", "D"},
        {"H53", "the same name in a pipelined request", kRequest + kRequest, "AA", "D"},
        {"H53", "the other name first", kOtherRequest + kRequest, "D", "AD"},
        {"H53", "a pipelined request that is ambiguous", kRequest + "GET  / HTTP/1.1\r\n\r\n", "AD",
         "D", Reason::HttpAmbiguous},
        {"P01", "the other name behind an empty line", kRequest + "\r\n" + kOtherRequest, "AD",
         "D"},
        {"P03", "the other name behind a body", by_length + kOtherRequest, "AD", "D"},
        {"P04", "a head in a body with a length", by_length, "A", "D"},
        {"P04", "a head in a body with a length, and another request", by_length + kRequest, "AA",
         "D"},
        {"P04", "a head in a chunk", by_chunks, "A", "D"},
        {"P04", "a head in a chunk, and another request", by_chunks + kRequest, "AA", "D"},
        {"P04", "a head in a chunk, and the other name", by_chunks + kOtherRequest, "AD", "D"},
        {"P04", "a head in an extension of a chunk", body("5;GET / HTTP/1.1\r\nhello\r\n0\r\n\r\n"),
         "AD", "D"},
        {"P04", "trailers", body("0\r\nX-Sum: 1\r\n\r\n"), "AD", "D"},
    };
    // The head is allowed and the body turns bad: what follows is never read as a request.
    const std::vector<std::pair<string, string>> bad_bodies{
        {"Host in a trailer", "0\r\n" + kOther + "\r\n"},
        {"length in a trailer", "0\r\nContent-Length: 5\r\n\r\n"},
        {"folded trailer", "0\r\nX-A: 1\r\n b\r\n\r\n"},
        {"chunk that is longer than it says", "4\r\nhello\r\n0\r\n\r\n"},
        {"chunk size that ends in LF", "5\nhello\r\n0\r\n\r\n"},
        {"bare LF in an extension", "5;\nhello\r\n0\r\n\r\n"},
        {"chunk that ends in LF", "5\r\nhello\n0\r\n\r\n"},
        {"chunk size with a prefix", "0x5\r\nhello\r\n0\r\n\r\n"},
        {"chunk size of 2^64", "10000000000000000\r\nhello\r\n0\r\n\r\n"},
        {"space before the chunk size", " 5\r\nhello\r\n0\r\n\r\n"},
    };
    for (const auto& [description, octets] : bad_bodies)
        all.push_back({"P04", description, body(octets), "B", "D"});
    return all;
}

}  // namespace

std::vector<HttpRecipe> http_recipes() {
    std::vector<HttpRecipe> all;
    for (const auto& part : {hosts(), lines(), framing(), sequences()})
        all.insert(all.end(), part.begin(), part.end());
    return all;
}

}  // namespace sallyport::test

// SPDX-License-Identifier: Apache-2.0
// A client and its servers talk HTTP through a relay, in any way that the input says. Whatever they
// do: servers only ever see requests for allowed names, and everything the gate held goes back.
// What servers saw is read by http-parser, which knows nothing of the gate's own parsers.
#include <http_parser.h>

#include <array>
#include <cstdio>
#include <string>

#include "tests/support/relay_world.h"

namespace {

using sallyport::test::RelayWorld;
using sallyport::test::TcpHost;

constexpr std::array kRequests{
    "GET / HTTP/1.1\r\nHost: allowed.example\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: denied.example\r\n\r\n",
    "GET /w HTTP/1.1\r\nHost: a.wild.example\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: allowed.example\r\nContent-Length: 5\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: allowed.example\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HEAD / HTTP/1.1\r\nHost: allowed.example\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: allowed.example\r\nConnection: close\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: allowed.example\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
    "GET / HTTP/1.0\r\nHost: allowed.example\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: reset.example\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: dropped.example\r\n\r\n",
    "hello",
    "5\r\nhello\r\n",
    "0\r\n\r\n",
    "0\r\nX: y\r\n\r\n",
    "\r\n",
};
constexpr std::array kResponses{
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.1 204 No Content\r\n\r\n",
    "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
    "HTTP/1.1 200 OK\r\n\r\nuntil the end",
    "HTTP/1.0 200 OK\r\nConnection: close\r\n\r\n",
    "HTTP/1.1 413 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    "3\r\nabc\r\n",
    "0\r\n\r\n",
    "garbage\r\n\r\n",
};

class Input {
   public:
    Input(const std::uint8_t* data, std::size_t size) : at_(data), end_(data + size) {}
    int waits_left = 8;  // an input shall not take long
    bool empty() const { return at_ == end_; }
    std::uint8_t octet() { return empty() ? std::uint8_t{0} : *at_++; }
    std::string take(std::size_t n) {
        std::string out;
        for (; n > 0 && !empty(); --n) out.push_back(static_cast<char>(octet()));
        return out;
    }

   private:
    const std::uint8_t *at_, *end_;
};

// A whole piece, or the front of one.
template <std::size_t N>
std::string piece(const std::array<const char*, N>& from, Input& input, std::uint8_t which) {
    std::string text = from[which % N];
    if (which >= 0x30) text.resize(input.octet() % (text.size() + 1));
    return text;
}

void step(RelayWorld& world, Input& input) {
    const std::uint8_t what = input.octet();
    if (what < 0x40) return world.client_says(piece(kRequests, input, what));
    if (what < 0x80) {
        if (world.server().is_open()) world.server_says(piece(kResponses, input, what & 0x3f));
        return;
    }
    if (what < 0xa0) return world.client_says(input.take(what & 0x1f));
    if (what < 0xc0)
        return world.server().is_open() ? world.server_says(input.take(what & 0x1f)) : void();
    switch (what & 7) {
        case 0: world.client().close(); break;
        case 1: world.server().close(); break;
        case 2: world.client().reset(); break;
        case 3: world.server().reset(); break;
        case 4: world.client().reading = !world.client().reading; break;
        case 5: world.server().reading = !world.server().reading; break;
        default:
            if (input.waits_left-- <= 0) return;
            return world.wait(std::chrono::milliseconds(1 << (what >> 3 & 15) % 13));
    }
    world.settle();
}

struct Seen {
    std::string field, value;
    bool in_value = false;
    bool host_allowed = true;

    void end_of_field() {
        if (field == "Host" && value != "allowed.example" && value != "a.wild.example")
            host_allowed = false;
        field.clear();
        value.clear();
    }
};

int on_field(http_parser* parser, const char* at, std::size_t n) {
    Seen& seen = *static_cast<Seen*>(parser->data);
    if (seen.in_value) seen.end_of_field();
    seen.in_value = false;
    seen.field.append(at, n);
    return 0;
}
int on_value(http_parser* parser, const char* at, std::size_t n) {
    Seen& seen = *static_cast<Seen*>(parser->data);
    seen.in_value = true;
    seen.value.append(at, n);
    return 0;
}
int on_headers(http_parser* parser) {
    static_cast<Seen*>(parser->data)->end_of_field();
    return 0;
}

// Up to an upgrade everything that a server heard is requests for allowed names.
void judge(const std::string& heard) {
    Seen seen;
    http_parser parser;
    http_parser_init(&parser, HTTP_REQUEST);
    parser.data = &seen;
    http_parser_settings settings;
    http_parser_settings_init(&settings);
    settings.on_header_field = on_field;
    settings.on_header_value = on_value;
    settings.on_headers_complete = on_headers;
    const std::size_t read = http_parser_execute(&parser, &settings, heard.data(), heard.size());
    SP_CHECK(seen.host_allowed);
    const auto error = static_cast<http_errno>(parser.http_errno);
    const bool whole = read == heard.size() || parser.upgrade != 0;
    if (!whole || error != HPE_OK)
        std::fprintf(stderr, "%s\n%s\n", http_errno_name(error), heard.c_str());
    SP_CHECK(whole && error == HPE_OK);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 256) return 0;
    sallyport::test::WorldOptions options;
    options.gate.sessions = 16;
    options.gate.relay_bytes = 256 * 1024;
    RelayWorld world(options);
    for (Input input(data, size); !input.empty();) step(world, input);
    for (std::size_t i = 0; i < world.legs(); ++i) judge(world.server(i).heard());
    world.client().reset();
    world.settle();
    const auto problems = world.finish(std::chrono::minutes(5));
    for (const std::string& problem : problems) std::fprintf(stderr, "%s\n", problem.c_str());
    SP_CHECK(problems.empty());
    return 0;
}

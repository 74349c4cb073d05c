// SPDX-License-Identifier: Apache-2.0
// A stream of HTTP/1.x requests. The first octet of the input says in what pieces the stream comes;
// the rest is the stream. What is accepted must be read alike by http-parser.
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "tests/support/http_oracle.h"
#include "tests/support/http_reader.h"

namespace {

using namespace sallyport;
using namespace sallyport::dp;
using namespace sallyport::dp::inspect;
using namespace sallyport::test;

std::vector<ReadMessage> read_in_pieces(std::string_view stream, std::size_t size) {
    HttpReader reader;
    while (!stream.empty()) {
        const std::size_t n = std::min(size, stream.size());
        reader.feed(bytes_of(stream.substr(0, n)));
        stream.remove_prefix(n);
    }
    return reader.messages();
}

// A parser that is given anything at all stays within it, and accepts only whole heads.
void check_parser_alone(std::string_view stream) {
    const std::vector<std::uint8_t> exact(stream.begin(), stream.end());
    RequestHead head;
    if (parse_request_head(exact, head) != Reason::None) return;
    HeadScanner scanner;
    std::uint32_t used = 0;
    SP_CHECK(scanner.feed(exact, used) == HeadStatus::FirstLine);
    SP_CHECK(scanner.feed(std::span(exact).subspan(used), used) == HeadStatus::Done);
    SP_CHECK(scanner.size() == exact.size());
}

void check_accepted(const ReadMessage& m) {
    HostName again;
    SP_CHECK(m.line_reason == Reason::None);
    SP_CHECK(!m.host.empty() && normalise(bytes_of(m.host), again) == HostNameError::None);
    SP_CHECK(again.view() == m.host);
    SP_CHECK(!m.websocket || m.method == "GET");
}

void compare(const ReadMessage& m, std::string_view stream) {
    if (!known_difference(m, stream.substr(0, m.head_size)).empty()) return;
    HttpOracle oracle(HTTP_REQUEST, false);
    const bool is_bad = m.body == BodyStatus::Bad;
    oracle.read(is_bad ? stream.substr(0, m.head_size) : stream);
    const std::string point = is_bad ? "" : disagreement(m, oracle);
    if (!point.empty()) std::fprintf(stderr, "http-parser differs: %s\n", point.c_str());
    SP_CHECK(point.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const std::string_view stream(reinterpret_cast<const char*>(data + 1), size - 1);
    const auto whole = read_in_pieces(stream, stream.size());
    SP_CHECK(read_in_pieces(stream, 1) == whole);
    SP_CHECK(read_in_pieces(stream, 1 + data[0] % 64U) == whole);
    check_parser_alone(stream);

    std::string_view rest = stream;
    for (const ReadMessage& m : whole) {
        if (!m.is_accepted()) break;
        check_accepted(m);
        compare(m, rest);
        rest.remove_prefix(m.head_size + m.body_taken);
    }
    return 0;
}

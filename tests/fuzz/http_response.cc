// SPDX-License-Identifier: Apache-2.0
// A stream of HTTP/1.x responses. The first octet of the input says what was asked and in what
// pieces the stream comes; the rest is the stream. What is accepted must be read alike by
// http-parser.
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

std::vector<ReadMessage> read_in_pieces(std::string_view stream, std::size_t size,
                                        const RequestFacts& request) {
    HttpReader reader(HeadKind::Response, request);
    while (!stream.empty()) {
        const std::size_t n = std::min(size, stream.size());
        reader.feed(bytes_of(stream.substr(0, n)));
        stream.remove_prefix(n);
    }
    return reader.messages();
}

// A parser that is given anything at all stays within it, and accepts only whole heads.
void check_parser_alone(std::string_view stream, const RequestFacts& request) {
    const std::vector<std::uint8_t> exact(stream.begin(), stream.end());
    ResponseHead head;
    const Reason reason = parse_response_head(exact, request, head);
    SP_CHECK(reason == Reason::None || reason == Reason::UpstreamProtocol);
    if (reason != Reason::None) return;
    HeadScanner scanner(HeadKind::Response);
    std::uint32_t used = 0;
    SP_CHECK(scanner.feed(exact, used) == HeadStatus::FirstLine);
    SP_CHECK(scanner.feed(std::span(exact).subspan(used), used) == HeadStatus::Done);
    SP_CHECK(scanner.size() == exact.size());
}

void check_accepted(const ReadMessage& m, const RequestFacts& request) {
    SP_CHECK(m.status >= 100 && m.status <= 599);
    SP_CHECK(m.is_interim == (m.status < 200 && m.status != 101));
    SP_CHECK(m.status != 101 || request.websocket);
    SP_CHECK(!request.is_head || m.framing.kind == BodyKind::None);
    SP_CHECK(m.framing.kind != BodyKind::UntilClose || !m.keep_alive);
}

void compare(const ReadMessage& m, std::string_view stream) {
    if (m.body == BodyStatus::Bad) return;
    if (!known_difference(m, stream.substr(0, m.head_size)).empty()) return;
    HttpOracle oracle(HTTP_RESPONSE, m.framing.kind == BodyKind::None);
    oracle.read(stream);
    const std::string point = disagreement(m, oracle);
    if (!point.empty()) std::fprintf(stderr, "http-parser differs: %s\n", point.c_str());
    SP_CHECK(point.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const RequestFacts request{.is_head = (data[0] & 1) != 0, .websocket = (data[0] & 2) != 0};
    const std::string_view stream(reinterpret_cast<const char*>(data + 1), size - 1);
    const auto whole = read_in_pieces(stream, stream.size(), request);
    SP_CHECK(read_in_pieces(stream, 1, request) == whole);
    SP_CHECK(read_in_pieces(stream, 1 + (data[0] >> 2), request) == whole);
    check_parser_alone(stream, request);

    std::string_view rest = stream;
    for (const ReadMessage& m : whole) {
        if (!m.is_accepted()) break;
        check_accepted(m, request);
        compare(m, rest);
        rest.remove_prefix(m.head_size + m.body_taken);
    }
    return 0;
}

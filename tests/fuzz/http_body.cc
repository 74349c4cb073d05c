// SPDX-License-Identifier: Apache-2.0
// A chunked body or one with a length. The first octet of the input says which, the second in what
// pieces it comes; the rest is the body and what follows it. http-parser must find the same end.
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "dataplane/inspect/http_body.h"
#include "tests/support/http_oracle.h"
#include "tests/support/http_reader.h"

namespace {

using namespace sallyport;
using namespace sallyport::dp::inspect;
using namespace sallyport::test;

struct Framed {
    BodyStatus status = BodyStatus::More;
    std::uint64_t taken = 0, octets = 0;
    std::uint32_t withheld = 0;
    friend bool operator==(const Framed&, const Framed&) = default;
};

Framed frame(std::string_view stream, const BodyFraming& framing, std::size_t piece) {
    BodyFramer framer;
    framer.start(framing);
    Framed out{framer.status(), 0, 0, 0};
    while (out.status == BodyStatus::More && !stream.empty()) {
        const std::string_view next = stream.substr(0, piece);
        const std::vector<std::uint8_t> exact(next.begin(), next.end());
        const std::uint64_t released = out.taken - out.withheld;
        std::uint32_t used = 0;
        out.status = framer.feed(exact, used);
        SP_CHECK(out.status == framer.status());
        SP_CHECK(used == exact.size() || out.status != BodyStatus::More);
        out.taken += used;
        out.octets = framer.octets();
        out.withheld = framer.withheld();
        SP_CHECK(out.withheld <= out.taken && out.withheld <= kChunkLineMax + kTrailersMax);
        SP_CHECK(out.taken - out.withheld >= released);
        stream.remove_prefix(used);
    }
    SP_CHECK(out.octets <= out.taken);
    SP_CHECK(out.status != BodyStatus::Done || out.withheld == 0);
    return out;
}

// Trailers are fields: http-parser reads them as those of a head.
void compare(const Framed& f, std::string_view stream, const BodyFraming& framing) {
    const std::string length = "Content-Length: " + std::to_string(framing.length);
    const bool is_chunked = framing.kind == BodyKind::Chunked;
    const std::string head = "POST / HTTP/1.1\r\nHost: a.b\r\n" +
                             (is_chunked ? "Transfer-Encoding: chunked" : length) + "\r\n\r\n";
    HttpOracle oracle(HTTP_REQUEST, false);
    oracle.read(head + std::string(stream.substr(0, f.taken)));
    if (!oracle.is_good()) std::fprintf(stderr, "http-parser refuses: %s\n", oracle.error().data());
    SP_CHECK(oracle.is_good() && oracle.has_head);
    SP_CHECK(oracle.is_complete == (f.status == BodyStatus::Done));
    SP_CHECK(!oracle.is_complete || oracle.size == head.size() + f.taken);
    SP_CHECK(oracle.body_octets == f.octets);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    BodyFraming framing{BodyKind::Chunked, 0};
    if (data[0] % 4 == 3) framing = {BodyKind::Length, data[0] / 4U};
    const std::string_view stream(reinterpret_cast<const char*>(data + 2), size - 2);
    const Framed whole = frame(stream, framing, stream.size() + 1);
    SP_CHECK(frame(stream, framing, 1) == whole);
    SP_CHECK(frame(stream, framing, 1 + data[1] % 128U) == whole);
    // Of a body that turned bad, too, http-parser takes what was taken here.
    compare(whole, stream, framing);
    return 0;
}

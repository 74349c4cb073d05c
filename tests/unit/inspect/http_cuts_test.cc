// SPDX-License-Identifier: Apache-2.0
// However a stream of messages is cut, the same is read, and the same octets may be sent on.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tcpstack/base/rng.h"
#include "tests/support/http_reader.h"
#include "tests/unit/inspect/http_recipes.h"

namespace sallyport::dp::inspect {
namespace {

using namespace test;
using Messages = std::vector<ReadMessage>;

Messages read_in_pieces(std::string_view stream, std::size_t size, HttpReader reader) {
    while (!stream.empty()) {
        const std::size_t n = std::min(size, stream.size());
        reader.feed(bytes_of(stream.substr(0, n)));
        stream.remove_prefix(n);
    }
    return reader.messages();
}

Messages read_cut(std::string_view stream, std::size_t cut, HttpReader reader) {
    reader.feed(bytes_of(stream.substr(0, cut)));
    reader.feed(bytes_of(stream.substr(cut)));
    return reader.messages();
}

// Every position, but for long streams, whose octets in the middle are all alike.
void expect_same_however_cut(std::string_view stream, const HttpReader& fresh,
                             const std::string& title) {
    const Messages whole = read_whole(stream, fresh);
    for (const std::size_t size : {1U, 2U, 3U, 7U})
        ASSERT_EQ(read_in_pieces(stream, size, fresh), whole) << title << " in " << size;
    const std::size_t step = stream.size() > 4096 ? 97 : 1;
    for (std::size_t cut = 1; cut < stream.size(); cut += step)
        ASSERT_EQ(read_cut(stream, cut, fresh), whole) << title << " at " << cut;
}

TEST(HttpCuts, EveryRecipeIsReadTheSame) {
    for (const HttpRecipe& recipe : http_recipes())
        expect_same_however_cut(recipe.stream, HttpReader(), recipe.id + " " + recipe.description);
}

// Nothing is decided by a part that the whole does not say.
TEST(HttpCuts, NoPrefixIsJudgedOtherwise) {
    for (const HttpRecipe& recipe : http_recipes()) {
        const Messages whole = read_whole(recipe.stream);
        const std::size_t step = 1 + recipe.stream.size() / 2000;
        for (std::size_t length = 0; length < recipe.stream.size(); length += step) {
            const Messages part = read_whole(std::string_view(recipe.stream).substr(0, length));
            ASSERT_LE(part.size(), whole.size());
            for (std::size_t i = 0; i < part.size(); ++i) {
                ASSERT_LE(part[i].released(), whole[i].released()) << recipe.description;
                if (part[i].head == HeadStatus::NeedMore) continue;
                ASSERT_EQ(part[i].head, whole[i].head) << recipe.description;
                ASSERT_EQ(part[i].reason, whole[i].reason) << recipe.description;
                ASSERT_EQ(part[i].framing, whole[i].framing) << recipe.description;
            }
        }
    }
}

const std::string kChunkedHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

const std::vector<std::string> kResponses{
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 304 Not Modified\r\n"
    "Content-Length: 7\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.0 200 OK\r\n\r\neverything up to the end\r\n\r\n0\r\n\r\n",
    kChunkedHead + "5\r\nhello\r\n00a;a=\"b\"\r\n0123456789\r\n0\r\n\r\n",
    kChunkedHead + "5  ;x\r\nhello\r\n0;y\r\nX-Sum: 1\r\nX-Other:\r\n\r\nHTTP/1.1 200\r\n\r\n",
    kChunkedHead + "5\r\nhello\r\n0\r\nSet-Cookie: a=b\r\n\r\n",
    kChunkedHead + "5\r\nhello\r\n0\r\nX-A: 1\r\n\tb\r\n\r\n",
    kChunkedHead + "5\r\nhello!\r\n",
    kChunkedHead + "5\r\nhello\r\nz",
    kChunkedHead + "0\r\nX-Long: " + std::string(kTrailersMax, 'a') + "\r\n\r\n",
    kChunkedHead + "5;" + std::string(kChunkLineMax, 'a') + "\r\nhello\r\n0\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x81",
    "HTTP/1.1 200 OK\r\nX-A: 1\r\n folded\r\n\r\n",
    "\r\nHTTP/1.1 200 OK\r\n\r\n",
};

TEST(HttpCuts, EveryResponseIsReadTheSame) {
    const HttpReader fresh(HeadKind::Response, {.is_head = false, .websocket = true});
    for (const std::string& response : kResponses)
        expect_same_however_cut(response, fresh, response.substr(0, 100));
}

// Damaged streams, in pieces of any size.
TEST(HttpCuts, DamagedStreamsAreReadTheSame) {
    constexpr std::uint64_t kSeed = 21;
    Rng rng(kSeed);
    const std::vector<HttpRecipe> recipes = http_recipes();
    int refused = 0;
    for (int round = 0; round < 3000; ++round) {
        const auto pick = rng.below(static_cast<std::uint32_t>(recipes.size()));
        std::string stream = recipes[pick].stream;
        if (stream.size() > 4096) continue;
        for (std::uint32_t changes = rng.below(3); changes-- > 0;)
            stream[rng.below(static_cast<std::uint32_t>(stream.size()))] ^=
                static_cast<char>(1U << rng.below(8));
        const Messages whole = read_whole(stream);
        refused += !whole.back().is_accepted();
        const Messages parts = read_in_pieces(stream, 1 + rng.below(40), HttpReader());
        ASSERT_EQ(parts, whole) << "seed " << kSeed << " round " << round;
    }
    EXPECT_GT(refused, 1000) << "the damage must reach what is checked";
}

// Whatever may be sent on is a whole number of lines and of content octets: withheld are exactly
// the octets of what is not complete.
TEST(HttpCuts, WithheldOctetsAreThoseOfTheIncompleteLine) {
    const std::string body = "3;x\r\nabc\r\n0\r\nX-A: 1\r\n\r\n";
    const std::vector<std::uint32_t> expected{1, 2, 3, 4, 0, 0, 0, 0,  1,  0,  1, 2,
                                              3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0};
    ASSERT_EQ(body.size(), expected.size());
    BodyFramer framer;
    framer.start({BodyKind::Chunked, 0});
    for (std::size_t at = 0; at < body.size(); ++at) {
        std::uint32_t used = 0;
        framer.feed(bytes_of(body).subspan(at, 1), used);
        EXPECT_EQ(used, 1U);
        EXPECT_EQ(framer.withheld(), expected[at]) << at;
    }
    EXPECT_EQ(framer.status(), BodyStatus::Done);
    EXPECT_EQ(framer.octets(), 3U);
}

}  // namespace
}  // namespace sallyport::dp::inspect

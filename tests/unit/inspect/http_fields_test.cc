// SPDX-License-Identifier: Apache-2.0
#include "dataplane/inspect/http_fields.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dataplane/inspect/http_field_name.h"
#include "dataplane/inspect/http_framing.h"

namespace sallyport::dp::inspect {
namespace {

struct Walked {
    std::vector<Field> fields;
    bool is_complete = false;
};

Walked walk(std::string_view section) {
    FieldWalk lines(section);
    Walked out;
    Field field;
    while (lines.next(field)) out.fields.push_back(field);
    out.is_complete = lines.is_complete();
    return out;
}
bool is_valid(const std::string& line) {
    const std::string section = line + "\r\n\r\n";
    return walk(section).fields.at(0).is_valid;
}

TEST(HttpFields, AreReadOneByOne) {
    const Walked w = walk("Host: a.b \r\nX-Empty:\r\nX-A:\tb  c\r\n\r\n");
    ASSERT_EQ(w.fields.size(), 3U);
    EXPECT_TRUE(w.is_complete);
    EXPECT_EQ(w.fields[0].name, "Host");
    EXPECT_EQ(w.fields[0].value, "a.b");
    EXPECT_FALSE(w.fields[0].has_tabs_around);
    EXPECT_EQ(w.fields[1].value, "");
    EXPECT_EQ(w.fields[2].value, "b  c");
    EXPECT_TRUE(w.fields[2].has_tabs_around);
}

TEST(HttpFields, ATabInsideAValueIsNotAroundIt) {
    const Walked w = walk("X-A: b\tc\r\nX-B: c\t \r\n\r\n");
    EXPECT_FALSE(w.fields.at(0).has_tabs_around);
    EXPECT_TRUE(w.fields.at(1).has_tabs_around);
}

TEST(HttpFields, EndWithTheEmptyLine) {
    EXPECT_TRUE(walk("\r\n").is_complete);
    EXPECT_FALSE(walk("").is_complete);
    EXPECT_FALSE(walk("a: b\r\n").is_complete);
    EXPECT_FALSE(walk("a: b\r\n\r\nc").is_complete);
    EXPECT_FALSE(walk("a: b\r\n\r").is_complete);
    EXPECT_FALSE(walk("a: b\r\n\n").is_complete);
}

TEST(HttpFields, ALineThatIsNoneIsPassedOver) {
    const Walked w = walk("a: b\r\nnothing\r\nc: d\r\n\r\n");
    ASSERT_EQ(w.fields.size(), 3U);
    EXPECT_FALSE(w.fields[1].is_valid);
    EXPECT_EQ(w.fields[1].name, "");
    EXPECT_TRUE(w.fields[2].is_valid);
}

TEST(HttpFields, NamesAreTokens) {
    EXPECT_TRUE(is_valid("!#$%&'*+-.^_`|~09azAZ: 1"));
    for (int octet = 0; octet < 256; ++octet) {
        const char c = static_cast<char>(octet);
        if (c == '\n' || c == ':') continue;
        const std::string_view separators = "\"(),/;<=>?@[\\]{}";
        const bool may_stand =
            octet > 0x20 && octet < 0x7f && separators.find(c) == std::string_view::npos;
        EXPECT_EQ(is_valid(std::string("a") + c + "b: 1"), may_stand) << octet;
    }
}

TEST(HttpFieldName, IsKnownInAnyCase) {
    EXPECT_EQ(identify("hOST"), FieldName::Host);
    EXPECT_EQ(identify("Content-Length"), FieldName::ContentLength);
    EXPECT_EQ(identify("TRANSFER-ENCODING"), FieldName::TransferEncoding);
    EXPECT_EQ(identify("x-request-id"), FieldName::RequestId);
    EXPECT_EQ(identify(""), FieldName::Other);
    EXPECT_EQ(identify("Hos"), FieldName::Other);
    EXPECT_EQ(identify("Host-"), FieldName::Other);
    EXPECT_EQ(identify(std::string(300, 'h')), FieldName::Other);
}

// Servers that hand fields on as environment variables read '_' for all of these.
TEST(HttpFieldName, KnowsWhatLooksLikeAFramingName) {
    for (const std::string name : {"Content_Length", "content.length", "Transfer_Encoding",
                                   "transfer~encoding", "HTTP2_Settings"})
        EXPECT_EQ(identify(name), FieldName::LookAlike) << name;
    EXPECT_EQ(identify("User_Agent"), FieldName::Other);
    EXPECT_EQ(identify("X_Request_Id"), FieldName::Other);
}

TEST(HttpFieldName, OfATrailerIsReadOctetByOctet) {
    const auto may_be = [](std::string_view text) {
        FoldedName name;
        for (const char c : text) name.add(c);
        return may_be_trailer(name);
    };
    EXPECT_FALSE(may_be("Proxy-Authorization"));
    EXPECT_FALSE(may_be("te"));
    EXPECT_TRUE(may_be("Proxy-Authorization-2"));
    EXPECT_TRUE(may_be("ETag"));
}

TEST(HttpFraming, NotesLengthOnce) {
    HeadFraming f;
    EXPECT_TRUE(f.note(FieldName::ContentLength, "0012"));
    EXPECT_EQ(f.length(), 12U);
    EXPECT_FALSE(f.note(FieldName::ContentLength, "0012"));
    for (const std::string value : {"", " ", "a", "1a", "-1", "1 1", "9223372036854775808",
                                    "9999999999999999999", "18446744073709551616"})
        EXPECT_FALSE(HeadFraming().note(FieldName::ContentLength, value)) << value;
}

TEST(HttpFraming, TellsLengthOrChunks) {
    HeadFraming none, chunked, both;
    BodyFraming out;
    EXPECT_TRUE(none.body(1, out));
    EXPECT_EQ(out, BodyFraming{});
    EXPECT_TRUE(chunked.note(FieldName::TransferEncoding, "CHUNKED"));
    EXPECT_TRUE(chunked.body(1, out));
    EXPECT_EQ(out.kind, BodyKind::Chunked);
    EXPECT_FALSE(chunked.body(0, out));
    both.note(FieldName::TransferEncoding, "chunked");
    both.note(FieldName::ContentLength, "0");
    EXPECT_FALSE(both.body(1, out));
    EXPECT_EQ(out, BodyFraming{});
}

TEST(HttpFraming, ReadsTheListOfConnection) {
    HeadFraming f;
    EXPECT_TRUE(f.note(FieldName::Connection, " TE\t, Upgrade "));
    EXPECT_TRUE(f.lists_upgrade());
    EXPECT_FALSE(f.lists_no_token());
    EXPECT_TRUE(f.is_persistent(1));
    EXPECT_FALSE(f.is_persistent(0));
    EXPECT_TRUE(f.note(FieldName::Connection, ""));
    EXPECT_FALSE(f.lists_no_token());
    for (const std::string list : {"a b", ",a", "a,,b", "a, ,b", "\"a\""}) {
        HeadFraming odd;
        EXPECT_TRUE(odd.note(FieldName::Connection, list)) << list;
        EXPECT_TRUE(odd.lists_no_token()) << list;
    }
    EXPECT_FALSE(f.note(FieldName::Connection, "hOst, close"));
    EXPECT_FALSE(f.is_persistent(1));
    EXPECT_FALSE(f.note(FieldName::Connection, "content_length"));
}

}  // namespace
}  // namespace sallyport::dp::inspect

// SPDX-License-Identifier: Apache-2.0
#include "dataplane/access_record.h"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::dp {
namespace {

TEST(ShortText, IsCutToWhatFits) {
    ShortText<4> text;
    EXPECT_EQ(text.view(), "");
    text.set("abc");
    EXPECT_EQ(text.view(), "abc");
    text.set("abcdef");
    EXPECT_EQ(text.view(), "abcd");
}

TEST(ShortText, CopyTakesTheTextAndNothingBeyond) {
    ShortText<8> from, to;
    from.set("longlong");
    from.set("new");
    to.set("xxxxxxxx");
    to = from;
    EXPECT_EQ(to.view(), "new");
    EXPECT_EQ(std::string(to.octets.data(), to.octets.size()), "newxxxxx");
    const ShortText<8> copy(to);
    EXPECT_EQ(copy.view(), "new");
}

TEST(ShortText, CopyOfItselfChangesNothing) {
    ShortText<8> text;
    text.set("same");
    const ShortText<8>& alias = text;
    text = alias;
    EXPECT_EQ(text.view(), "same");
}

AccessRecord record_of(std::string_view name, std::string_view path) {
    AccessRecord r;
    r.set_name(name);
    r.http.emplace();
    r.http->path.set(path);
    r.http->code = 403;
    return r;
}

TEST(AccessRecord, CopyOverALongerOneHasNothingOfIt) {
    AccessRecord to = record_of(std::string(kNameMax, 'n'), std::string(512, 'p'));
    const AccessRecord from = record_of("a.example", "/");
    to = from;
    EXPECT_EQ(to.name(), "a.example");
    ASSERT_TRUE(to.http);
    EXPECT_EQ(to.http->path.view(), "/");
    EXPECT_EQ(to.http->user_agent.view(), "");
    EXPECT_EQ(to.http->code, 403);
}

TEST(AccessRecord, CopyOfASessionForgetsTheRequest) {
    AccessRecord to = record_of("a.example", "/");
    AccessRecord session;
    session.session_id = 7;
    session.set_name(std::string(kNameMax, 'n'));
    to = session;
    EXPECT_EQ(to.session_id, 7U);
    EXPECT_EQ(to.name(), std::string(kNameMax, 'n'));
    EXPECT_FALSE(to.http);
}

}  // namespace
}  // namespace sallyport::dp

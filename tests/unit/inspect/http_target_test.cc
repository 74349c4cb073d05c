// SPDX-License-Identifier: Apache-2.0
#include "dataplane/inspect/http_target.h"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::dp::inspect {
namespace {

Authority authority_of(std::string_view text) {
    Authority out;
    EXPECT_EQ(parse_authority(text, out), Reason::None) << text;
    return out;
}
Reason refusal(std::string_view text) {
    Authority out;
    const Reason reason = parse_authority(text, out);
    EXPECT_TRUE(out.host.view().empty()) << text;
    return reason;
}
Reason target_reason(std::string_view text) {
    Target out;
    return parse_target(text, out);
}

TEST(HttpAuthority, IsANameAndMaybeAPort) {
    EXPECT_EQ(authority_of("Real.Example.").host.view(), "real.example");
    EXPECT_EQ(authority_of("real.example").port, 0);
    EXPECT_EQ(authority_of("real.example:1").port, 1);
    EXPECT_EQ(authority_of("real.example.:65535").port, 65535);
}

TEST(HttpAuthority, RefusesOtherPorts) {
    for (const std::string text :
         {"a.b:", "a.b:0", "a.b:01", "a.b:65536", "a.b:99999", "a.b:100000", "a.b:4294967376",
          "a.b:-1", "a.b:+1", "a.b:8o", "a.b: 80", "a.b:80 ", "x.y:80:80", ":80", ":", ""})
        EXPECT_EQ(refusal(text), Reason::HostInvalid) << text;
}

TEST(HttpAuthority, KnowsAddresses) {
    for (const std::string text : {"192.0.2.1", "192.0.2.1:80", "0x7f.1", "2130706433:80", "[::1]",
                                   "[::1]:80", "::1", "[fe80::1%25eth0]:80", "[::1"})
        EXPECT_EQ(refusal(text), Reason::IpLiteral) << text;
    for (const std::string text :
         {"[::1]a", "[::1]a:80", "[a.b]", "[a.b]:80", "[]", "a.b]", "[::1]:"})
        EXPECT_EQ(refusal(text), Reason::HostInvalid) << text;
}

TEST(HttpAuthority, NoPortMeansEighty) {
    EXPECT_TRUE(is_same(authority_of("a.b"), authority_of("A.b.:80")));
    EXPECT_FALSE(is_same(authority_of("a.b"), authority_of("a.b:81")));
    EXPECT_FALSE(is_same(authority_of("a.b"), authority_of("a.c")));
}

TEST(HttpTarget, KnowsItsForms) {
    Target out;
    EXPECT_EQ(parse_target("/", out), Reason::None);
    EXPECT_EQ(out.form, TargetForm::Origin);
    EXPECT_EQ(parse_target("*", out), Reason::None);
    EXPECT_EQ(out.form, TargetForm::Asterisk);
    for (const std::string text :
         {"http://a.b:8080", "HTTP://a.b:8080/x", "http://a.b:8080?x=/@"}) {
        EXPECT_EQ(parse_target(text, out), Reason::None) << text;
        EXPECT_EQ(out.form, TargetForm::Absolute);
        EXPECT_EQ(out.authority.host.view(), "a.b");
        EXPECT_EQ(out.authority.port, 8080);
    }
}

TEST(HttpTarget, RefusesOtherForms) {
    for (const std::string text :
         {"", "a", "a.b:443", "**", "*/", "http:/a.b/", "http:a.b", "https://a.b/", "ftp://a.b/",
          "http//a.b/", "?x", "\\", "h", "http:\\\\a.b\\", "http://a.b/\\"})
        EXPECT_EQ(target_reason(text), Reason::HttpAmbiguous) << text;
    for (const std::string text : {"http://", "http:///x", "http://a.b:/", "http://c@a.b/",
                                   "http://a.b:80@c/", "http://?a.b", "http://a%2eb/"})
        EXPECT_EQ(target_reason(text), Reason::HostInvalid) << text;
    EXPECT_EQ(target_reason("http://192.0.2.1/"), Reason::IpLiteral);
}

TEST(HttpTarget, HoldsNoControlSpaceOrFragment) {
    for (int octet = 0; octet < 256; ++octet) {
        const char c = static_cast<char>(octet);
        const bool is_refused = octet <= 0x20 || octet == 0x7f || c == '#';
        EXPECT_EQ(target_reason(std::string("/a") + c),
                  is_refused ? Reason::HttpAmbiguous : Reason::None)
            << octet;
    }
}

}  // namespace
}  // namespace sallyport::dp::inspect

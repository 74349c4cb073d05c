// SPDX-License-Identifier: Apache-2.0
#include "config/host_name.h"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::cfg {
namespace {

HostError error_of(std::string_view text) {
    const auto parsed = parse_host(text);
    EXPECT_FALSE(parsed) << text;
    return parsed ? HostError::Empty : parsed.error();
}

TEST(HostName, IsLowerCaseWithoutTrailingDot) {
    const auto parsed = parse_host("Edition.CNN.com.");
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->name, "edition.cnn.com");
    EXPECT_FALSE(parsed->wildcard);
}

TEST(HostName, TakesAWildcardAsTheWholeFirstLabel) {
    const auto parsed = parse_host("*.Example.com");
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->name, "example.com");
    EXPECT_TRUE(parsed->wildcard);
    for (const auto* text : {"*", "*.*.com", "a.*", "a*.com", "*a.com", "**.com"})
        EXPECT_EQ(error_of(text), HostError::BadWildcard) << text;
    EXPECT_EQ(error_of("*."), HostError::BadWildcard);
}

TEST(HostName, TakesUnderscoresAndALabels) {
    EXPECT_TRUE(parse_host("_sip.example"));
    EXPECT_TRUE(parse_host("xn--bcher-kva.example"));
    EXPECT_TRUE(parse_host("localhost"));
    EXPECT_TRUE(parse_host("3com.example"));
}

TEST(HostName, ConvertsLettersBeyondAsciiToALabels) {
    EXPECT_EQ(parse_host("b\u00fccher.example")->name, "xn--bcher-kva.example");
    EXPECT_EQ(parse_host("*.B\u00dcCHER.Example.")->name, "xn--bcher-kva.example");
    EXPECT_EQ(parse_host("fa\u00df.example")->name, "xn--fa-hia.example");
    EXPECT_EQ(parse_host("bu\u0308cher.example")->name, "xn--bcher-kva.example");
    EXPECT_EQ(parse_host("a\u3002example")->name, "a.example");
}

TEST(HostName, JudgesWhatLettersBeyondAsciiBecome) {
    EXPECT_EQ(error_of("\uff11\uff12\uff17.0.0.1"), HostError::IpLiteral);
    EXPECT_EQ(error_of("a.example\uff0fx"), HostError::NotAName);
    EXPECT_EQ(error_of("\u2603.example"), HostError::BadIdn);
    EXPECT_EQ(error_of("\xff.example"), HostError::BadIdn);
    EXPECT_EQ(error_of(std::string(400, 'a') + "\u00fc"), HostError::BadIdn);
    EXPECT_EQ(error_of(std::string(2000, 'a') + "\u00fc"), HostError::TooLong);
}

TEST(HostName, IsNormalisedWithoutAllocation) {
    HostBuffer buffer;
    const auto host = normalise_host("*.Example.COM.", buffer).value();
    EXPECT_EQ(host.name, "example.com");
    EXPECT_TRUE(host.wildcard);
    EXPECT_EQ(host.name.data(), buffer.data());
}

TEST(HostName, RefusesAddressesInAnyForm) {
    for (const auto* text : {"192.0.2.1", "127.1", "2130706433", "0x7f.1", "0x7f000001", "::1",
                             "[::1]", "a.1", "0x", "*.1"})
        EXPECT_EQ(error_of(text), HostError::IpLiteral) << text;
}

TEST(HostName, RefusesWhatIsMoreThanAName) {
    for (const auto* text : {"https://a.example", "a.example:443", "a.example/x", "u@a.example"})
        EXPECT_EQ(error_of(text), HostError::NotAName) << text;
}

TEST(HostName, RefusesBadLabels) {
    for (const auto* text : {"a..b", ".a", "-a.b", "a-.b", "a b.c", "a..", "a\tb"})
        EXPECT_EQ(error_of(text), HostError::BadLabel) << text;
    EXPECT_EQ(error_of(""), HostError::Empty);
}

TEST(HostName, HasAtMost63OctetsALabelAnd253InAll) {
    const std::string label(63, 'a');
    EXPECT_TRUE(parse_host(label + ".example"));
    EXPECT_EQ(error_of(label + "a.example"), HostError::TooLong);
    const std::string longest = label + '.' + label + '.' + label + '.' + std::string(61, 'b');
    ASSERT_EQ(longest.size(), 253U);
    EXPECT_TRUE(parse_host(longest));
    EXPECT_TRUE(parse_host(longest + '.'));
    EXPECT_EQ(error_of(longest + 'b'), HostError::TooLong);
}

}  // namespace
}  // namespace sallyport::cfg

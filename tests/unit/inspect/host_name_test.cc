// SPDX-License-Identifier: Apache-2.0
#include "dataplane/inspect/host_name.h"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::dp::inspect {
namespace {

struct Row {
    std::string description;
    std::string raw;
    HostNameError error;
    std::string normal;
};

std::string repeated(std::string_view piece, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out += piece;
    return out;
}

const std::string kLabel63(63, 'a');
const std::string kName253 = repeated(kLabel63 + ".", 3) + std::string(61, 'b');

const Row kRows[] = {
    {"a plain name", "edition.cnn.com", HostNameError::None, "edition.cnn.com"},
    {"upper case is folded", "EdiTION.CNN.com", HostNameError::None, "edition.cnn.com"},
    {"one trailing dot is stripped", "cnn.com.", HostNameError::None, "cnn.com"},
    {"two trailing dots leave an empty label", "cnn.com..", HostNameError::Invalid, ""},
    {"a single label", "localhost", HostNameError::None, "localhost"},
    {"digits and hyphens inside", "r3---sn-4g5e.3com.net", HostNameError::None,
     "r3---sn-4g5e.3com.net"},
    {"an underscore", "_dmarc.a_b.net", HostNameError::None, "_dmarc.a_b.net"},
    {"an A-label", "xn--bcher-kva.example", HostNameError::None, "xn--bcher-kva.example"},
    {"a label of 63", kLabel63 + ".net", HostNameError::None, kLabel63 + ".net"},
    {"a label of 64", kLabel63 + "a.net", HostNameError::Invalid, ""},
    {"253 octets", kName253, HostNameError::None, kName253},
    {"253 octets and a trailing dot", kName253 + ".", HostNameError::None, kName253},
    {"254 octets", kName253 + "b", HostNameError::Invalid, ""},
    {"nothing", "", HostNameError::Invalid, ""},
    {"a dot alone", ".", HostNameError::Invalid, ""},
    {"an empty first label", ".cnn.com", HostNameError::Invalid, ""},
    {"an empty label inside", "cnn..com", HostNameError::Invalid, ""},
    {"a label that begins with a hyphen", "-a.com", HostNameError::Invalid, ""},
    {"a label that ends with a hyphen", "a-.com", HostNameError::Invalid, ""},
    {"a trailing space", "cnn.com ", HostNameError::Invalid, ""},
    {"UTF-8",
     "b\xc3\xbc"
     "cher.example",
     HostNameError::Invalid, ""},
    {"a NUL inside", std::string("cnn.com\0.evil.net", 17), HostNameError::Invalid, ""},
    {"a wildcard", "*.cnn.com", HostNameError::Invalid, ""},
    {"a port behind the name", "cnn.com:443", HostNameError::Invalid, ""},
    {"a port behind a name of hexadecimal digits", "dead.beef:443", HostNameError::Invalid, ""},
    {"a slash", "cnn.com/", HostNameError::Invalid, ""},
    {"userinfo", "a@cnn.com", HostNameError::Invalid, ""},
    {"a dotted quad", "192.0.2.1", HostNameError::IpLiteral, ""},
    {"a dotted quad with a trailing dot", "192.0.2.1.", HostNameError::IpLiteral, ""},
    {"a short IPv4 form", "127.1", HostNameError::IpLiteral, ""},
    {"IPv4 as one decimal number", "2130706433", HostNameError::IpLiteral, ""},
    {"IPv4 as one hexadecimal number", "0X7F000001", HostNameError::IpLiteral, ""},
    {"octal and hexadecimal parts", "0177.0x0.0.01", HostNameError::IpLiteral, ""},
    {"a bare 0x counts as a number", "127.0x", HostNameError::IpLiteral, ""},
    {"numbers out of range are no name either", "256.1.1.1", HostNameError::IpLiteral, ""},
    {"five numbers", "1.2.3.4.5", HostNameError::IpLiteral, ""},
    {"a last label that is a number", "host.1", HostNameError::Invalid, ""},
    {"a number that is not last", "1.host", HostNameError::None, "1.host"},
    {"hexadecimal letters without 0x", "192.0.2.ff", HostNameError::None, "192.0.2.ff"},
    {"0x with other letters", "a.0xyz", HostNameError::None, "a.0xyz"},
    {"IPv6", "2001:db8::1", HostNameError::IpLiteral, ""},
    {"IPv6 unspecified", "::", HostNameError::IpLiteral, ""},
    {"IPv6 in brackets", "[2001:DB8::1]", HostNameError::IpLiteral, ""},
    {"IPv6 with a zone", "fe80::1%eth0", HostNameError::IpLiteral, ""},
    {"IPv4-mapped IPv6", "::ffff:192.0.2.1", HostNameError::IpLiteral, ""},
    {"two colons and other letters", "a:b:zz", HostNameError::Invalid, ""},
};

TEST(HostName, IsFoldedOrRefused) {
    for (const Row& row : kRows) {
        HostName name;
        const std::span raw(reinterpret_cast<const std::uint8_t*>(row.raw.data()), row.raw.size());
        EXPECT_EQ(normalise(raw, name), row.error) << row.description;
        EXPECT_EQ(name.view(), row.normal) << row.description;
    }
}

// RFC 5890 section 2.3.1, RFC 1123: of all octets only these stand in a name.
TEST(HostName, HoldsLettersDigitsHyphenAndUnderscoreOnly) {
    for (unsigned octet = 0; octet < 256; ++octet) {
        const std::uint8_t raw[] = {'a', static_cast<std::uint8_t>(octet), 'z'};
        const bool letter = (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z');
        const bool digit = octet >= '0' && octet <= '9';
        const bool good = letter || digit || octet == '-' || octet == '_' || octet == '.';
        HostName name;
        EXPECT_EQ(normalise(raw, name) == HostNameError::None, good) << octet;
    }
}

TEST(HostName, IsTheSameWhenNormalisedTwice) {
    for (const Row& row : kRows) {
        if (row.error != HostNameError::None) continue;
        HostName again;
        const std::span raw(reinterpret_cast<const std::uint8_t*>(row.normal.data()),
                            row.normal.size());
        EXPECT_EQ(normalise(raw, again), HostNameError::None) << row.description;
        EXPECT_EQ(again.view(), row.normal) << row.description;
    }
}

}  // namespace
}  // namespace sallyport::dp::inspect

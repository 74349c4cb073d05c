// SPDX-License-Identifier: Apache-2.0
// Where the rules are silent; what they find is in bad/.
#include "config/validate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/config/support.h"

namespace sallyport::cfg::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> codes(const std::string& text) {
    return codes_of(load_text(text, "x.yaml").findings);
}

std::string ports(std::string_view inside, std::string_view outside) {
    return "apiVersion: sallyport/v1\nports:\n  inside: {device: net_null0, " +
           std::string(inside) + "}\n  outside: {device: net_null1, " + std::string(outside) +
           "}\negress: [{name: public, addresses: [203.0.113.7]}]\n";
}

TEST(Validate, AcceptsAnEgressAddressThatIsThePortsOwn) {
    std::string text(kMinimal);
    text.replace(text.find("203.0.113.7"), 11, "203.0.113.2");
    EXPECT_THAT(codes(text), IsEmpty());
}

TEST(Validate, AcceptsAnEgressAddressThatIsRoutedToTheGate) {
    std::string text(kMinimal);
    text.replace(text.find("203.0.113.7"), 11, "198.51.100.0");
    EXPECT_THAT(codes(text), IsEmpty());
}

TEST(Validate, AcceptsANextHopInAFurtherNetwork) {
    EXPECT_THAT(codes(ports("addresses: [10.10.0.1/24]",
                            "addresses: [203.0.113.2/32], networks: [198.51.100.0/24], "
                            "next_hop: [198.51.100.1]")),
                IsEmpty());
}

TEST(Validate, AcceptsBothFamilies) {
    std::string text = ports("addresses: [10.10.0.1/24, 'fd00:10::1/64'], mtu: 1280",
                             "addresses: [203.0.113.2/24, '2001:db8::2/64'], "
                             "next_hop: ['fe80::1', 203.0.113.1]");
    EXPECT_THAT(codes(text), ElementsAre("SP2110")) << "no IPv6 way out";
    text.replace(text.find("203.0.113.7"), 11, "203.0.113.7, '2001:db8::7'");
    EXPECT_THAT(codes(text), IsEmpty());
}

TEST(Validate, AcceptsClientsOfOneFamilyAndServersOfTheOther) {
    EXPECT_THAT(codes(ports("addresses: ['fd00:10::1/64']",
                            "addresses: [203.0.113.2/24], next_hop: [203.0.113.1]")),
                ElementsAre("SP2110"));
}

TEST(Validate, AcceptsTwoProtocolsOnOnePort) {
    EXPECT_THAT(codes(std::string(kMinimal) +
                      "policy:\n  rules:\n"
                      "    - {name: a, hosts: [a.example], protocols: [tls/443, http/443]}\n"
                      "    - {name: b, hosts: [b.example], protocols: [http/443, http/80]}\n"),
                IsEmpty());
}

TEST(Validate, AcceptsPointToPointAddresses) {
    EXPECT_THAT(codes(ports("addresses: [10.10.0.0/31]", "addresses: [203.0.113.2/32]")),
                IsEmpty());
}

TEST(Validate, AcceptsAnInsideRouteAroundAnOutsideNetwork) {
    EXPECT_THAT(codes(ports("addresses: [10.10.0.1/24], routes: [{to: 10.0.0.0/8, via: 10.10.0.2}]",
                            "addresses: [10.99.0.2/24]")),
                IsEmpty());
}

TEST(Validate, SaysNothingAboutNeighboursOfABadAddress) {
    EXPECT_THAT(codes(ports("addresses: [10.10.0.1/24]",
                            "addresses: [203.0.113.2], next_hop: [203.0.113.1]")),
                ElementsAre("SP1402"));
}

TEST(Validate, SaysNothingAboutTheEgressOfARuleWhenTheSetsAreBad) {
    std::string text(kMinimal);
    text.replace(text.find("name: public"), 12, "name: p blic");
    EXPECT_THAT(codes(text + "policy: {rules: [{name: x, hosts: [a.example], "
                             "protocols: [tls/443], egress: public}]}\n"),
                ElementsAre("SP1404"));
}

TEST(Validate, AcceptsOneCpuForEachWorker) {
    EXPECT_THAT(codes(with("workers: {count: 2, cpus: [3, 1]}\n")), IsEmpty());
}

TEST(Validate, ComparesSourcesWithRoutes) {
    const std::string rule =
        "policy: {rules: [{name: x, hosts: [a.example], protocols: [tls/443], "
        "sources: [10.20.3.0/24]}]}\n";
    EXPECT_THAT(codes(with(rule)), ElementsAre("SP2103"));
    EXPECT_THAT(
        codes(ports("addresses: [10.10.0.1/24], routes: [{to: 10.20.0.0/16, via: 10.10.0.2}]",
                    "addresses: [203.0.113.2/24]") +
              rule),
        IsEmpty());
}

}  // namespace
}  // namespace sallyport::cfg::test
